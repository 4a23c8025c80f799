import {
  addMember,
  complain,
  create,
  type Endpoint,
  exit,
  listByMember,
  listByMHTag,
  type RequestOf,
} from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Keyring } from '../model/keyring.ts'
import { done, refuse } from '../model/result.ts'
import { addMember as addMemberVerb } from '../room/add-member.ts'
import { create as createVerb } from '../room/create.ts'
import { exit as exitVerb } from '../room/exit.ts'
import { listByMember as listByMemberVerb } from '../room/list-by-member.ts'
import { listByMHTag as listByMHTagVerb } from '../room/list-by-mh-tag.ts'
import type { RoomDeps } from '../room/room-deps.ts'
import type { RowCache } from '../room/row-cache.ts'
import { answerHeaders } from './answer-headers.ts'
import { type RateLimit, REQUESTS_PER_WINDOW_MAX, type Take } from './rate-limit.ts'
import { type Fields, readBody } from './read-body.ts'
import { type Caller, findCaller } from './token-guard.ts'
import { envelop, refusalReply, wireReply } from './wire-reply.ts'
import { beginRows, type RowsAnswer, writeRows } from './write-rows.ts'

export interface RoomRouteDeps extends RoomDeps {
  readonly keyring: Keyring
  readonly rowCache: RowCache
  /** Per token, over all endpoints (G-6). */
  readonly tokenLimit: RateLimit
  /** Per address, for requests without a valid token. */
  readonly addressLimit: RateLimit
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/

/** The five endpoints of the page. */
export function roomRoutes(app: FastifyInstance, deps: RoomRouteDeps): void {
  post(app, deps, addMember, async (ask, caller) =>
    wireReply(addMember, await addMemberVerb(ask, caller, deps), () => ({ code: 0, message: '' })),
  )
  post(app, deps, exit, async (ask, caller) =>
    wireReply(exit, await exitVerb(ask, caller, deps), () => ({ code: 0, message: 'ok' })),
  )
  post(app, deps, create, async (ask, caller, request, reply) => {
    const answer = await createOnce(ask, caller, request, deps)
    if (!answer.ok) return badRequest(reply, create, answer.detail)
    return wireReply(create, answer.value, data => ({ errcode: 0, errmsg: 'ok', data }))
  })
  list(app, deps, listByMember, async (ask, caller) => ({
    chats: await listByMemberVerb(ask, caller, deps),
    tail: ']}',
  }))
  list(app, deps, listByMHTag, async (ask, caller) => {
    const { rows, page } = await listByMHTagVerb(ask, caller, deps)
    return { chats: rows, tail: `],"page":${JSON.stringify(page)}}` }
  })
}

/** CR-25: with an `Idempotency-Key` the same request makes one room; the key with another body is a bad request. */
async function createOnce(
  ask: RequestOf<typeof create>,
  caller: Caller,
  request: FastifyRequest,
  deps: RoomRouteDeps,
) {
  const { token: _, ...body } = ask
  const key = request.headers['idempotency-key']
  const work = () => createVerb(body, caller, deps)
  if (key === undefined) return done(await work())
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    return refuse(
      'key-malformed',
      'Idempotency-Key: 应为 1~255 个可见 ASCII 字符 (expected 1 to 255 visible ASCII characters)',
    )
  }
  const answer = await deps.answers.once(caller.workspaceId, key, body, work)
  if (answer.ok) return answer
  return refuse('key-reused', 'Idempotency-Key: 已用于另一请求 (expected the body it was first used with)')
}

function post<E extends Endpoint>(
  app: FastifyInstance,
  deps: RoomRouteDeps,
  endpoint: E,
  carryOut: (
    ask: RequestOf<E>,
    caller: Caller,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => Promise<object>,
): void {
  app.post(endpoint.path, { config: { envelope: endpoint.envelope } }, async (request, reply) => {
    const body = readBody(request.body as Buffer | undefined)
    if (!body.ok) {
      // Nobody can say whose it is, so it counts against the address it came from.
      const take = deps.addressLimit.take(request.ip)
      return take.passed ? badRequest(reply, endpoint, body.detail) : tooMany(reply, take)
    }
    const admitted = await admit(endpoint, body.value, request, reply, deps)
    return admitted.ok ? carryOut(admitted.value.ask, admitted.value.caller, request, reply) : admitted.answer
  })
}

function list<E extends Endpoint>(
  app: FastifyInstance,
  deps: RoomRouteDeps,
  endpoint: E,
  find: (ask: RequestOf<E>, caller: Caller) => Promise<RowsAnswer>,
): void {
  app.get(endpoint.path, { config: { envelope: endpoint.envelope } }, async (request, reply) => {
    const admitted = await admit(endpoint, null, request, reply, deps)
    if (!admitted.ok) return admitted.answer
    const { ask, caller } = admitted.value
    const rows = await beginRows(await find(ask, caller), deps.rowCache, caller.workspaceId)
    reply.hijack()
    try {
      await writeRows(reply.raw, answerHeaders(request.id), rows)
    } catch (failure) {
      // The answer is under way, so all that the caller can still be told is that it is not whole.
      deps.log.error({ request: request.id, route: endpoint.path, err: failure }, 'a list broke off')
      reply.raw.destroy()
    }
    return reply
  })
}

type Admission<E extends Endpoint> =
  | { readonly ok: true; readonly value: { readonly ask: RequestOf<E>; readonly caller: Caller } }
  | { readonly ok: false; readonly answer: object | string }

/** Token, then limit, then schema: the first refusal wins (G-10). */
async function admit<E extends Endpoint>(
  endpoint: E,
  body: Fields | null,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: RoomRouteDeps,
): Promise<Admission<E>> {
  const query = request.query as Fields
  const caller = await findCaller({ body, query, authorization: request.headers.authorization }, deps)
  const take = caller.ok ? deps.tokenLimit.take(caller.value.tokenId) : deps.addressLimit.take(request.ip)
  if (!take.passed) return { ok: false, answer: tooMany(reply, take) }
  if (!caller.ok) {
    if (caller.refused === 'bad-request')
      return { ok: false, answer: badRequest(reply, endpoint, caller.detail) }
    return { ok: false, answer: refusalReply(endpoint, refuse('token-invalid')) }
  }
  // The caller is known by now; the schema still wants the field filled, wherever the token stood.
  const ask = endpoint.request.safeParse({ ...(body ?? query), token: '-' })
  if (!ask.success) return { ok: false, answer: badRequest(reply, endpoint, complain(ask.error)) }
  return { ok: true, value: { ask: ask.data as RequestOf<E>, caller: caller.value } }
}

function badRequest(reply: FastifyReply, endpoint: Endpoint, message: string | undefined): object {
  reply.code(400)
  return envelop(endpoint.envelope, 400, message ?? '请求不符合要求 (malformed request)')
}

/** A plain string, as the original answers (G-6). */
function tooMany(reply: FastifyReply, take: Take & { passed: false }): string {
  const seconds = Math.ceil(take.retryAfterMs / 1000)
  reply
    .code(429)
    .type('text/plain; charset=utf-8')
    .headers({
      'retry-after': String(seconds),
      'ratelimit-limit': String(REQUESTS_PER_WINDOW_MAX),
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(seconds),
    })
  return '请求过于频繁, 请稍后再试 (too many requests)'
}
