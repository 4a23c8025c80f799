import { setImmediate as yieldToLoop } from 'node:timers/promises'

/** A batch takes no more works when it has worked so long: its commit stays a small one, and its callers wait for little. */
const BATCH_MS_MAX = 15
/** The longest that the works of a batch go on without letting anybody else go first; the last of them ends first. */
export const SLICE_MS_MAX = 4
/** Who has worked for longer lets others go first before the commit: it syncs the disk, and takes as long again or longer. */
const BEFORE_COMMIT_MS_MAX = 1

/** So long a patient write waits for another one: about as long as the commit takes that they then share. */
export const PATIENCE_MS = 5

/** How long a batch has worked, and when it lets others go first. */
export class Pace {
  #workedMs = 0
  #sliceBeganAt = performance.now()

  get isOver(): boolean {
    return this.#workedMs >= BATCH_MS_MAX
  }

  giveWay(): Promise<void> {
    return this.#giveWayAfter(SLICE_MS_MAX)
  }

  giveWayToCommit(): Promise<void> {
    return this.#giveWayAfter(BEFORE_COMMIT_MS_MAX)
  }

  async #giveWayAfter(ms: number): Promise<void> {
    const sliceMs = performance.now() - this.#sliceBeganAt
    if (sliceMs < ms) return
    this.#workedMs += sliceMs
    await yieldToLoop()
    this.#sliceBeganAt = performance.now()
  }
}
