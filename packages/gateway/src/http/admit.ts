/** Who asks, whether he may now, and what he asks for: the same for every endpoint of the API. */
import { complain, type Endpoint, type RequestOf } from '@qunhub/wire'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../model/result.ts'
import { callerAddress } from './caller-address.ts'
import { foundOut } from './found-out.ts'
import type { AddressLimit, TokenLimit } from './rate-limit.ts'
import type { Fields } from './read-body.ts'
import { type Caller, findCaller } from './token-guard.ts'
import { tooMany } from './too-many.ts'
import { envelop, refusalReply } from './wire-reply.ts'

export interface Admitting {
  /** Per token, over all endpoints (G-6). */
  readonly tokenLimit: TokenLimit
  /** Per address, for requests without a valid token. */
  readonly addressLimit: AddressLimit
  readonly findToken: (token: string, request: FastifyRequest) => Promise<Caller | undefined>
  /** Where the store is asked whose requests these are: resolves when it is this one's turn. */
  readonly goOn?: (whose: string) => Promise<void>
}

type Admission<E extends Endpoint> =
  | { readonly ok: true; readonly value: { readonly ask: RequestOf<E>; readonly caller: Caller } }
  | { readonly ok: false; readonly answer: object | string }

/** Token, then limit, then schema: the first refusal wins (G-10). */
export async function admit<E extends Endpoint>(
  endpoint: E,
  body: Fields | null,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Admitting,
): Promise<Admission<E>> {
  const query = request.query as Fields
  const given = { body, query, authorization: request.headers.authorization }
  const caller = await findCaller(given, token => deps.findToken(token, request))
  const take = caller.ok
    ? await (foundOut(request.raw).take ?? deps.tokenLimit.take(caller.value))
    : deps.addressLimit.take(callerAddress(request))
  await deps.goOn?.(caller.ok ? caller.value.tokenId : callerAddress(request))
  if (!take.passed) return { ok: false, answer: tooMany(reply, take) }
  if (!caller.ok) {
    if (caller.refused === 'bad-request')
      return { ok: false, answer: badRequest(reply, endpoint, caller.detail) }
    return { ok: false, answer: refusalReply(endpoint, refuse('token-invalid')) }
  }
  request.facts.workspace = caller.value.workspaceId
  request.facts.tokenId = caller.value.tokenId
  // The caller is known by now; the schema still wants the field filled, wherever the token stood.
  const fields = { ...(body ?? query), token: '-' }
  const ask = endpoint.request.safeParse(fields)
  if (!ask.success) return { ok: false, answer: badRequest(reply, endpoint, complain(ask.error, fields)) }
  return { ok: true, value: { ask: ask.data as RequestOf<E>, caller: caller.value } }
}

export function badRequest(reply: FastifyReply, endpoint: Endpoint, message: string | undefined): object {
  reply.code(400)
  return envelop(endpoint.envelope, 400, message ?? '请求不符合要求 (malformed request)')
}
