import { BODY_BYTES_MAX, BodyBroken, BodyEaten, bytesOf, gather } from './body.ts'
import { headersOf, type Receiver } from './receiver.ts'

/** What is used of a stream that brings a body. */
export interface BodyStream {
  readonly readableDidRead: boolean
  readonly readableEnded: boolean
  on(event: string, listener: (piece: Uint8Array) => void): unknown
}

/** What is used of node:http's IncomingMessage, and of what Express and Nest make of it. */
export interface NodeRequest extends BodyStream {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Express: with the path that the receiver is mounted at. */
  readonly originalUrl?: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface NodeResponse {
  readonly headersSent: boolean
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(text?: string): unknown
}

/** What parsers leave on a request; none of it is believed before the signature says so. */
interface Left {
  readonly rawBody?: unknown
  readonly body?: unknown
}

/**
 * For node:http, Express 4 and 5, and Nest: `createServer(toNode(receiver))`, `app.use('/callbacks', toNode(receiver))`.
 * It reads the request itself where nobody has; where a parser has, it takes the bytes that the parser kept.
 */
export const toNode =
  (receiver: Receiver) =>
  async (request: NodeRequest & Left, response: NodeResponse): Promise<void> => {
    const { status, text } = await receiver.take({
      method: request.method ?? '',
      url: request.originalUrl ?? request.url ?? '',
      header: name => [request.headers[name]].flat()[0],
      body: () => readBody(request, request.rawBody, request.body),
    })
    // Somebody before us has answered, a middleware with a time limit for instance.
    if (response.headersSent) return
    response.statusCode = status
    for (const [name, value] of Object.entries(headersOf(status))) response.setHeader(name, value)
    // The rest of a body would stand in front of the next request on this connection. One of which nothing was read, and
    // that is no longer than a callback, node:http reads off by itself, so that whoever sends it hears the answer.
    const isShort = Number(request.headers['content-length']) <= BODY_BYTES_MAX
    if (!request.readableEnded && (request.readableDidRead || !isShort))
      response.setHeader('connection', 'close')
    response.end(text)
  }

/** The bytes of a request: from its stream where nobody has read that, else of what a parser has left. */
export async function readBody(stream: BodyStream, ...left: unknown[]): Promise<Uint8Array> {
  // Express's parsers leave `{}` where they did not look; so whether somebody has read is asked of the stream.
  if (!stream.readableDidRead && !stream.readableEnded) return readStream(stream)
  for (const one of left) {
    const bytes = bytesOf(one)
    if (bytes) return bytes
  }
  throw new BodyEaten({
    zh:
      "把 app.use('/callbacks', toNode(receiver)) 写在 app.use(express.json()) 之前; 或让解析器保留原文: " +
      "express.json({ limit: '4mb', verify: (req, _res, raw) => { req.rawBody = raw } }), " +
      "Nest: NestFactory.create(App, { rawBody: true }) 与 app.useBodyParser('json', { limit: '4mb' })",
    en:
      "put app.use('/callbacks', toNode(receiver)) before app.use(express.json()), or let the parser keep the bytes, " +
      'as shown, with the limit, for a large room has more than the 100 KB of the default; in Nest with rawBody: true and the limit',
  })
}

const readStream = (stream: BodyStream): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const gathered = gather()
    let isRefused = false
    stream.on('data', piece => {
      if (isRefused) return
      try {
        gathered.add(piece)
      } catch (failure) {
        isRefused = true
        reject(failure)
      }
    })
    stream.on('end', () => resolve(gathered.whole()))
    stream.on('close', () => reject(new BodyBroken('the connection closed')))
    stream.on('error', cause => reject(new BodyBroken('the connection broke', { cause })))
  })
