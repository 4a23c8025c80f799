const CAPACITY_MIN = 64
const GROWTH = 1.5

/**
 * Ascending numbers without duplicates, eight bytes each. A slice costs its own length wherever it lies; an insertion in
 * the middle moves what is behind it (a million numbers: below a millisecond, and new chats come at the end).
 */
export class SortedOrdinals {
  #numbers = new Float64Array(CAPACITY_MIN)
  #length = 0

  get length(): number {
    return this.#length
  }

  slice(from: number, to: number): number[] {
    return Array.from(this.#numbers.subarray(Math.min(from, this.#length), Math.min(to, this.#length)))
  }

  add(ordinal: number): void {
    const at = this.#placeOf(ordinal)
    if (at < this.#length && this.#numbers[at] === ordinal) return
    if (this.#length === this.#numbers.length) this.#grow()
    this.#numbers.copyWithin(at + 1, at, this.#length)
    this.#numbers[at] = ordinal
    this.#length += 1
  }

  remove(ordinal: number): void {
    const at = this.#placeOf(ordinal)
    if (at === this.#length || this.#numbers[at] !== ordinal) return
    this.#numbers.copyWithin(at, at + 1, this.#length)
    this.#length -= 1
  }

  // Where it stands, or would stand. New chats have the highest ordinal, so look at the end first.
  #placeOf(ordinal: number): number {
    if (this.#length === 0 || this.#numbers[this.#length - 1]! < ordinal) return this.#length
    let low = 0
    let high = this.#length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#numbers[middle]! < ordinal) low = middle + 1
      else high = middle
    }
    return low
  }

  #grow(): void {
    const roomier = new Float64Array(Math.ceil(this.#numbers.length * GROWTH))
    roomier.set(this.#numbers)
    this.#numbers = roomier
  }
}
