import { type BodyStream, readBody } from './node.ts'
import { headersOf, type Receiver } from './receiver.ts'

/** What is used of a Fastify instance. Its own types are overloads that no shape of ours fits, so it is taken as an object. */
interface FastifyApp {
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: string,
    parse: (request: never, stream: never, done: (failure: null, body: unknown) => void) => void,
  ): unknown
  post(path: string, handle: (request: never, reply: never) => unknown): unknown
}

interface FastifyRequest {
  readonly raw: BodyStream
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly url: string
  /** The stream, as our parser hands it on; hooks of the application may have put another one in its place. */
  readonly body?: BodyStream | null
  readonly rawBody?: unknown
}

interface FastifyReply {
  code(status: number): FastifyReply
  headers(headers: Record<string, string>): FastifyReply
  send(text: string): unknown
}

/**
 * A plugin: `app.register(toFastify(receiver), { prefix: '/callbacks' })`. Inside it, and nowhere else, bodies are not
 * parsed; so parsers of the application may be there before it or come behind it. (Not to be wrapped in fastify-plugin,
 * which would take the parsers of the whole application away.)
 */
export const toFastify =
  (receiver: Receiver) =>
  (instance: object, _options: object, registered: () => void): void => {
    const app = instance as FastifyApp
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, stream, done) => done(null, stream))
    app.post('/*', async (request: FastifyRequest, reply: FastifyReply) => {
      const { raw, body: stream, rawBody } = request
      const { status, text } = await receiver.take({
        method: 'POST',
        url: request.url,
        header: name => [request.headers[name]].flat()[0],
        body: () => readBody(stream ?? raw, rawBody),
      })
      // Whoever sends too much is not listened to any longer.
      const close = status === 413 ? { connection: 'close' } : {}
      return reply
        .code(status)
        .headers({ ...headersOf(status), ...close })
        .send(text)
    })
    registered()
  }
