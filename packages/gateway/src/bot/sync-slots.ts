/** At most so many bots sync at once: each sync reads thousands of members, and more at once make every one slower. */
export const SYNCS_AT_ONCE_MAX = 4

export interface SyncSlots {
  /** Runs `sync` when a slot is free. */
  take<T>(sync: () => Promise<T>): Promise<T>
}

export function createSyncSlots(atOnce = SYNCS_AT_ONCE_MAX): SyncSlots {
  let free = atOnce
  const waiting: (() => void)[] = []
  return {
    async take(sync) {
      if (free > 0) free--
      else await new Promise<void>(resolve => waiting.push(resolve))
      try {
        return await sync()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else free++
      }
    },
  }
}
