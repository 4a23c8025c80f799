/** The HTTP server as the customers' door wants it: its limits, how a body and a query are read, and requests that are none. */
import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { SECOND_MS } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { decodeBody } from './decode-body.ts'
import { BODY_BYTES_MAX } from './read-body.ts'
import { noSuchRoute } from './server-answer.ts'
import { envelop } from './wire-reply.ts'

const HEADERS_TIMEOUT_MS = 10 * SECOND_MS
const REQUEST_TIMEOUT_MS = 20 * SECOND_MS
const KEEP_ALIVE_MS = 72 * SECOND_MS

export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly basePath: string
  readonly publicUrl?: string | undefined
  readonly trustProxy: readonly string[]
  readonly hasConsole: boolean
}

export function createApp(
  { trustProxy, basePath }: ServerSettings,
  nextRequestId: () => string,
): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Without a Host Node would answer 400 with nothing in it; refuseBadHeaders says it in JSON.
    http: { headersTimeout: HEADERS_TIMEOUT_MS, requireHostHeader: false },
    return503OnClosing: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    genReqId: nextRequestId,
    // RFC 9110, 9.3.2: HEAD is GET without the content. Monitors and load balancers probe with it.
    exposeHeadRoutes: true,
    // A base URL that is configured with a slash at its end makes `//room/addMember`.
    rewriteUrl: ({ url = '/' }) => withSingleSlashes(url),
    routerOptions: { querystringParser: readQuery },
    // Our routes have no schemas of this kind; the compilers for them are not even read (P10).
    schemaController: {
      compilersFactory: { buildValidator: compileNothing, buildSerializer: compileNothing },
    },
    // A path that cannot even be decoded is a path that we do not have.
    frameworkErrors: (_error, request, reply) => {
      noSuchRoute(request as FastifyRequest, reply as FastifyReply, basePath)
    },
    clientErrorHandler: ({ code }, socket) => refuseUnread(socket, UNREADABLE.get(code) ?? NO_HTTP),
  })
  // Node hangs up without a word. Whoever listens has the socket to himself: a caller who is gone would end the process.
  app.server.on('connect', (_request, socket) => {
    socket.on('error', () => {})
    refuseUnread(socket, NO_HTTP)
  })
  // Likewise 417 to an Expect that it does not know.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  // G-1: a body is JSON whatever its content type says, so there is one parser, and it keeps the bytes.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) => {
    const decoded = await decodeBody(bytes, request.headers['content-encoding'])
    return decoded.ok ? decoded.value : decoded
  })
  app.addHook('onRequest', (request, _reply, done) => {
    request.raw.headers['content-type'] = 'application/json'
    done()
  })
  return app
}

const compileNothing = () => () => assert.fail('no route has a schema')

const NO_HTTP = '不是有效的 HTTP 请求 (malformed HTTP request)'

/** By the code of Node's parser, what of a request it could not read, where somebody may have meant one. */
const UNREADABLE: ReadonlyMap<string | undefined, string> = new Map([
  [
    'HPE_INVALID_URL',
    'URL: 只能用 ASCII, 其他字符按 UTF-8 写作 %XX (expected ASCII, and other characters as UTF-8 in %XX)',
  ],
  [
    'HPE_HEADER_OVERFLOW',
    '请求头: URL 与请求头共不得超过 16 KiB (expected at most 16 KiB of URL and headers)',
  ],
  ['ERR_HTTP_REQUEST_TIMEOUT', '请求没有在限时内发完 (expected the whole request in time)'],
])

/** Of what is no request that could be handed on; the connection ends. */
function refuseUnread(socket: Duplex, message: string): void {
  const body = JSON.stringify(envelop('code', 400, message))
  if (socket.writable) {
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }
  if (socket instanceof Socket) socket.destroySoon()
}

/** Only of the path; what stands in a query is somebody's text. */
export const withSingleSlashes = (url: string): string =>
  url.startsWith('/') && url.includes('//')
    ? url.replace(/^[^?]*/, path => path.replaceAll(/\/{2,}/g, '/'))
    : url

/** Short, and unique over restarts and nodes: where this process begins is chance, then it counts. */
export function requestIds(random: Random): () => string {
  const process = random.bytes(6).toString('base64url')
  let count = 0
  return () => `${process}${(count++).toString(36).padStart(4, '0')}`
}

/** A query string as fields: of a repeated key the first one wins (G-7). */
function readQuery(query: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  for (const [key, value] of new URLSearchParams(query)) fields[key] ??= value
  return fields
}
