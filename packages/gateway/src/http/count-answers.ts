/**
 * Counts every request at its very end: when its answer's last byte is handed over, or when caller or answer broke off
 * before that. Told by the route, never by the URL, for a token may stand in its query (G-9).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WireCode } from '../metrics/meters.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { waitedForTurn } from './take-turns.ts'

/** Every route that we do not have is this one, so that nobody can make up labels. */
export const UNKNOWN = 'unknown'
/** Every JSON answer that has a code begins with it, also one that a peer has written. */
const CODE_AT_HEAD = /^\{"(?:err)?code":(-?\d{1,3}),/
const HEAD_CHARS = 20

declare module 'fastify' {
  interface FastifyReply {
    /** The code in the body, once it is known. */
    wireCode: WireCode
  }
}

export function countAnswers(app: FastifyInstance, basePath: string, metrics: Metrics): void {
  app.decorateReply('wireCode', 'none')
  app.addHook('onRequest', (request, reply, done) => {
    const cameAt = performance.now() - waitedForTurn(request.raw)
    reply.raw.once('close', () => {
      const endpoint = request.routeOptions.url?.slice(basePath.length) ?? UNKNOWN
      const ms = performance.now() - cameAt
      if (reply.raw.writableFinished) metrics.answered(endpoint, reply.statusCode, codeOf(request, reply), ms)
      else metrics.cutOff(endpoint, ms)
    })
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.wireCode = codeAtHead(payload)
    done(null, payload)
  })
}

/** A list that is answered, or known already, is written past Fastify, and then its code is 0. */
export const codeOf = ({ routeOptions }: FastifyRequest, { wireCode, statusCode }: FastifyReply): WireCode =>
  wireCode === 'none' && (statusCode === 200 || statusCode === 304) && routeOptions.config.envelope === 'list'
    ? 0
    : wireCode

function codeAtHead(payload: unknown): WireCode {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return 'none'
  const head = typeof payload === 'string' ? payload : payload.toString('latin1', 0, HEAD_CHARS)
  const code = CODE_AT_HEAD.exec(head)?.[1]
  return code === undefined ? 'none' : Number(code)
}
