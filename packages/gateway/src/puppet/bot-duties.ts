/**
 * What is to be done for a bot: syncs and hints, one after another, and what has just happened beside a sync that only catches
 * up, once that has noted what it will compare with. They are queued while the bot is present, that is from a login to the end of
 * the connection or the account; then whatever waits is dropped and what is under way is called off, because the next login reads
 * everything anyway.
 *
 * Now and then an online bot is reconciled, whatever it has heard: an event that was lost is found that way. Each bot
 * keeps a time of its own, so that a thousand of them do not come at once.
 *
 * A puppet that has not shown everything yet is looked at again when whoever synced it said so, and sooner when it says that it
 * is ready, or when something contradicts what it listed; never twice within a second.
 *
 * A sync that fails is tried again, 1 s later, then 2, 4 … 30 s, until it succeeds or the bot leaves. A hint that
 * fails is not: it and all the others give way to one sync.
 */
import type { RoomWxid } from '@qunhub/wire'
import { SECOND_MS, sleep } from '../system/clock.ts'
import { createEventQueue, type EventQueue, TaskDropped } from './event-queue.ts'
import type { HostedBot, HostingDeps } from './hosted-bot.ts'
import { LaterLooks, type WhyLater } from './later-looks.ts'
import type { BotHint } from './puppet-events.ts'
import { PuppetUnavailable } from './puppet-failures.ts'
import type { ComesTo } from './sync-turns.ts'

/** A room that is found in one of these is told otherwise than one that an event tells of, so no event goes before it. */
const NOT_OVERTAKEN = ['login', 'returned']
/** For what is found in these nobody waits; for an operator's sync somebody does, whatever it finds. */
const ALWAYS_KNOWN = ['periodic']
/** Between two looks at a puppet that is in a hurry to be looked at. */
const LOOKS_APART_MIN_MS = SECOND_MS
const SYNC_RETRY_MIN_MS = SECOND_MS
const SYNC_RETRY_MAX_MS = 30 * SECOND_MS

type Work = (signal: AbortSignal) => Promise<void>

export class BotDuties {
  readonly #bot: HostedBot
  readonly #deps: HostingDeps
  readonly #queue: EventQueue
  #presence = new AbortController()
  /** A sync that has not begun to read yet will see whatever would be a reason for another one. */
  readonly #waiting = new Set<'sync' | 'look'>()
  #keepTurn = async (_what?: ComesTo) => {}
  #nextLook: { readonly at: number; readonly callOff: () => void } | null = null
  #lookedAt = -Infinity
  readonly #laterLooks: LaterLooks

  constructor(bot: HostedBot, deps: HostingDeps) {
    this.#bot = bot
    this.#deps = deps
    this.#queue = createEventQueue(
      hint => this.#follow(hint),
      () => this.queueResync('queue-overflow'),
      deps.log,
    )
    this.#laterLooks = new LaterLooks(deps.clock, (roomWxid, why) =>
      this.hint({ kind: 'room-changed', roomWxid, why }),
    )
    this.#presence.abort()
  }

  /** The bot is present: what is queued from now on is worked on until the returned signal aborts. */
  enter(): AbortSignal {
    this.leave()
    this.#presence = new AbortController()
    const { signal } = this.#presence
    this.#reconcileNowAndThen(signal).catch(failure => this.#complain(failure, 'no reconcile any more'))
    return signal
  }

  leave(): void {
    this.#presence.abort()
    this.#queue.clear()
    this.#waiting.clear()
    this.#laterLooks.forget()
    this.#callOffLook()
    this.#lookedAt = -Infinity
  }

  hint(hint: BotHint): void {
    this.#queue.hint(hint)
  }

  /** A room is looked at again in a while. */
  lookLater(roomWxid: RoomWxid, why: WhyLater = 'late'): void {
    this.#laterLooks.add(roomWxid, why, this.#presence.signal)
  }

  /** A sync has shown that there may be more to see in a while. */
  lookAgain(withinMs: number): void {
    if (this.#presence.signal.aborted) return
    this.#lookedAt = this.#deps.clock.now()
    this.#scheduleLook(this.#lookedAt + withinMs)
  }

  /** What is to be looked at anyway is looked at now. */
  hurryLook(): void {
    const soonest = Math.max(this.#deps.clock.now(), this.#lookedAt + LOOKS_APART_MIN_MS)
    if (this.#nextLook && this.#nextLook.at > soonest) this.#scheduleLook(soonest)
  }

  #scheduleLook(at: number): void {
    const { clock } = this.#deps
    this.#callOffLook()
    const callOff = clock.after(at - clock.now(), () => {
      this.#nextLook = null
      this.queueResync('look-again')
    })
    this.#nextLook = { at, callOff }
  }

  #callOffLook(): void {
    this.#nextLook?.callOff()
    this.#nextLook = null
  }

  hasHintOf(roomWxid: RoomWxid): boolean {
    return this.#queue.hasHintOf(roomWxid)
  }

  /** The sync under way has come on. */
  async keepTurn(what?: ComesTo): Promise<void> {
    await this.#keepTurn(what)
  }

  /** Queues a resync: what happened while nobody listened is found. */
  queueResync(reason: string): void {
    const { handlers } = this.#deps
    this.queueSync(
      reason,
      signal => handlers.onResync(this.#bot, reason, signal),
      async signal => handlers.beforeResync?.(this.#bot, reason, signal),
    )
  }

  /** Queues a sync, named `what` in the log, unless one waits already. Once it is `prepared`, events are followed beside it. */
  queueSync(what: string, work: Work, prepare: Work = async () => {}): void {
    // A look reads what no look before it has seen, so it stands in for no sync.
    const kind = what === 'look-again' ? 'look' : 'sync'
    if (this.#waiting.has('sync') || this.#waiting.has(kind)) return
    this.#waiting.add(kind)
    const { signal } = this.#presence
    let waitsNoMore = () => {
      if (!signal.aborted) this.#waiting.delete(kind)
      waitsNoMore = () => {}
    }
    let isPreparing = false
    const prepareOnce = async () => {
      if (!isPreparing) return
      await prepare(signal)
      isPreparing = false
      this.#queue.reconsider()
    }
    const untilDone = async () => {
      isPreparing = true
      const begin = () => {
        waitsNoMore()
        return work(signal)
      }
      await this.#untilDone(what, prepareOnce, begin, signal)
    }
    const isOvertaken = () => !isPreparing && !NOT_OVERTAKEN.includes(what) && this.#isOvertaken(signal)
    this.#queue.run(untilDone, isOvertaken).catch(failure => {
      waitsNoMore()
      if (!(failure instanceof TaskDropped)) this.#complain(failure, `the sync (${what}) was given up`)
    })
  }

  /** The operator's sync: once, in its turn. Rejects with what `run` throws, or with PuppetUnavailable. */
  async sync(run: Work): Promise<void> {
    const { signal } = this.#presence
    try {
      const isOvertaken = () => this.#isOvertaken(signal)
      await this.#queue.run(() => this.#inTurn(signal, run, 'news'), isOvertaken)
    } catch (failure) {
      if (failure instanceof TaskDropped)
        throw new PuppetUnavailable('the sync was not begun', { cause: failure })
      throw failure
    }
  }

  /** Resolves when nothing is under way any more. */
  idle(): Promise<void> {
    return this.#queue.idle()
  }

  /** In a start all that is found is the start's; what is called off is in the way of a login that came since. */
  #isOvertaken(signal: AbortSignal): boolean {
    return !signal.aborted && !this.#bot.isStarting
  }

  async #untilDone(what: string, prepare: Work, work: Work, signal: AbortSignal): Promise<void> {
    for (let waitMs = SYNC_RETRY_MIN_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, SYNC_RETRY_MAX_MS)) {
      try {
        await prepare(signal)
        return await this.#inTurn(signal, work, ALWAYS_KNOWN.includes(what) ? 'known' : undefined)
      } catch (failure) {
        if (signal.aborted) return
        this.#complain(failure, `a sync (${what}) failed; it will be tried again`)
        await sleep(this.#deps.clock, waitMs, signal)
      }
    }
  }

  /** A few bots sync at a time; nothing is done once the bot has left. `always`: what it comes to, whatever it says itself. */
  async #inTurn(signal: AbortSignal, work: Work, always?: ComesTo): Promise<void> {
    const turn = await this.#deps.turns.take(signal, always)
    if (!turn) throw new TaskDropped('the connection was lost meanwhile')
    this.#keepTurn = what => turn.keep(always ?? what)
    try {
      await work(signal)
    } finally {
      turn.giveBack()
      this.#keepTurn = async () => {}
    }
  }

  /** From half to one and a half of the time between two, each time anew: so bots that came together part. */
  async #reconcileNowAndThen(signal: AbortSignal): Promise<void> {
    const { clock, random, reconcileEveryMs } = this.#deps
    if (reconcileEveryMs === 0) return
    for (;;) {
      await sleep(clock, reconcileEveryMs * (0.5 + random.fraction()), signal)
      if (signal.aborted) return
      this.queueResync('periodic')
    }
  }

  async #follow(hint: BotHint): Promise<void> {
    const { signal } = this.#presence
    if (signal.aborted) return
    try {
      await this.#deps.handlers.onHint(this.#bot, hint, signal)
    } catch (failure) {
      if (signal.aborted) return
      this.#complain(failure, 'an event could not be followed; a sync stands in for it and those that wait')
      this.#queue.dropHints()
      this.queueResync('hint-failed')
    }
  }

  #complain(failure: unknown, sentence: string): void {
    const { id, workspaceId } = this.#bot.bot
    this.#deps.log.warn({ bot: id, workspace: workspaceId, err: failure }, sentence)
  }
}
