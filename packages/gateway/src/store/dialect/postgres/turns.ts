import { StoreBusy } from '../../store-error.ts'

/**
 * Who may use a connection now: as many at once as there are connections, first come, first served. The pool's own queue
 * would give up on those who wait as if the database were away, when it is only busy.
 */
export class Turns {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(max: number) {
    this.#free = max
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Waits for a turn; rejects with StoreBusy when none comes within `waitMaxMs`. Whoever has one gives it back. */
  take(waitMaxMs?: number): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const comesUp = () => {
        clearTimeout(giveUp)
        resolve()
      }
      const giveUp =
        waitMaxMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#waiting.delete(comesUp)
              reject(new StoreBusy(`no connection came free within ${waitMaxMs} ms`))
            }, waitMaxMs)
      this.#waiting.add(comesUp)
    })
  }

  giveBack(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}

/** Works when it has a turn of each, taken in this order. */
export async function inTurnOf<T>(
  all: readonly Turns[],
  waitMaxMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...others] = all
  if (!first) return work()
  await first.take(waitMaxMs)
  try {
    return await inTurnOf(others, waitMaxMs, work)
  } finally {
    first.giveBack()
  }
}
