import { type Clock, elapsed, systemClock } from '../clock.ts'

/** Which callbacks were handled, by their webhook-id. Redis, or a table with a unique id, serve several processes. */
export interface SeenStore {
  /**
   * `claimed`: it is the caller's to handle, until it says `done` or `release`, or `claimMs` are over (its process may have
   * died). `busy`: somebody else is at it. `done`: it was handled. To look and to claim has to be one step.
   */
  claim(webhookId: string, claimMs: number): Claim | Promise<Claim>
  done(webhookId: string): void | Promise<void>
  release(webhookId: string): void | Promise<void>
}

export type Claim = 'claimed' | 'busy' | 'done'

const IDS_MAX = 10_000

/** Remembers the last 10,000 in this process. After a restart, and beyond them, a callback may be handled twice. */
export function seenInMemory({
  idsMax = IDS_MAX,
  clock = systemClock,
}: {
  readonly idsMax?: number
  readonly clock?: Clock
} = {}): SeenStore {
  /** Until when it is claimed; infinity when it was handled. */
  const ids = new Map<string, number>()
  const keep = (webhookId: string, until: number) => {
    // Last in the order of the map, which is the order of forgetting.
    ids.delete(webhookId)
    ids.set(webhookId, until)
    if (ids.size > idsMax) ids.delete(ids.keys().next().value!)
  }
  return {
    claim(webhookId, claimMs) {
      const until = ids.get(webhookId) ?? Number.NEGATIVE_INFINITY
      if (until === Number.POSITIVE_INFINITY) return 'done'
      if (until > elapsed(clock)) return 'busy'
      keep(webhookId, elapsed(clock) + claimMs)
      return 'claimed'
    },
    done: webhookId => keep(webhookId, Number.POSITIVE_INFINITY),
    release: webhookId => void ids.delete(webhookId),
  }
}
