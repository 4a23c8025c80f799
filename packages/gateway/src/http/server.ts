/**
 * The door for customers. It listens and answers. Once it takes leave, `/ready` is 503 and everything else goes on, so that
 * load balancers let go of it; every answer then says that its connection closes. On stop it takes no new request (503) and
 * lets those under way end: see `see-off.ts`. Connections on which nothing is under way are closed again and again, for a
 * client that keeps them alive would hold up the stop.
 */
import { type Envelope, endpoints } from '@qunhub/wire'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import type { Clock } from '../system/clock.ts'
import type { Courtesy } from '../system/courtesy.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import type { Arrivals } from './arrivals.ts'
import { countAnswers, UNKNOWN } from './count-answers.ts'
import { createApp, requestIds, type ServerSettings } from './create-app.ts'
import { answerHalfClosed } from './half-closed.ts'
import { type HealthDeps, healthRoutes } from './health.ts'
import { answerLater } from './later/answer-later.ts'
import type { OperatorRouteDeps } from './later/operator-routes.ts'
import { takeShortWay } from './lists/short-way.ts'
import { logAnswers, sampled } from './log-answers.ts'
import { metricsRoute } from './metrics-route.ts'
import { tooLong } from './read-body.ts'
import { refuseBadHeaders, refuseLongBodies } from './refuse-bad-headers.ts'
import { noteRequests, type RequestLog } from './request-log.ts'
import { type RoomRouteDeps, roomRoutes } from './room-routes.ts'
import { seeOff } from './see-off.ts'
import { answerHeaders, noSuchRoute, serverAnswer } from './server-answer.ts'
import { takeTurns } from './take-turns.ts'
import {
  type Life,
  noteWhatIsUnderWay,
  refuseUnanswered,
  refuseWhileStopping,
  STOPPING,
  takeLeave,
} from './under-way.ts'

const CLOSE_IDLE_EVERY_MS = 100
const CONNECTIONS_MAX = 10_000
/** It has not come whole, or has been asked of somebody whom nobody can wait for any longer. */
const UNKNOWN_END =
  '服务正在停止, 未能等到结果, 请先查询再重试 (shutting down before the outcome was known: look before you try again)'

export interface ServerDeps extends RoomRouteDeps, OperatorRouteDeps, HealthDeps {
  readonly metrics: Metrics
  readonly requestLog: Pick<RequestLog, 'note'>
  readonly arrivals: Arrivals
  readonly courtesy: Pick<Courtesy, 'asked'>
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

declare module 'fastify' {
  interface FastifyContextConfig {
    envelope?: Envelope
    /** Answered even when the stop has begun. */
    whileStopping?: boolean
  }
}

/** Listens. Rejects when the port is taken. */
export async function openServer(settings: ServerSettings, deps: ServerDeps): Promise<Server> {
  const nextRequestId = requestIds(deps.random)
  const life: Life = { leaving: false, stopping: false, underWay: new Map() }
  /** They have the port together, and what none of them has is said in one place. */
  const apps: FastifyInstance[] = []
  const mayTell = sampled(deps.clock)
  const answerUnknown = unknownRoutes(apps, settings)
  const assemble = async (routes: (scope: FastifyInstance) => void): Promise<FastifyInstance> => {
    const app = createApp(settings, nextRequestId)
    countAnswers(app, settings.basePath, deps.metrics)
    noteWhatIsUnderWay(app, life)
    refuseWhileStopping(app, life, settings.basePath)
    logAnswers(app, deps, mayTell)
    noteRequests(app, { ...deps, basePath: settings.basePath })
    nameEveryAnswer(app)
    refuseBadHeaders(app, settings)
    refuseLongBodies(app, deps.addressLimit, answerUnknown)
    answerFailures(app, deps, settings)
    await app.register(async scope => routes(scope), { prefix: settings.basePath })
    app.setNotFoundHandler(answerUnknown)
    await app.ready()
    apps.push(app)
    return app
  }
  const app = await assemble(scope => {
    healthRoutes(scope, deps, () => life.leaving)
    metricsRoute(scope, deps.metrics)
    roomRoutes(scope, deps)
  })
  const later = answerLater(app, { ...deps, ...settings, nextRequestId }, async () => {
    const { operatorRoutes } = await import('./later/operator-routes.ts')
    const at = { ...settings, url: () => urlOf(app, settings) }
    return assemble(scope => operatorRoutes(scope, at, deps, answerUnknown))
  })
  app.server.maxConnections = CONNECTIONS_MAX
  const lookAfter = takeShortWay(app.server, deps, { life, basePath: settings.basePath, nextRequestId })
  const ofCustomers = new Set<string>(endpoints.map(({ path }) => settings.basePath + path))
  takeTurns(app.server, deps.arrivals, ms => deps.metrics.cutOff(UNKNOWN, ms), lookAfter)
  // As soon as it comes, whenever it has its turn.
  app.server.prependListener('request', ({ url }) => {
    if (ofCustomers.has(url!.split('?', 1)[0]!)) deps.courtesy.asked()
  })
  answerHalfClosed(app.server)
  await app.listen({ host: settings.host, port: settings.port })
  deps.tries.openAt(urlOf(app, settings))

  return {
    baseUrl: urlOf(app, settings),
    takeLeave: () => takeLeave(life),
    async stop(hurried) {
      takeLeave(life)
      life.stopping = true
      later.stop()
      const closeIdle = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
      const steps = {
        refuseHalf: () =>
          refuseUnanswered(life, settings.basePath, STOPPING, request => !request.raw.complete),
        waitNoLonger: deps.waitNoLonger,
        refuseRest: () => refuseUnanswered(life, settings.basePath, UNKNOWN_END, () => true),
        cut: () => app.server.closeAllConnections(),
      }
      await seeOff(app.close(), steps, hurried)
      clearInterval(closeIdle)
      await later.close()
    },
  }
}

/** Lists write their own head; every other answer gets its headers here, and keeps what it says of its type and who may keep it. */
function nameEveryAnswer(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    for (const [name, value] of Object.entries(answerHeaders(request.id))) {
      if (!OWN_HEADERS.has(name) || !reply.hasHeader(name)) reply.header(name, value)
    }
    done()
  })
}

const OWN_HEADERS: ReadonlySet<string> = new Set(['content-type', 'cache-control'])

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
  (apps: readonly FastifyInstance[], { basePath }: ServerSettings) =>
  (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0]!
    const allowed = (['GET', 'HEAD', 'POST', 'DELETE'] as const).filter(method =>
      apps.some(app => {
        const found = app.findRoute({ method, url: path })
        // The console's page answers at any path below it, but not below its API.
        return found && !('*' in found.params)
      }),
    )
    if (allowed.length === 0) return noSuchRoute(request, reply, basePath)
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
