/**
 * Interim answers (1xx) are no answers: whoever hears one waits for the final one, also where nobody asked for it (RFC 9110,
 * 15.2). The HTTP client does so for all of them but `100 Continue`, on which it hangs up, and it cannot be told otherwise.
 * So on a socket of ours each 100 is read as a 102, which means as little to us and is waited out.
 *
 * Only the beginning of an answer is looked at: from the head of a request, the one text that the client writes, up to the
 * first final status. What follows is never touched, so that a body may say what it likes. A 101 stays what it is: what
 * comes after it is not HTTP any more.
 */
import type { Socket } from 'node:net'

/** From now on, whoever reads from the socket waits after a 100 as after any other interim answer. */
export function waitBehindContinue(socket: Socket): void {
  const answer = new AnswerBeginning()
  const read = socket.read.bind(socket)
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  socket.read = size => {
    const chunk: Buffer | null = read(size)
    if (chunk !== null) answer.hear(chunk)
    return chunk
  }
  socket.write = (...args: unknown[]) => {
    if (typeof args[0] === 'string') answer.expect()
    return write(...args)
  }
}

const STATUS_LINE = 'HTTP/1.'
/** Where the status stands: behind `HTTP/1.1 `. */
const STATUS_AT = STATUS_LINE.length + 2
const CR = 0x0d
const LF = 0x0a
const ZERO = 0x30
const ONE = 0x31
const TWO = 0x32

/** Follows the beginning of an answer byte by byte, wherever the network cuts it. */
class AnswerBeginning {
  #within: 'status-line' | 'interim-head' | 'elsewhere' = 'elsewhere'
  /** Bytes of the status line that were heard. */
  #heard = 0
  #isContinue = false
  #isLineEmpty = false

  /** A request was written, so what comes next begins an answer. */
  expect(): void {
    this.#within = 'status-line'
    this.#heard = 0
  }

  /** Changes a 100 in the chunk into a 102. */
  hear(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.#within !== 'elsewhere'; at++) {
      const byte = chunk[at]!
      if (this.#within === 'interim-head') this.#hearHead(byte)
      else if (this.#hearStatusLine(byte)) chunk[at] = TWO
    }
  }

  /** Whether the byte is the one to change. */
  #hearStatusLine(byte: number): boolean {
    // Empty lines before an answer are passed over, as the client does.
    if (this.#heard === 0 && (byte === CR || byte === LF)) return false
    const at = this.#heard++
    if (at < STATUS_LINE.length) {
      if (byte !== STATUS_LINE.charCodeAt(at)) this.#within = 'elsewhere'
      return false
    }
    if (at < STATUS_AT) return false
    if (at === STATUS_AT) {
      // A final status, or nothing that we know.
      if (byte !== ONE) this.#within = 'elsewhere'
      return false
    }
    if (at === STATUS_AT + 1) {
      this.#isContinue = byte === ZERO
      return false
    }
    this.#within = this.#isContinue && byte === ONE ? 'elsewhere' : 'interim-head'
    this.#isLineEmpty = false
    return this.#isContinue && byte === ZERO
  }

  /** The head of an interim answer ends with an empty line, and behind it another answer begins. */
  #hearHead(byte: number): void {
    if (byte === LF) {
      if (this.#isLineEmpty) this.expect()
      this.#isLineEmpty = true
    } else if (byte !== CR) this.#isLineEmpty = false
  }
}
