/**
 * What is refused by its head alone: what HTTP/1.1 asks of every request (RFC 9112, 3.2), what we cannot fulfil (RFC 9110,
 * 10.1.1; 9112, 6.1), and a body that nobody is going to read. Its body is not read then, so what follows on the connection is no request.
 */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerAddress } from './caller-address.ts'
import type { AddressLimit } from './rate-limit.ts'
import { serverAnswer } from './server-answer.ts'
import { bearer } from './token-guard.ts'
import { tooMany } from './too-many.ts'

/** A body up to here is parsed in no time, and its token may be a good one though its neighbours' are not. */
const SHORT_BODY_BYTES_MAX = 8 * 1024

export function refuseBadHeaders(app: FastifyInstance, { basePath }: { basePath: string }): void {
  app.addHook('onRequest', (request, reply, done) => {
    const message = whatIsBad(request.raw)
    if (message === null) return done()
    reply.code(400).header('connection', 'close')
    reply.send(serverAnswer(request, basePath, 400, message))
  })
}

export function whatIsBad({ httpVersion, headers, rawHeaders }: IncomingMessage): string | null {
  if (headers.host === undefined && httpVersion === '1.1') return 'Host: 缺失 (expected a Host header)'
  if (hostsIn(rawHeaders) > 1) return 'Host: 不得多于一个 (expected one Host header)'
  if (headers.host !== undefined && !HOST.test(headers.host)) return 'Host: 无效 (expected host or host:port)'
  if (headers['transfer-encoding'] !== undefined && !/^chunked$/i.test(headers['transfer-encoding']))
    return 'Transfer-Encoding: 只支持 chunked (expected chunked or none)'
  if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect))
    return 'Expect: 无法满足 (expected 100-continue or none)'
  return null
}

/** A name or an address, and a port; empty where the target has no name (RFC 9112, 3.2). */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/** Node keeps the first one and says nothing of the others. */
function hostsIn(rawHeaders: readonly string[]): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.length === 4 && rawHeaders[at]!.toLowerCase() === 'host') count++
  }
  return count
}

/**
 * Parsing a long body costs as much as ten requests. It is not read where there is no such route, nor from an address that
 * is over its limit (G-6) and shows no token before it.
 */
export function refuseLongBodies(
  app: FastifyInstance,
  addressLimit: AddressLimit,
  answerUnknown: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!isBodyLong(request)) return done()
    if (request.is404) return answerUnknown(request, reply.header('connection', 'close'))
    if (showsToken(request)) return done()
    const take = addressLimit.peek(callerAddress(request))
    if (take.passed) return done()
    reply.header('connection', 'close').send(tooMany(reply, take))
  })
}

const showsToken = ({ query, headers }: FastifyRequest): boolean =>
  Boolean((query as { token?: string }).token || bearer(headers.authorization))

/** How long a compressed one is, only whoever unpacks it finds out. */
function isBodyLong({ raw: { headers } }: FastifyRequest): boolean {
  const bytes = headers['content-length']
  if (bytes === undefined) return headers['transfer-encoding'] !== undefined
  const coding = headers['content-encoding']?.trim().toLowerCase() || 'identity'
  return Number(bytes) > (coding === 'identity' ? SHORT_BODY_BYTES_MAX : 0)
}
