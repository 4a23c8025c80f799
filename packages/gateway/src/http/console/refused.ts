import { consoleRefusals, type OperatorReply } from '@qunhub/wire'
import type { FastifyReply } from 'fastify'
import { MALFORMED } from '../../operator/verb.ts'

/** In the words that the contract has for it. */
export function refused(
  reply: FastifyReply,
  status: 401 | 403 | 415,
  name: keyof typeof consoleRefusals,
): OperatorReply {
  reply.code(status)
  return { ok: false, refused: name, message: consoleRefusals[name] }
}

export function malformed(reply: FastifyReply, message: string | undefined): OperatorReply {
  reply.code(400)
  return { ok: false, refused: MALFORMED, message: message ?? '' }
}
