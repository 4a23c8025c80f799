/**
 * Heads of answers as the HTTP client can read them. It refuses three things that are to be read (CB-6), and it cannot be
 * told otherwise, so on a socket of ours each of them is written anew before the client reads it:
 * - Interim answers (1xx) are no answers: whoever hears one waits for the final one, also where nobody asked for it (RFC 9110,
 *   15.2). The client hangs up on `100 Continue`, so it becomes a 102, which means as little to us and is waited out.
 * - A header that goes on in the next line is one line with spaces (RFC 9112, 5.2).
 * - A length that is said more than once, and always the same, is that length (RFC 9112, 6.3).
 *
 * Only heads are looked at, from the head of a request, the one text that the client writes, to the empty line of the final
 * answer. What follows is never touched, so that a body may say what it likes. A 101 stays what it is: what comes after it is
 * not HTTP any more.
 */
import type { Socket } from 'node:net'

/** From now on, whoever reads from the socket reads heads of answers that have been mended. */
export function mendAnswerHeads(socket: Socket): void {
  const heads = new AnswerHeads()
  const read = socket.read.bind(socket)
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  socket.read = size => {
    for (;;) {
      const chunk: Buffer | null = read(size)
      const mended = chunk && heads.hear(chunk)
      // Nothing can be said of a line that has only begun; more of it may have come meanwhile.
      if (mended?.length !== 0) return mended
    }
  }
  socket.write = (...args: unknown[]) => {
    if (typeof args[0] === 'string') heads.expect()
    return write(...args)
  }
}

/** `HTTP/1.1 200`: so much says whose head it is. */
const STATUS_LINE_BYTES = 12
const STATUS_LINE = /^HTTP\/1\.. (\d\d\d)$/
const LENGTH_LINE = /^content-length:[ \t]*([\d \t,]+)\r?\n$/i
/** The client gives up at as much, too. */
const LINE_BYTES_MAX = 16 * 1024
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const TAB = 0x09

const NOTHING = Buffer.alloc(0)

/** Follows the heads of one request's answers, wherever the network cuts them. */
class AnswerHeads {
  #within: 'status' | 'reason' | 'headers' | 'elsewhere' = 'elsewhere'
  /** What was heard of its first bytes. They are passed on as they come, so that an answer is known to have begun. */
  #statusLine = ''
  #length: string | undefined
  /** The beginning of a line of which nothing can be said yet. */
  #held: Buffer = NOTHING

  /** A request was written, so what comes next begins an answer. */
  expect(): void {
    this.#within = 'status'
    this.#statusLine = ''
    this.#length = undefined
    this.#held = NOTHING
  }

  /** What of the chunk, and of what was held before it, the client may read now. */
  hear(chunk: Buffer): Buffer {
    let rest = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk
    this.#held = NOTHING
    const said: Buffer[] = []
    while (rest.length > 0 && this.#within !== 'elsewhere') {
      const bytes = this.#bytesOfPiece(rest)
      if (bytes === undefined) {
        if (rest.length <= LINE_BYTES_MAX) this.#held = rest
        else this.#within = 'elsewhere'
        break
      }
      said.push(this.#mend(rest.subarray(0, bytes)))
      rest = rest.subarray(bytes)
    }
    if (this.#held.length === 0) said.push(rest)
    return said.length === 1 ? said[0]! : Buffer.concat(said)
  }

  /** How much of it can be judged together; undefined: more has to come first. */
  #bytesOfPiece(rest: Buffer): number | undefined {
    if (this.#within === 'status') return 1
    const lineEnd = rest.indexOf(LF) + 1
    if (this.#within === 'reason') return lineEnd || rest.length
    return lineEnd === 0 ? undefined : unfold(rest, lineEnd)
  }

  #mend(piece: Buffer): Buffer {
    if (this.#within === 'status') return this.#mendStatus(piece)
    if (this.#within === 'reason') {
      if (piece.at(-1) === LF) this.#within = 'headers'
      return piece
    }
    if (!isEmptyLine(piece)) return this.#mendHeader(piece)
    // The head of an interim answer ends with an empty line, and behind it another answer begins.
    if (this.#status!.startsWith('1')) this.expect()
    else this.#within = 'elsewhere'
    return piece
  }

  /** Byte by byte. Whatever is no status of ours is left to the client. */
  #mendStatus(byte: Buffer): Buffer {
    // Empty lines before an answer are passed over, as the client does.
    if (this.#statusLine === '' && isEmptyLine(byte)) return byte
    this.#statusLine += byte.toString('latin1')
    if (this.#statusLine.length < STATUS_LINE_BYTES) return byte
    this.#within = this.#status === undefined || this.#status === '101' ? 'elsewhere' : 'reason'
    return this.#status === '100' ? Buffer.from('2') : byte
  }

  get #status(): string | undefined {
    return STATUS_LINE.exec(this.#statusLine)?.[1]
  }

  #mendHeader(line: Buffer): Buffer {
    const lengths = LENGTH_LINE.exec(line.toString('latin1'))?.[1]
      ?.split(',')
      .map(length => length.trim())
    const [first = ''] = lengths ?? []
    if (!lengths?.every(length => length === first) || first === '') return line
    if (this.#length === first) return NOTHING
    // Another one than before: the client refuses it, and is right to.
    if (this.#length !== undefined) return line
    this.#length = first
    return lengths.length === 1 ? line : Buffer.from(`Content-Length: ${first}\r\n`)
  }
}

/** Where the header of which the first line ends there ends, its other lines made one with it; undefined: that is to come. */
function unfold(rest: Buffer, firstLineEnd: number): number | undefined {
  let end = firstLineEnd
  if (isEmptyLine(rest.subarray(0, end))) return end
  while (end < rest.length) {
    if (rest[end] !== SPACE && rest[end] !== TAB) return end
    rest.fill(SPACE, rest[end - 2] === CR ? end - 2 : end - 1, end)
    end = rest.indexOf(LF, end) + 1
    if (end === 0) return undefined
  }
  return undefined
}

const isEmptyLine = (line: Buffer): boolean => line.length <= 2 && (line[0] === LF || line[0] === CR)
