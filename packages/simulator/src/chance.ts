const DIGITS = '0123456789'
const HEX = '0123456789abcdef'
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'

/**
 * Chance that can be repeated: the same seed gives the same world, down to the last id.
 * Its whole memory is one number, so a saved world goes on exactly where it stopped.
 */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** What a saved world must remember. */
  get state(): number {
    return this.#state
  }

  /** Goes on where a saved world stopped. */
  resume(state: number): void {
    this.#state = state >>> 0
  }

  /** A whole number from 0 up to, but not including, `bound`. */
  below(bound: number): number {
    return Math.floor(this.#next() * bound)
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)]
    if (chosen === undefined) throw new RangeError('cannot pick from an empty list')
    return chosen
  }

  /** True in `percent` of a hundred cases. */
  happens(percent: number): boolean {
    return this.below(100) < percent
  }

  digits(length: number): string {
    return this.#text(DIGITS, length)
  }

  hex(length: number): string {
    return this.#text(HEX, length)
  }

  /** The alphabet WeCom uses in externalUserIds, unionIds and chat ids. */
  letters(length: number): string {
    return this.#text(LETTERS, length)
  }

  #text(alphabet: string, length: number): string {
    let text = ''
    for (let n = 0; n < length; n++) text += alphabet[this.below(alphabet.length)]
    return text
  }

  // Mulberry32: 32 bits of state are plenty for ids that only need to differ within one world.
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
