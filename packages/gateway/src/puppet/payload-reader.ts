import { PuppetExcess, PuppetRefused } from './puppet-failures.ts'

/**
 * What the generated code reads payloads and lists of ids with, in the place of Google's reader. That one pushes the code of
 * each character into an array before it makes a text of them, and an array with each check: a third of all that a first sync
 * allocated, and collecting it is what lists waited for (decision 0090). Here texts are taken straight from the bytes.
 *
 * It has what those messages are made of and no more. Where the bytes are no such message it throws PuppetRefused, also for fields and
 * lengths beyond 32 bits, of which that one reads the lower bits and goes on with something else; what is no UTF-8 becomes U+FFFD, where that one makes something up.
 */
export class PayloadReader {
  readonly #bytes: Buffer
  #at = 0
  #end: number
  #fieldsLeft: number
  #field = 0
  #wireType = 0
  #beyond = 0

  /**
   * Beyond `fieldsMax` fields of its own a message is not read: two bytes of it may be three hundred of objects. Eight MiB
   * of empty contacts took 11 s and 1.1 GiB, during which the process did nothing else.
   */
  constructor(bytes: Buffer, fieldsMax = Number.POSITIVE_INFINITY) {
    this.#bytes = bytes
    this.#end = bytes.length
    this.#fieldsLeft = fieldsMax
  }

  nextField(): boolean {
    if (this.#at === this.#end) return false
    if (--this.#fieldsLeft < 0) throw new PuppetExcess('the puppet sent more than it was asked for')
    const key = this.#varint32()
    this.#field = key >>> 3
    this.#wireType = key & 7
    return true
  }

  getFieldNumber(): number {
    return this.#field
  }

  /** There are none any more; see `skipField`. */
  isEndGroup(): boolean {
    return false
  }

  readString(): string {
    this.#expect(WIRE_TYPES.lengthFirst)
    const from = this.#passLength()
    return this.#bytes.toString('utf8', from, this.#at)
  }

  readDouble(): number {
    this.#expect(WIRE_TYPES.eightBytes)
    return this.#bytes.readDoubleLE(this.#pass(8))
  }

  readEnum(): number {
    this.#expect(WIRE_TYPES.varint)
    return this.#varint()
  }

  readBool(): boolean {
    return (this.readEnum() | this.#beyond) !== 0
  }

  readMessage<Message>(message: Message, read: (message: Message, reader: this) => unknown): void {
    this.#expect(WIRE_TYPES.lengthFirst)
    const [end, fieldsLeft] = [this.#end, this.#fieldsLeft]
    const from = this.#passLength()
    this.#end = this.#at
    this.#at = from
    this.#fieldsLeft = Number.POSITIVE_INFINITY
    read(message, this)
    this.#end = end
    this.#fieldsLeft = fieldsLeft
  }

  skipField(): void {
    switch (this.#wireType) {
      case WIRE_TYPES.varint:
        this.#varint()
        break
      case WIRE_TYPES.eightBytes:
        this.#pass(8)
        break
      case WIRE_TYPES.lengthFirst:
        this.#passLength()
        break
      case WIRE_TYPES.fourBytes:
        this.#pass(4)
        break
      default:
        throw new PuppetRefused(UNREADABLE)
    }
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw new PuppetRefused(UNREADABLE)
  }

  /** Its lower 32 bits; the others are left in `#beyond`. */
  #varint(): number {
    let value = 0
    this.#beyond = 0
    for (let shift = 0; shift < 70 && this.#at < this.#end; shift += 7) {
      const byte = this.#bytes[this.#at++]!
      const bits = byte & 127
      if (shift < 32) value |= bits << shift
      if (shift >= 28) this.#beyond |= shift === 28 ? bits >> 4 : bits
      if (byte < 128) return value
    }
    throw new PuppetRefused(UNREADABLE)
  }

  /** Of a field or a length, which have no more bits. */
  #varint32(): number {
    const value = this.#varint()
    if (this.#beyond !== 0) throw new PuppetRefused(UNREADABLE)
    return value
  }

  #passLength(): number {
    return this.#pass(this.#varint32() >>> 0)
  }

  /** From where. */
  #pass(length: number): number {
    const from = this.#at
    if (length > this.#end - from) throw new PuppetRefused(UNREADABLE)
    this.#at = from + length
    return from
  }
}

const UNREADABLE = 'the puppet sent what cannot be read'
const WIRE_TYPES = { varint: 0, eightBytes: 1, lengthFirst: 2, fourBytes: 5 } as const
