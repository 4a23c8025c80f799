import { type Result, refuse } from '../model/result.ts'
import { SECOND_MS } from '../system/clock.ts'
import type { Added, AddMemberRefusal } from './add-member.ts'

/** Longer than a request is on its way from its arrival to here: the database may keep it for some seconds. */
const ENDED_KEPT_MS = 15 * SECOND_MS
const ENDED_MAX = 10_000

/**
 * Runs `add`, unless the same addition was under way when this one came: then it waits for that one and answers "already a
 * member", or that one's own refusal. So two identical calls at once ask the puppet once (AM-24).
 *
 * `cameAt` is when the request came in, at whichever node: a call that was held up on its way here, by the database, or by
 * the road from another node, is still at once with one that has ended meanwhile. Of a card nothing else would tell.
 */
export type AddOnce = (
  key: string,
  cameAt: number,
  add: () => Promise<Result<Added, AddMemberRefusal>>,
) => Promise<Result<Added, AddMemberRefusal>>

/** `now` only tells what came before what, so it may begin anywhere, and never goes back. */
export function createAddOnce(now: () => number = () => performance.now()): AddOnce {
  const underWay = new Map<string, Promise<Result<Added, AddMemberRefusal>>>()
  // The map keeps the order in which they ended.
  const ended = new Map<string, { readonly at: number; readonly result: Result<Added, AddMemberRefusal> }>()

  const noteEnd = (key: string, result: Result<Added, AddMemberRefusal>): void => {
    const at = now()
    ended.delete(key)
    ended.set(key, { at, result })
    for (const [oldest, { at: endedAt }] of ended) {
      if (ended.size <= ENDED_MAX && endedAt > at - ENDED_KEPT_MS) break
      ended.delete(oldest)
    }
  }

  return async (key, cameAt, add) => {
    const first = underWay.get(key)
    if (first) return asSecond(await first)
    const last = ended.get(key)
    if (last && cameAt < last.at) return asSecond(last.result)
    const work = add()
    underWay.set(key, work)
    try {
      const result = await work
      noteEnd(key, result)
      return result
    } finally {
      underWay.delete(key)
    }
  }
}

const asSecond = (first: Result<Added, AddMemberRefusal>): Result<Added, AddMemberRefusal> =>
  first.ok ? refuse('already-member') : first
