import type { AttemptMade } from '../store/database/hot-rows.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'

/** An attempt that took so long kept its slot as long as a hundred usual ones. */
const SLOW_MS = SECOND_MS
/** Far more than can be in flight; an address that was forgotten is found to be slow again by its next callback. */
const REMEMBERED_MAX = 1000

/**
 * The addresses whose last callback took long, whether or not it was answered: one that hangs keeps each slot for the whole
 * deadline. All together they get half of the slots (share-slots.ts).
 *
 * Known to this process only: another one finds out by itself, within one deadline.
 */
export class SlowAddresses {
  readonly #clock: Clock
  /** A set keeps the order in which its members came: whoever has had a turn comes anew. */
  readonly #ids = new Set<string>()

  /** First the one whose turn is longest ago. */
  get longestUnservedFirst(): ReadonlySet<string> {
    return this.#ids
  }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** While a callback takes long it is known already: else those that hang together take each slot that one of them gives back. */
  watch<T>(addressId: string, handing: Promise<T>): Promise<T> {
    const callOff = this.#clock.after(SLOW_MS, () => this.note(addressId, { ms: SLOW_MS }))
    return handing.finally(callOff)
  }

  note(addressId: string, { ms }: Pick<AttemptMade, 'ms'>): void {
    if (ms < SLOW_MS) this.#ids.delete(addressId)
    else this.#ids.add(addressId)
    if (this.#ids.size <= REMEMBERED_MAX) return
    for (const longestAgo of this.#ids) return void this.#ids.delete(longestAgo)
  }

  /** Behind the others that are slow: it was given a slot, whether or not it had a callback for it. */
  standBehind(addressId: string): void {
    if (this.#ids.delete(addressId)) this.#ids.add(addressId)
  }

  has(addressId: string): boolean {
    return this.#ids.has(addressId)
  }
}
