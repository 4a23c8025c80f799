/** The lists of the API: admitted, in turns with those of others (LT-7, LT-8), and answered. */
import type { Endpoint, ReplyOf, RequestOf } from '@qunhub/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../model/result.ts'
import type { ListTurn, ListTurns } from '../../room/list-turns.ts'
import type { RowCache } from '../../room/row-cache.ts'
import { type Clock, SECOND_MS } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { type Admitting, admit } from '../admit.ts'
import type { KnownCallers } from '../known-callers.ts'
import type { Caller } from '../token-guard.ts'
import { refusalReply } from '../wire-reply.ts'
import { entityTag, hasIt } from './entity-tag.ts'
import { isPackedFor, listHeaders } from './list-headers.ts'
import { OVERLOADED_HEADERS, overloaded } from './overloaded.ts'
import type { RememberedLists } from './remembered-lists.ts'
import { beginRows, endUnchanged, ROWS_PER_BATCH_MAX, type RowsAnswer, writeRows } from './write-rows.ts'

/** Of a list that has waited for longer for its turn it is asked again whether the token still opens the workspace. */
const TOKEN_HOLDS_MS = SECOND_MS

export interface Listing extends Admitting {
  readonly clock: Clock
  readonly callers: Pick<KnownCallers, 'find'>
  readonly listTurns: ListTurns
  readonly rowCache: RowCache
  /** Names the run of the gateway that revisions are compared in; nodes that run together say the same. */
  readonly runOfRows: () => string
  readonly remembered: RememberedLists
  readonly log: Log
}

/** A list of rows that are kept rendered: any length, written as its reader takes it. */
export function answerRows<E extends Endpoint>(
  app: FastifyInstance,
  deps: Listing,
  endpoint: E,
  find: (ask: RequestOf<E>, caller: Caller) => Promise<RowsAnswer>,
): void {
  inTurn(app, deps, endpoint, async ({ ask, caller, turn }, request, reply) => {
    try {
      const answer = await find(ask, caller)
      const run = deps.runOfRows()
      const etag = entityTag(run, answer)
      remember(answer, { run, etag }, caller, request, deps)
      const isPacked = isPackedFor(request, answer)
      const headers = listHeaders(request.id, etag, isPacked)
      if (hasIt(request.headers['if-none-match'], etag)) return notModified(reply, headers)
      const rows = await beginRows(answer, deps.rowCache, caller.workspaceId, turn, isPacked)
      reply.hijack()
      await writeRows(reply.raw, headers, rows)
    } catch (failure) {
      if (!reply.raw.headersSent) throw failure
      // The answer is under way, so all that the caller can still be told is that it is not whole.
      deps.log.error({ request: request.id, route: endpoint.path, err: failure }, 'a list broke off')
      reply.raw.destroy()
    }
    return reply
  })
}

/** For whoever asks the same again (`short-way`). */
function remember(
  { chats, tail, lasts = false }: RowsAnswer,
  tag: { readonly run: string; readonly etag: string },
  { token, edition }: Caller,
  request: FastifyRequest,
  { remembered }: Listing,
): void {
  const route = request.routeOptions.url
  if (!lasts || edition === undefined || token === undefined || route === undefined) return
  if (chats.length <= ROWS_PER_BATCH_MAX)
    remembered.keep(request.raw, { chats, tail, token, edition, route, ...tag })
}

function notModified(reply: FastifyReply, headers: Record<string, string>): FastifyReply {
  reply.hijack()
  endUnchanged(reply.raw, headers)
  return reply
}

/** Rows that are made for one answer: a page, or as many small ones as a workspace has bots, or tags. */
export function answerPage<E extends Endpoint>(
  app: FastifyInstance,
  deps: Listing,
  endpoint: E,
  find: (
    ask: RequestOf<E>,
    caller: Caller,
    turn: Pick<ListTurn, 'giveWay'>,
  ) => Promise<Omit<ReplyOf<E>, 'code'>>,
): void {
  inTurn(app, deps, endpoint, async ({ ask, caller, turn }) => ({
    code: 0,
    ...(await find(ask, caller, turn)),
  }))
}

interface Asked<E extends Endpoint> {
  readonly ask: RequestOf<E>
  readonly caller: Caller
  readonly turn: ListTurn
}

function inTurn<E extends Endpoint>(
  app: FastifyInstance,
  deps: Listing,
  endpoint: E,
  answer: (asked: Asked<E>, request: FastifyRequest, reply: FastifyReply) => Promise<object>,
): void {
  app.get(endpoint.path, { config: { envelope: endpoint.envelope } }, async (request, reply) => {
    const admitted = await admit(endpoint, null, request, reply, deps)
    if (!admitted.ok) return admitted.answer
    const { caller } = admitted.value
    const foundAt = deps.clock.now()
    const turn = await deps.listTurns.enter(caller.workspaceId)
    if (!turn) return reply.code(503).headers(OVERLOADED_HEADERS).send(overloaded(endpoint.envelope))
    try {
      // Whoever left while he waited wants nothing any more.
      if (reply.raw.destroyed) return reply.hijack()
      const isOld = deps.clock.now() - foundAt > TOKEN_HOLDS_MS
      if (isOld && !(await stillOpens(caller, deps))) return refusalReply(endpoint, refuse('token-invalid'))
      return await answer({ ...admitted.value, turn }, request, reply)
    } finally {
      turn.leave()
    }
  })
}

/** A pass of the console opens once, and has. */
const stillOpens = async ({ token, tokenId }: Caller, { callers }: Listing): Promise<boolean> =>
  token === undefined || (await callers.find(token))?.tokenId === tokenId
