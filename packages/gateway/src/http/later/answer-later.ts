/**
 * A start does not wait for what hardly anybody asks first (P10). What the app at the port has no route for is answered by a second
 * one behind the same port, which is read and put together {@link LATER_MS} after the first, or with the first request for it, which waits.
 *
 * Where that fails, its callers are told so, and it is tried again with the next request; once in {@link LATER_MS} at most, for anybody may ask.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, HTTPMethods } from 'fastify'
import type { Metrics } from '../../metrics/metrics.ts'
import { type Clock, SECOND_MS, withDeadline } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { UNKNOWN } from '../count-answers.ts'
import { withSingleSlashes } from '../create-app.ts'
import { answerHeaders, serverAnswer } from '../server-answer.ts'
import { waitedForTurn, waitedLonger } from '../take-turns.ts'
import { COME_AGAIN, STOPPING } from '../under-way.ts'

export const LATER_MS = SECOND_MS
/** On a disk that hangs nobody waits for longer; what comes after all is there for whoever asks then. */
const ASSEMBLING_MAX_MS = 10 * SECOND_MS
const NOT_READ = '暂时无法应答, 请稍后重试 (this cannot be answered now: try again)'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

export interface AnswerLaterDeps {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<Metrics, 'answered' | 'cutOff'>
  readonly basePath: string
  readonly nextRequestId: () => string
}

/** `assemble` promises an app that is ready. */
export function answerLater(
  app: FastifyInstance,
  deps: AnswerLaterDeps,
  assemble: () => Promise<FastifyInstance>,
): { stop(): void; close(): Promise<void> } {
  const { clock, log, metrics } = deps
  const stopping = Promise.withResolvers<'stopping'>()
  let made: FastifyInstance | null = null
  let isStopping = false
  let inTime: Promise<void> | undefined
  const make = async () => {
    try {
      const app = await assemble()
      // Nobody else would: the stop closes what is there by then.
      if (isStopping) await app.close()
      else made = app
    } catch (err) {
      log.error({ err }, 'what answers operators could not be read')
      if (isStopping) return
      callOff = clock.after(LATER_MS, () => {
        inTime = undefined
      })
    }
  }
  const later = async (): Promise<FastifyInstance | null> => {
    if (isStopping) return made
    inTime ??= withDeadline(clock, ASSEMBLING_MAX_MS, 'reading what answers operators', make()).catch(err =>
      log.error({ err }, 'what answers operators is not read yet'),
    )
    await inTime
    return made
  }
  let callOff = clock.after(LATER_MS, later)

  const [answerNow] = app.server.listeners('request') as [Listener]
  app.server.removeAllListeners('request')
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const [method, url] = [request.method as HTTPMethods, withSingleSlashes(request.url ?? '/')]
    if (app.findRoute({ method, url })) answerNow(request, response)
    else
      answerBehind(request, response).catch(err => {
        log.error({ err }, 'a request of operators failed')
        response.destroy()
      })
  })
  const answerBehind = async (request: IncomingMessage, response: ServerResponse) => {
    const cameAt = performance.now()
    const answered = await Promise.race([stopping.promise, later()])
    waitedLonger(request, performance.now() - cameAt)
    if (response.destroyed) metrics.cutOff(UNKNOWN, waitedForTurn(request))
    else if (answered === 'stopping') refuse(request, response, 503, STOPPING, deps)
    else if (answered === null) refuse(request, response, 500, NOT_READ, deps)
    else answered.routing(request, response)
  }
  return {
    stop() {
      callOff()
      isStopping = true
      stopping.resolve('stopping')
    },
    // What hangs in a disk is not waited for.
    close: async () => made?.close(),
  }
}

/** Past all apps, for there is none yet. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: 500 | 503,
  message: string,
  { metrics, basePath, nextRequestId }: AnswerLaterDeps,
): void {
  const url = withSingleSlashes(request.url ?? '/')
  const body = JSON.stringify(serverAnswer({ url }, basePath, status, message))
  response.once('close', () => metrics.answered(UNKNOWN, status, status, waitedForTurn(request)))
  response.writeHead(status, {
    ...answerHeaders(nextRequestId()),
    ...(message === STOPPING && COME_AGAIN),
    connection: 'close',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
