/**
 * The door for customers. It listens and answers. Once it takes leave, `/ready` is 503 and everything else goes on, so that
 * load balancers let go of it; every answer then says that its connection closes. On stop it takes no new request (503) and
 * lets those under way end: see `see-off.ts`. Connections on which nothing is under way are closed again and again, for a
 * client that keeps them alive would hold up the stop.
 */
import type { ServerResponse } from 'node:http'
import type { Envelope } from '@qunhub/wire'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import { answerHeaders } from './answer-headers.ts'
import { countAnswers, UNKNOWN } from './count-answers.ts'
import { decodeBody } from './decode-body.ts'
import { type HealthDeps, healthRoutes } from './health.ts'
import { logAnswers } from './log-answers.ts'
import { type ManagementDeps, managementRoutes } from './management-routes.ts'
import { metricsRoute } from './metrics-route.ts'
import { BODY_BYTES_MAX, tooLong } from './read-body.ts'
import { readQuery } from './read-query.ts'
import { refuseBadHeaders, refuseLongBodies } from './refuse-bad-headers.ts'
import { type RoomRouteDeps, roomRoutes } from './room-routes.ts'
import { seeOff } from './see-off.ts'
import { serverAnswer } from './server-answer.ts'
import { takeTurns } from './take-turns.ts'
import { envelop } from './wire-reply.ts'

const HEADERS_TIMEOUT_MS = 10 * SECOND_MS
const REQUEST_TIMEOUT_MS = 20 * SECOND_MS
const KEEP_ALIVE_MS = 72 * SECOND_MS
const CLOSE_IDLE_EVERY_MS = 100
const CONNECTIONS_MAX = 10_000
const STOPPING = '服务正在停止 (shutting down)'
/** It has not come whole, or has been asked of somebody whom nobody can wait for any longer. */
const UNKNOWN_END =
  '服务正在停止, 未能等到结果, 请先查询再重试 (shutting down before the outcome was known: look before you try again)'
const NO_SUCH_ROUTE = '没有这个接口 (no such route)'

export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly basePath: string
  readonly trustProxy: readonly string[]
}

export interface ServerDeps extends RoomRouteDeps, ManagementDeps, HealthDeps {
  /** The contract as OpenAPI, for a base URL. */
  readonly openApi: (baseUrl: string) => object
  readonly managementOpenApi: (baseUrl: string) => object
  readonly metrics: Metrics
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** A stop has no more time: nothing that was asked of a puppet is waited for any longer. */
  readonly waitNoLonger: () => void
}

export interface Server {
  /** Without a slash at its end. */
  readonly baseUrl: string
  /** From now on `/ready` is 503, and everything else goes on; each answer closes its connection. */
  takeLeave(): void
  /** See `see-off.ts`. */
  stop(hurried: AbortSignal): Promise<void>
}

interface Life {
  /** It goes on, but not for long. */
  leaving: boolean
  stopping: boolean
  /** Requests that are not answered yet, or whose answer is still being sent. */
  readonly underWay: Map<ServerResponse, FastifyRequest>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    envelope?: Envelope
    /** Answered even when the stop has begun. */
    whileStopping?: boolean
  }
}

/** Listens. Rejects when the port is taken. */
export async function openServer(settings: ServerSettings, deps: ServerDeps): Promise<Server> {
  const app = createApp(settings, deps)
  const answerUnknown = unknownRoutes(app, settings)
  const life: Life = { leaving: false, stopping: false, underWay: new Map() }
  countAnswers(app, settings.basePath, deps.metrics)
  noteWhatIsUnderWay(app, life)
  refuseWhileStopping(app, life, settings)
  logAnswers(app, deps)
  nameEveryAnswer(app)
  refuseBadHeaders(app, settings)
  refuseLongBodies(app, deps.addressLimit, answerUnknown)
  answerFailures(app, deps, settings)
  await app.register(
    async scope => {
      healthRoutes(scope, deps, () => life.leaving)
      metricsRoute(scope, deps.metrics)
      roomRoutes(scope, deps)
      managementRoutes(scope, deps)
      const url = () => urlOf(app, settings)
      documentRoute(scope, '/openapi.json', () => deps.openApi(url()))
      documentRoute(scope, '/manage/openapi.json', () => deps.managementOpenApi(url()))
    },
    { prefix: settings.basePath },
  )
  app.setNotFoundHandler(answerUnknown)
  app.server.maxConnections = CONNECTIONS_MAX
  takeTurns(app.server, ms => deps.metrics.cutOff(UNKNOWN, ms))
  await app.listen({ host: settings.host, port: settings.port })

  return {
    baseUrl: urlOf(app, settings),
    takeLeave: () => takeLeave(life),
    async stop(hurried) {
      takeLeave(life)
      life.stopping = true
      const closeIdle = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
      const steps = {
        refuseHalf: () => refuseUnanswered(life, settings, STOPPING, request => !request.raw.complete),
        waitNoLonger: deps.waitNoLonger,
        refuseRest: () => refuseUnanswered(life, settings, UNKNOWN_END, () => true),
        cut: () => app.server.closeAllConnections(),
      }
      await seeOff(app.close(), steps, hurried)
      clearInterval(closeIdle)
    },
  }
}

function takeLeave(life: Life): void {
  if (life.leaving) return
  life.leaving = true
  for (const response of life.underWay.keys())
    if (!response.headersSent) response.setHeader('connection', 'close')
}

/** Past Fastify, whose handlers may be waiting for something that never comes; what they say later is passed over. */
function refuseUnanswered(
  { underWay }: Life,
  { basePath }: ServerSettings,
  message: string,
  isMeant: (request: FastifyRequest) => boolean,
): void {
  for (const [response, request] of underWay) {
    if (response.headersSent || !isMeant(request)) continue
    const body = JSON.stringify(serverAnswer(request, basePath, 503, message))
    response.writeHead(503, {
      ...answerHeaders(request.id),
      connection: 'close',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  }
}

function createApp({ trustProxy, basePath }: ServerSettings, { random }: ServerDeps): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Without a Host Node would answer 400 with nothing in it; refuseBadHeaders says it in JSON.
    http: { headersTimeout: HEADERS_TIMEOUT_MS, requireHostHeader: false },
    return503OnClosing: false,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    genReqId: requestIds(random),
    // RFC 9110, 9.3.2: HEAD is GET without the content. Monitors and load balancers probe with it.
    exposeHeadRoutes: true,
    // A base URL that is configured with a slash at its end makes `//room/addMember`.
    rewriteUrl: ({ url = '/' }) => withSingleSlashes(url),
    routerOptions: { querystringParser: readQuery },
    // A path that cannot even be decoded is a path that we do not have.
    frameworkErrors: (_error, request, reply) => {
      const unknown: FastifyReply = reply as FastifyReply
      unknown.code(404).send(serverAnswer(request as FastifyRequest, basePath, 404, NO_SUCH_ROUTE))
    },
    clientErrorHandler: (_error, socket) => {
      const body = JSON.stringify(envelop('code', 400, '不是有效的 HTTP 请求 (malformed HTTP request)'))
      if (socket.writable) {
        socket.end(
          `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        )
      }
      socket.destroySoon()
    },
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

/** Only of the path; what stands in a query is somebody's text. */
const withSingleSlashes = (url: string): string =>
  url.startsWith('/') && url.includes('//')
    ? url.replace(/^[^?]*/, path => path.replaceAll(/\/{2,}/g, '/'))
    : url

/** Rendered once for each document: anybody may ask for it, as often as he likes. */
function documentRoute(app: FastifyInstance, path: string, render: () => object): void {
  let last: { readonly document: object; readonly bytes: Buffer } | undefined
  app.get(path, async (_request, reply) => {
    const document = render()
    if (last?.document !== document) last = { document, bytes: Buffer.from(JSON.stringify(document)) }
    const { bytes } = last
    return reply.type('application/json; charset=utf-8').send(bytes)
  })
}

/** Short, and unique over restarts and nodes: where this process begins is chance, then it counts. */
function requestIds(random: Random): () => string {
  const process = random.bytes(6).toString('base64url')
  let count = 0
  return () => `${process}${(count++).toString(36).padStart(4, '0')}`
}

function noteWhatIsUnderWay(app: FastifyInstance, life: Life): void {
  app.addHook('onRequest', (request, { raw }, done) => {
    life.underWay.set(raw, request)
    raw.once('close', () => life.underWay.delete(raw))
    if (life.leaving) raw.setHeader('connection', 'close')
    done()
  })
}

function refuseWhileStopping(app: FastifyInstance, life: Life, { basePath }: ServerSettings): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!life.stopping || request.routeOptions.config?.whileStopping) return done()
    reply.code(503).header('connection', 'close').header('retry-after', '5')
    reply.send(serverAnswer(request, basePath, 503, STOPPING))
  })
}

/** Lists write their own head; every other answer gets its headers here, and keeps its own content type. */
function nameEveryAnswer(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    for (const [name, value] of Object.entries(answerHeaders(request.id))) {
      if (name !== 'content-type' || !reply.hasHeader(name)) reply.header(name, value)
    }
    done()
  })
}

/** The last resort: what nobody refused and nobody named. The caller gets the request's id, the log gets the cause. */
function answerFailures(app: FastifyInstance, { log }: ServerDeps, { basePath }: ServerSettings): void {
  app.setErrorHandler((failure: FastifyError, request, reply) => {
    if (isBrokenOff(request)) {
      log.debug(
        { request: request.id, route: request.routeOptions.url },
        'a caller left in the middle of a request',
      )
      // Nobody hears it; it ends the request here as well.
      return reply.code(400).send()
    }
    if (isBadBody(failure)) {
      const message = failure.statusCode === 413 ? tooLong : '请求体: 无法读取 (the body could not be read)'
      return reply.code(400).send(serverAnswer(request, basePath, 400, message))
    }
    log.error({ request: request.id, route: request.routeOptions.url, err: failure }, 'a request failed')
    return reply
      .code(500)
      .send(serverAnswer(request, basePath, 500, `服务内部错误, 请求号 ${request.id} (internal error)`))
  })
}

const isBrokenOff = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete

const isBadBody = (failure: FastifyError): boolean => failure.code?.startsWith('FST_ERR_CTP_') ?? false

const unknownRoutes =
  (app: FastifyInstance, { basePath }: ServerSettings) =>
  (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0]!
    const allowed = (['GET', 'HEAD', 'POST'] as const).filter(method => app.findRoute({ method, url: path }))
    if (allowed.length === 0) return reply.code(404).send(serverAnswer(request, basePath, 404, NO_SUCH_ROUTE))
    reply.code(405).header('allow', allowed.join(', '))
    return reply.send(
      serverAnswer(request, basePath, 405, `请使用 ${allowed.join(', ')} (method not allowed)`),
    )
  }

function urlOf(app: FastifyInstance, { host, basePath }: ServerSettings): string {
  const address = app.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}${basePath}`
}
