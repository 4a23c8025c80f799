/**
 * Who may sync now: a few bots at a time, first come, first served. A sync reads thousands of payloads, and all bots
 * syncing at once after a restart would starve the calls of customers.
 */
export class SyncTurns {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(max: number) {
    this.#free = max
  }

  /** Waits for a turn and returns how to give it back; null when `signal` aborts first. */
  take(signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return Promise.resolve(null)
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve(() => this.#giveBack())
    }
    return new Promise(resolve => {
      const comesUp = () => {
        signal.removeEventListener('abort', givesUp)
        resolve(() => this.#giveBack())
      }
      const givesUp = () => {
        this.#waiting.delete(comesUp)
        resolve(null)
      }
      this.#waiting.add(comesUp)
      signal.addEventListener('abort', givesUp, { once: true })
    })
  }

  #giveBack(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
