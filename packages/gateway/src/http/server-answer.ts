/**
 * What the server itself answers, where it is no route's to say: in the envelope of the page, or below `/manage` and
 * `/console/api` in the words of verbs (MG-3, CON-12), so that whoever speaks to one realm reads one kind of answer.
 */
import { CONSOLE_API_PATH, type OperatorReply } from '@qunhub/wire'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { MALFORMED } from '../operator/verb.ts'
import { envelop } from './wire-reply.ts'

/** The names that the operator's door has for the same. */
const REFUSED = {
  400: MALFORMED,
  404: 'verb-unknown',
  405: 'method',
  500: 'gateway-failed',
  503: 'stopping',
} as const

export function serverAnswer(
  request: Pick<FastifyRequest, 'url'> & Partial<Pick<FastifyRequest, 'routeOptions'>>,
  basePath: string,
  status: keyof typeof REFUSED,
  message: string,
): object {
  if (speaksOfVerbs(request.url, basePath))
    return { ok: false, refused: REFUSED[status], message } satisfies OperatorReply
  return envelop(request.routeOptions?.config?.envelope ?? 'code', status, message)
}

export const NO_SUCH_ROUTE = '没有这个接口 (no such route)'

export const noSuchRoute = (request: FastifyRequest, reply: FastifyReply, basePath: string): FastifyReply =>
  reply.code(404).send(serverAnswer(request, basePath, 404, NO_SUCH_ROUTE))

/** By the path, for what has no route has no realm either. */
const speaksOfVerbs = (url: string, basePath: string): boolean => {
  const path = url.split('?', 1)[0]!
  return ['/manage', CONSOLE_API_PATH]
    .map(realm => basePath + realm)
    .some(realm => path === realm || path.startsWith(`${realm}/`))
}

/** What every JSON answer carries: a token may stand in the URL, so nobody may keep the answer or pass the URL on. */
export const answerHeaders = (requestId: string) => ({
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
})
