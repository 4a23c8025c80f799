import { setImmediate as yieldToLoop } from 'node:timers/promises'

/** A batch takes no more works when it has worked so long: its commit stays a small one, and its callers wait for little. */
const BATCH_MS_MAX = 15
/** The longest that the works of a batch go on without letting anybody else go first; the last of them ends first. */
export const SLICE_MS_MAX = 4

/** How long a batch has worked, and when it lets others go first. */
export class Pace {
  #workedMs = 0
  #sliceBeganAt = performance.now()

  get isOver(): boolean {
    return this.#workedMs >= BATCH_MS_MAX
  }

  async giveWay(): Promise<void> {
    const sliceMs = performance.now() - this.#sliceBeganAt
    if (sliceMs < SLICE_MS_MAX) return
    this.#workedMs += sliceMs
    await yieldToLoop()
    this.#sliceBeganAt = performance.now()
  }
}
