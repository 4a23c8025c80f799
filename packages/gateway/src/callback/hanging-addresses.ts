import type { AttemptMade } from '../store/settle-attempt.ts'

/** Far more than can be in flight; an address that was forgotten is found to hang again by its next callback. */
const REMEMBERED_MAX = 10_000

/**
 * The addresses whose last callback was not answered in time. Each of their callbacks holds a place for the whole deadline
 * and gives nothing for it, so they get few places (share-slots.ts) until one of them is answered, in whatever way.
 *
 * Known to this process only: another one finds out by itself, within one deadline.
 */
export class HangingAddresses {
  /** A set keeps the order in which its members came: whoever has had a turn comes anew. */
  readonly #ids = new Set<string>()

  /** First the one whose turn is longest ago. */
  get inTurn(): ReadonlySet<string> {
    return this.#ids
  }

  note(addressId: string, { errorClass }: Pick<AttemptMade, 'errorClass'>): void {
    if (errorClass !== 'timeout') this.#ids.delete(addressId)
    else this.#ids.add(addressId)
    if (this.#ids.size <= REMEMBERED_MAX) return
    for (const longestAgo of this.#ids) return void this.#ids.delete(longestAgo)
  }

  /** Given a place, whether or not it had a callback for it, it stands behind the others that hang. */
  hasHadTurn(addressId: string): void {
    if (this.#ids.delete(addressId)) this.#ids.add(addressId)
  }

  has(addressId: string): boolean {
    return this.#ids.has(addressId)
  }
}
