/**
 * Follows the callbacks of a workspace. It asks for what is behind the last one that it saw, tells each once, asks again at once
 * while there is more, and else a second later. With each answer come the latest before that one, as they are now: so it hears
 * what became of them, and of any whose commit was overtaken.
 *
 * A gateway that is away is asked for again, ever more slowly, for half an hour; then, or when somebody ends it, it is over.
 * It goes on behind the last webhook-id, and where that is gone, from the time of it: what was told already is not told twice.
 */
import type { CallbackRecord, OperatorReply, VerbAsk, VerbOutput } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import { type Clock, MINUTE_MS, SECOND_MS, sleep } from '../../system/clock.ts'

const POLL_MS = SECOND_MS
const AGAIN_MIN_MS = SECOND_MS
const AGAIN_MAX_MS = 30 * SECOND_MS
export const AWAY_MAX_MS = 30 * MINUTE_MS
/** More than any answer tells of again. */
const TOLD_MAX = 10_000

type Ask = VerbAsk<'list-callbacks-after'>
export type Followed = VerbOutput<'list-callbacks-after'>['callbacks'][number]

export type News =
  | { readonly event: 'owed'; readonly callback: Followed }
  /** It was delivered, parked, or is due again. */
  | { readonly event: 'changed'; readonly callback: CallbackRecord }
  | { readonly event: 'lost'; readonly message: string }
  | { readonly event: 'reconnected'; readonly after: string | null }

export interface Following {
  /** Asks the gateway; a text says why it could not be asked. */
  readonly ask: (asked: Ask) => Promise<OperatorReply | string>
  /** The body of one whose commit was overtaken. */
  readonly show: (webhookId: string) => Promise<Followed | undefined>
  /** Waited for before the next one is told. */
  readonly tell: (news: News) => Promise<void> | void
  readonly clock: Clock
  /** Where it begins; without either it tells what comes from now on. */
  readonly begin: Pick<Ask, 'after' | 'from'>
  /** So many are told, and then it is over. */
  readonly count?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** How it came to its end: what was refused, or null. */
export async function followCallbacks(
  following: Following,
): Promise<(OperatorReply & { readonly ok: false }) | { readonly away: string } | null> {
  const { clock, signal, count = Number.POSITIVE_INFINITY } = following
  const states = new LRUCache<string, CallbackRecord['state']>({ max: TOLD_MAX })
  let begin = following.begin
  let last: CallbackRecord | undefined
  let told = 0
  let lostAt: number | undefined
  let again = AGAIN_MIN_MS

  while (!signal?.aborted) {
    const reply = await following.ask(begin)
    if (typeof reply === 'string') {
      if (begin === following.begin && lostAt === undefined) return { away: reply }
      if (lostAt === undefined) await following.tell({ event: 'lost', message: reply })
      lostAt ??= clock.now()
      if (clock.now() - lostAt >= AWAY_MAX_MS) return { away: reply }
      await sleep(clock, again, signal)
      again = Math.min(2 * again, AGAIN_MAX_MS)
      continue
    }
    if (!reply.ok) {
      // Retention took the one that we saw last; those behind it are younger.
      if (reply.refused !== 'callback-unknown' || !last || begin.after === undefined) return reply
      begin = { from: last.owedAt }
      continue
    }
    if (lostAt !== undefined) await following.tell({ event: 'reconnected', after: last?.webhookId ?? null })
    lostAt = undefined
    again = AGAIN_MIN_MS

    const { callbacks, recent, more } = reply.value as VerbOutput<'list-callbacks-after'>
    const isFirst = begin === following.begin
    for (const callback of recent.toReversed()) {
      const before = states.get(callback.webhookId)
      states.set(callback.webhookId, callback.state)
      // What lies before the beginning was not asked for.
      if (isFirst || before === callback.state) continue
      if (before !== undefined) await following.tell({ event: 'changed', callback })
      else if (last && callback.owedAt >= last.owedAt - MINUTE_MS) await tellOvertaken(callback, following)
    }
    for (const callback of callbacks) {
      if (states.has(callback.webhookId)) continue
      if (told++ >= count) return null
      states.set(callback.webhookId, callback.state)
      await following.tell({ event: 'owed', callback })
    }
    last = callbacks.at(-1) ?? last ?? recent[0]
    begin = last ? { after: last.webhookId } : { from: 0 }
    if (told >= count) return null
    if (!more) await sleep(clock, POLL_MS, signal)
  }
  return null
}

async function tellOvertaken({ webhookId }: CallbackRecord, { show, tell }: Following): Promise<void> {
  const callback = await show(webhookId)
  if (callback) await tell({ event: 'owed', callback })
}
