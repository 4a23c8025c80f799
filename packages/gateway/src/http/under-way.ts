/** The requests that are under way, and what a stop does with them. */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerHeaders, serverAnswer } from './server-answer.ts'

export const STOPPING = '服务正在停止 (shutting down)'
/** For whoever hears STOPPING: nothing that he asked was begun, and by then another process answers. */
export const COME_AGAIN = { 'retry-after': '5' } as const

export interface Life {
  /** It goes on, but not for long. */
  leaving: boolean
  stopping: boolean
  /** Requests that are not answered yet, or whose answer is still being sent. */
  readonly underWay: Map<ServerResponse, FastifyRequest>
}

export function noteWhatIsUnderWay(app: FastifyInstance, life: Life): void {
  app.addHook('onRequest', (request, { raw }, done) => {
    life.underWay.set(raw, request)
    raw.once('close', () => life.underWay.delete(raw))
    if (life.leaving) raw.setHeader('connection', 'close')
    done()
  })
}

export function refuseWhileStopping(app: FastifyInstance, life: Life, basePath: string): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!life.stopping || request.routeOptions.config?.whileStopping) return done()
    reply.code(503).headers({ connection: 'close', ...COME_AGAIN })
    reply.send(serverAnswer(request, basePath, 503, STOPPING))
  })
}

export function takeLeave(life: Life): void {
  if (life.leaving) return
  life.leaving = true
  for (const response of life.underWay.keys())
    if (!response.headersSent) response.setHeader('connection', 'close')
}

/** Past Fastify, whose handlers may be waiting for something that never comes; what they say later is passed over. */
export function refuseUnanswered(
  { underWay }: Life,
  basePath: string,
  message: string,
  isMeant: (request: FastifyRequest) => boolean,
): void {
  for (const [response, request] of underWay) {
    if (response.headersSent || !isMeant(request)) continue
    const body = JSON.stringify(serverAnswer(request, basePath, 503, message))
    response.writeHead(503, {
      ...answerHeaders(request.id),
      ...(message === STOPPING && COME_AGAIN),
      connection: 'close',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  }
}
