import { addMember, create, type Endpoint, IDEMPOTENCY_KEY, listByMember, listByMHTag } from '@qunhub/wire'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import { done, type Result, refuse } from '../model/result.ts'
import type { Places } from '../node/places.ts'
import { listByMember as listByMemberVerb } from '../room/list-by-member.ts'
import { listByMHTag as listByMHTagVerb } from '../room/list-by-mh-tag.ts'
import type { ListTurns } from '../room/list-turns.ts'
import type { RoomDeps } from '../room/room-deps.ts'
import type { RowCache } from '../room/row-cache.ts'
import type { Queryable } from '../store/database/database.ts'
import { type Admitting, admit, badRequest } from './admit.ts'
import type { Peers } from './ask-peer.ts'
import { callerAddress } from './caller-address.ts'
import { type Asked, type BotRoute, botRoutes, carryOutHere, offline } from './carry-out.ts'
import { foundOut } from './found-out.ts'
import type { KnownCallers } from './known-callers.ts'
import { answerRows, type Listing } from './lists/answer-lists.ts'
import { neighbourRoutes } from './neighbour-routes.ts'
import { waitPreference, waitSecondsIn } from './prefer.ts'
import type { AddressLimit, TokenLimit } from './rate-limit.ts'
import { type BodyBytes, readBody } from './read-body.ts'
import { createGoingOn, waitedForTurn } from './take-turns.ts'
import { tooMany } from './too-many.ts'
import type { Tries } from './tries.ts'

export interface RoomRouteDeps extends RoomDeps {
  readonly callers: KnownCallers
  /** What lists are found through. */
  readonly lists: { readonly db: Queryable }
  readonly listTurns: ListTurns
  readonly rowCache: RowCache
  readonly runOfRows: Listing['runOfRows']
  readonly remembered: Listing['remembered']
  /** Where a bot runs. */
  readonly places: Places
  /** The other nodes; null where there are none. */
  readonly peers: Peers | null
  readonly metrics: Metrics
  /** Per token, over all endpoints (G-6). */
  readonly tokenLimit: TokenLimit
  /** Per address, for requests without a valid token. */
  readonly addressLimit: AddressLimit
  /** What people try from the console: its passes open this door. */
  readonly tries: Tries
}

/** A bot may change its node between the search for it and the asking. */
const TRIES_MAX = 3

/** The five endpoints of the page, and its neighbours. */
export function roomRoutes(app: FastifyInstance, given: RoomRouteDeps): void {
  const { callers, tries } = given
  const deps: RoomRouteDeps & Admitting = {
    ...given,
    findToken: async (token, request) =>
      tries.take(token) ?? foundOut(request.raw).caller ?? callers.find(token),
    ...(callers.isAsked && { goOn: createGoingOn() }),
  }
  for (const route of botRoutes.values()) post(app, deps, route)
  answerRows(app, deps, listByMember, async (ask, caller) => ({
    ...(await listByMemberVerb(ask, caller, deps.lists)),
    tail: ']}',
  }))
  answerRows(app, deps, listByMHTag, async (ask, caller) => {
    const { rows, page } = await listByMHTagVerb(ask, caller, deps.lists)
    return { chats: rows, tail: `],"page":${JSON.stringify(page)}}`, lasts: true }
  })
  neighbourRoutes(app, deps)
}

/** An endpoint that acts through a bot: carried out by the node that runs it, and answered alike by every node. */
function post(app: FastifyInstance, deps: RoomRouteDeps & Admitting, route: BotRoute): void {
  const { endpoint } = route
  app.post(endpoint.path, { config: { envelope: endpoint.envelope } }, async (request, reply) => {
    const body = readBody(request.body as BodyBytes)
    if (!body.ok) {
      // Nobody can say whose it is, so it counts against the address it came from.
      const take = deps.addressLimit.take(callerAddress(request))
      return take.passed ? badRequest(reply, endpoint, body.detail) : tooMany(reply, take)
    }
    const admitted = await admit(endpoint, body.value, request, reply, deps)
    if (!admitted.ok) return admitted.answer
    const { ask, caller } = admitted.value
    const key = readIdempotencyKey(endpoint, request)
    if (!key.ok) return badRequest(reply, endpoint, key.detail)

    request.facts.userId = route.botOf(ask)
    const answer = await carryOutSomewhere(
      route,
      {
        ask,
        caller,
        idempotencyKey: key.value,
        waitSeconds: readWait(endpoint, request),
        cameAt: performance.now() - reply.elapsedTime - waitedForTurn(request.raw),
      },
      request,
      deps,
    )
    if (answer.preferenceApplied !== undefined) reply.header('preference-applied', answer.preferenceApplied)
    reply.code(answer.status)
    return answer.body
  })
}

async function carryOutSomewhere(
  route: BotRoute,
  asked: Omit<Asked, 'bots'>,
  { id: requestId, facts }: Pick<FastifyRequest, 'id' | 'facts'>,
  deps: RoomRouteDeps,
): Promise<{ status: number; body: object | Buffer; preferenceApplied?: string | undefined }> {
  const { ask, caller, idempotencyKey, waitSeconds, cameAt } = asked
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const place = await deps.places.ofUserId(caller.workspaceId, route.botOf(ask))
    if (place.at === 'here') {
      const [bot, another] = place.bots
      if (bot && !another) facts.bot = bot.bot.id
      return carryOutHere(route, { ...asked, bots: place.bots }, deps)
    }
    if (!deps.peers) break
    const { path } = route.endpoint
    const { workspaceId } = caller
    const answer = await deps.peers.ask(place.peer, {
      path,
      workspaceId,
      body: ask as object,
      idempotencyKey,
      ...(waitSeconds === undefined
        ? {}
        : { prefer: waitPreference(waitSeconds), atOnce: { prefer: undefined } }),
      requestId,
      ageMs: performance.now() - cameAt,
    })
    deps.metrics.askedPeer(answer.heard)
    if (answer.heard === 'answer')
      return { status: answer.status, body: answer.bytes, preferenceApplied: answer.applied }
    // What may have been done is not tried again; what was declined may be somewhere else by now.
    if (answer.heard !== 'not-here') break
  }
  return offline(route)
}

/** CR-25. */
function readIdempotencyKey(
  endpoint: Endpoint,
  request: FastifyRequest,
): Result<string | undefined, 'key-malformed'> {
  const key = request.headers['idempotency-key']
  if (endpoint.path !== create.path || key === undefined) return done(undefined)
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return done(key)
  return refuse(
    'key-malformed',
    'Idempotency-Key: 应为 1~255 个可见 ASCII 字符 (expected 1 to 255 visible ASCII characters)',
  )
}

/** AM-25. */
function readWait(endpoint: Endpoint, request: FastifyRequest): number | undefined {
  return endpoint.path === addMember.path ? waitSecondsIn(request.headers.prefer) : undefined
}
