/**
 * The zoo: what may stand behind a callback address, below HTTP and beside it, and what has to come of a callback that
 * is posted to it.
 */
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { ErrorClass } from '../../../gateway/src/callback/outcome.ts'

export interface BadReceiver {
  /** A receiver that … */
  readonly name: string
  /** At each connection. */
  readonly meet: (socket: Socket) => void
  readonly outcome: ExpectedOutcome
}

export type ExpectedOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly snippet?: string }
  | { readonly kind: 'failed'; readonly errorClass: ErrorClass }

const DRIP_EVERY_MS = 2
/** So much is written at once by whoever never stops. */
const GUSH_BYTES = 16 * 1024
const BOMB_BYTES = 64 * 1024 * 1024

const answered = (status: number, snippet?: string): ExpectedOutcome => ({
  kind: 'answered',
  status,
  ...(snippet === undefined ? {} : { snippet }),
})
const failed = (errorClass: ErrorClass): ExpectedOutcome => ({ kind: 'failed', errorClass })

/** At each request of the connection, when its beginning has come. */
const atRequest = (act: (socket: Socket) => unknown) => (socket: Socket) =>
  void socket.on('data', chunk => {
    if (chunk.toString('latin1', 0, 5) === 'POST ') act(socket)
  })
const says = (answer: string | Buffer) => atRequest(socket => socket.write(answer))
const saysAndEnds = (answer: string | Buffer) => atRequest(socket => socket.end(answer))
// A reset throws away what has not been read yet, so the client goes first.
const saysAndResets = (answer: string) =>
  atRequest(async socket => {
    socket.write(answer)
    for (let tick = 0; tick < 3; tick++) await new Promise(resolve => setImmediate(resolve))
    socket.resetAndDestroy()
  })
const drips = (beginning: string, drop: string) =>
  atRequest(socket => {
    socket.write(beginning)
    const dripping = setInterval(() => socket.write(drop), DRIP_EVERY_MS)
    socket.on('close', () => clearInterval(dripping))
  })
const gushes = (beginning: string, more: string) =>
  atRequest(socket => {
    const gush = more.repeat(Math.ceil(GUSH_BYTES / more.length))
    const pump = () => {
      while (!socket.destroyed && socket.write(gush));
    }
    socket.write(beginning)
    socket.on('drain', pump)
    pump()
  })

const OK = 'HTTP/1.1 200 OK\r\n'
const EMPTY = 'content-length: 0\r\n\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
const UPGRADE = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'
const BOMB = Buffer.concat([
  Buffer.from(`${OK}content-encoding: gzip\r\n\r\n`),
  gzipSync(Buffer.alloc(BOMB_BYTES)),
])

const hangsUp: BadReceiver[] = [
  { name: 'hangs up at once', meet: socket => socket.destroy(), outcome: failed('reset') },
  { name: 'closes its half at once', meet: socket => socket.end(), outcome: failed('reset') },
  { name: 'closes its half instead of an answer', meet: saysAndEnds(''), outcome: failed('reset') },
  { name: 'answers an empty line', meet: saysAndEnds('\r\n'), outcome: failed('reset') },
  { name: 'resets within the headers', meet: saysAndResets(`${OK}x: y`), outcome: failed('reset') },
  { name: 'says 100 and hangs up', meet: saysAndEnds(CONTINUE), outcome: failed('reset') },
  { name: 'has hints but no answer', meet: saysAndEnds(HINTS), outcome: failed('reset') },
]

const never: BadReceiver[] = [
  { name: 'never reads', meet: socket => socket.pause(), outcome: failed('timeout') },
  {
    name: 'hangs behind its headers',
    meet: says(`${OK}content-length: 5\r\n\r\n`),
    outcome: failed('timeout'),
  },
  { name: 'drips one header', meet: drips(`${OK}x: `, 'a'), outcome: failed('timeout') },
  { name: 'drips headers', meet: drips(OK, 'a: b\r\n'), outcome: failed('timeout') },
  {
    name: 'drips its body',
    meet: drips(`${OK}content-length: 9999\r\n\r\n`, '.'),
    outcome: failed('timeout'),
  },
  { name: 'drips chunks', meet: drips(CHUNKED, '1\r\n.\r\n'), outcome: failed('timeout') },
  { name: 'never ends its reason', meet: gushes('HTTP/1.1 200 ', 'a'), outcome: failed('timeout') },
  { name: 'never ends a chunk’s extension', meet: gushes(`${CHUNKED}1;`, 'a'), outcome: failed('timeout') },
  { name: 'floods with hints', meet: gushes('', HINTS), outcome: failed('timeout') },
  {
    name: 'floods with 102',
    meet: gushes('', 'HTTP/1.1 102 Processing\r\n\r\n'),
    outcome: failed('timeout'),
  },
  {
    name: 'floods with 100 that nobody asked for',
    meet: gushes('', CONTINUE),
    outcome: failed('timeout'),
  },
]

const speaksBadly: BadReceiver[] = [
  ['answers as HTTP/0.9', saysAndEnds('<html>ok</html>')],
  ['answers as HTTP/9.9', saysAndEnds(`HTTP/9.9 200 OK\r\n${EMPTY}`)],
  ['answers as HTTP/2', saysAndEnds(Buffer.from('000000040000000000', 'hex'))],
  ['greets as a mail server', (socket: Socket) => socket.end('220 mail.example ESMTP\r\n')],
  ['has lines without returns', saysAndEnds('HTTP/1.1 200 OK\ncontent-length: 0\n\n')],
  ['has a zero byte in a header', saysAndEnds(`${OK}x: a\0b\r\n${EMPTY}`)],
  ['folds what is no header', saysAndEnds(`${OK} b\r\n${EMPTY}`)],
  ['has the status 000', saysAndEnds(`HTTP/1.1 000 No\r\n${EMPTY}`)],
  ['has the status 1000', saysAndEnds(`HTTP/1.1 1000 No\r\n${EMPTY}`)],
  ['never ends its status', gushes('HTTP/1.1 2', '0')],
  ['never ends a header', gushes(`${OK}x: `, 'a')],
  ['never ends its headers', gushes(OK, 'a: b\r\n')],
  ['has a length that is no number', saysAndEnds(`${OK}content-length: many\r\n\r\nok`)],
  ['has a negative length', saysAndEnds(`${OK}content-length: -2\r\n\r\nok`)],
  ['has a length beyond all numbers', saysAndEnds(`${OK}content-length: ${'9'.repeat(30)}\r\n\r\nok`)],
  ['has two lengths', saysAndEnds(`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nok`)],
  ['folds a length into two', saysAndEnds(`${OK}content-length: 2\r\n 2\r\n\r\nok`)],
  [
    'has a length and chunks',
    saysAndEnds(`${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  ],
  ['switches protocols', says(UPGRADE)],
].map(([name, meet]) => ({ name, meet, outcome: failed('bad-response') }) as BadReceiver)

// Once there is a status, that is the answer, however its body ends.
const answersOddly: BadReceiver[] = [
  { name: 'gives a hint first', meet: saysAndEnds(`${HINTS}${OK}${EMPTY}`), outcome: answered(200) },
  { name: 'says 100 unasked', meet: saysAndEnds(`${CONTINUE}${OK}${EMPTY}`), outcome: answered(200) },
  {
    name: 'says 100 and 103 many times',
    meet: says(`${`${CONTINUE}${HINTS}`.repeat(100)}HTTP/1.1 503 No\r\n${EMPTY}`),
    outcome: answered(503),
  },
  {
    name: 'says 100 with headers, and 199',
    meet: says(`HTTP/1.1 100 \r\na: HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 199 Hm\r\n\r\n${OK}${EMPTY}`),
    outcome: answered(200),
  },
  {
    name: 'has a body that looks like a folded 100',
    meet: saysAndEnds(`${CONTINUE}${OK}content-length: 17\r\n\r\nHTTP/1.1 100\r\n\ta:`),
    outcome: answered(200, 'HTTP/1.1 100\r\n\ta:'),
  },
  {
    name: 'folds headers, one of them after its name',
    meet: says(`${OK}x: a\r\n b\r\n\tc\r\ncontent-length:\r\n 2\r\n\r\nok`),
    outcome: answered(200, 'ok'),
  },
  {
    name: 'says its length three times, and another one in folded hints',
    meet: says(
      `HTTP/1.1 103 Early Hints\r\nlink: </a>,\r\n </b>\r\ncontent-length: 9\r\n\r\n${OK}Content-Length: 2, 2\r\nx: y\r\ncontent-length: 2\r\n\r\nok`,
    ),
    outcome: answered(200, 'ok'),
  },
  { name: 'has no reason', meet: saysAndEnds(`HTTP/1.1 200\r\n${EMPTY}`), outcome: answered(200) },
  {
    name: 'has a reason of 100 KB',
    meet: saysAndEnds(`HTTP/1.1 200 ${'a'.repeat(100_000)}\r\n${EMPTY}`),
    outcome: answered(200),
  },
  { name: 'speaks HTTP/1.0', meet: saysAndEnds('HTTP/1.0 200 OK\r\n\r\nok'), outcome: answered(200, 'ok') },
  { name: 'says 999', meet: saysAndEnds(`HTTP/1.1 999 No\r\n${EMPTY}`), outcome: answered(999) },
  {
    name: 'redirects to itself',
    meet: says(`HTTP/1.1 302 Found\r\nlocation: /\r\n${EMPTY}`),
    outcome: answered(302),
  },
  {
    name: 'redirects to a file',
    meet: says(`HTTP/1.1 301 Gone\r\nlocation: file:///etc/passwd\r\n${EMPTY}`),
    outcome: answered(301),
  },
  { name: 'says 304', meet: saysAndEnds('HTTP/1.1 304 Not Modified\r\n\r\n'), outcome: answered(304) },
  {
    name: 'has a body behind 204',
    meet: saysAndEnds('HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello'),
    outcome: answered(204, ''),
  },
  {
    name: 'says more than its length',
    meet: says(`${OK}content-length: 2\r\n\r\nokmore`),
    outcome: answered(200, 'ok'),
  },
  {
    name: 'says less than its length',
    meet: saysAndEnds(`${OK}content-length: 20\r\n\r\nok`),
    outcome: answered(200, 'ok'),
  },
  { name: 'answers twice', meet: says(`${OK}${EMPTY}HTTP/1.1 500 No\r\n${EMPTY}`), outcome: answered(200) },
  {
    name: 'resets within its body',
    meet: saysAndResets(`${OK}content-length: 20\r\n\r\nhalf`),
    outcome: answered(200),
  },
  { name: 'has a chunk of no size', meet: saysAndEnds(`${CHUNKED}zz\r\n`), outcome: answered(200, '') },
  {
    name: 'has a chunk beyond all sizes',
    meet: saysAndEnds(`${CHUNKED}${'f'.repeat(22)}\r\nab`),
    outcome: answered(200, ''),
  },
  { name: 'never ends its trailers', meet: gushes(`${CHUNKED}0\r\n`, 'a: b\r\n'), outcome: answered(200) },
  {
    name: 'never ends its body',
    meet: gushes(`${OK}\r\n`, 'a'),
    outcome: answered(200, 'a'.repeat(1024)),
  },
  {
    name: 'says that 2 GB come',
    meet: gushes(`${OK}content-length: ${2 ** 31}\r\n\r\n`, 'a'),
    outcome: answered(200),
  },
  { name: 'sends 64 MB in 64 KB of gzip', meet: saysAndEnds(BOMB), outcome: answered(200) },
  {
    name: 'keeps a connection that it says to close',
    meet: says(`${OK}connection: close\r\n${EMPTY}`),
    outcome: answered(200),
  },
]

export const BAD_RECEIVERS: readonly BadReceiver[] = [...hangsUp, ...never, ...speaksBadly, ...answersOddly]
