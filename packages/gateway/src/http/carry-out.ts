import {
  addMember,
  create,
  type Endpoint,
  exit,
  type RequestOf,
  type UserId,
  type WorkspaceId,
} from '@qunhub/wire'
import { refuse } from '../model/result.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { PuppetUnavailable } from '../puppet/puppet-failures.ts'
import { addMember as addMemberVerb } from '../room/add-member.ts'
import type { Attempt } from '../room/answer-memory.ts'
import { create as createVerb } from '../room/create.ts'
import { exit as exitVerb } from '../room/exit.ts'
import type { Caller, RoomDeps } from '../room/room-deps.ts'
import { FenceLost } from '../store/database/store-error.ts'
import { SECOND_MS } from '../system/clock.ts'
import { waitPreference } from './prefer.ts'
import { envelop, refusalReply, wireReply } from './wire-reply.ts'

/** An answer as it will be written. */
export interface Answer {
  readonly status: number
  readonly body: object
  /** RFC 7240: the preference that this answer has honoured (AM-25). */
  readonly preferenceApplied?: string | undefined
}

/** What a verb of a bot is asked, on whose behalf, and which bots it may mean. */
export interface Asked<A = unknown> {
  /** As the endpoint's schema has parsed it. */
  readonly ask: A
  readonly caller: Caller
  /** CR-25; undefined where the request brought none. */
  readonly idempotencyKey: string | undefined
  /** AM-25; undefined where the request does not prefer to wait. */
  readonly waitSeconds: number | undefined
  /** When it came in, at whichever node, as `performance.now()` of this process would have it (AM-24). */
  readonly cameAt: number
  readonly bots: readonly HostedBot[]
}

/** An endpoint that acts through one bot, and so is carried out by the node that runs it. */
export interface BotRoute {
  readonly endpoint: Endpoint
  /** The userId of the bot that is meant. */
  readonly botOf: (ask: unknown) => UserId
  readonly carryOut: (asked: Asked, deps: RoomDeps) => Promise<Answer>
}

interface TypedRoute<E extends Endpoint> {
  readonly endpoint: E
  readonly botOf: (ask: RequestOf<E>) => UserId
  readonly carryOut: (asked: Asked<RequestOf<E>>, deps: RoomDeps) => Promise<Answer>
}

// What a route is asked has been parsed by its own endpoint's schema, wherever it comes from.
const botRoute = <E extends Endpoint>(route: TypedRoute<E>): BotRoute => route as unknown as BotRoute

const ok = (body: object): Answer => ({ status: 200, body })

const addMemberRoute = botRoute<typeof addMember>({
  endpoint: addMember,
  botOf: ask => ask.botUserId,
  carryOut: async ({ ask, caller, waitSeconds, cameAt }, deps) => {
    const waitMs = waitSeconds === undefined ? undefined : waitSeconds * SECOND_MS
    const added = await addMemberVerb(ask, caller, deps, { waitMs, cameAt })
    const isSeen = added.ok && added.value === 'seen'
    return {
      ...ok(wireReply(addMember, added, () => ({ code: 0, message: '' }))),
      preferenceApplied: waitSeconds !== undefined && isSeen ? waitPreference(waitSeconds) : undefined,
    }
  },
})

const exitRoute = botRoute<typeof exit>({
  endpoint: exit,
  botOf: ask => ask.wecomUserId,
  carryOut: async ({ ask, caller }, deps) =>
    ok(wireReply(exit, await exitVerb(ask, caller, deps), () => ({ code: 0, message: 'ok' }))),
})

const createRoute = botRoute<typeof create>({
  endpoint: create,
  botOf: ask => ask.botUserId,
  carryOut: async ({ ask, caller, idempotencyKey }, deps) => {
    const { token: _, ...body } = ask
    const work = (attempt?: Attempt) => createVerb(body, caller, deps, attempt)
    // CR-25: with a key the same request makes one room; the key with another body is a bad request.
    const answered =
      idempotencyKey === undefined
        ? { ok: true as const, value: await work() }
        : await deps.answers.once(caller.workspaceId, idempotencyKey, body, work)
    if (!answered.ok) {
      const words = 'Idempotency-Key: 已用于另一请求 (expected the body it was first used with)'
      return { status: 400, body: envelop(create.envelope, 400, words) }
    }
    return ok(wireReply(create, answered.value, data => ({ errcode: 0, errmsg: 'ok', data })))
  },
})

/** Every endpoint that acts through a bot, by its path. */
export const botRoutes: ReadonlyMap<string, BotRoute> = new Map(
  [addMemberRoute, createRoute, exitRoute].map(route => [route.endpoint.path, route]),
)

/** What an endpoint answers when no node can act for the bot: its own "offline", which all three have. */
export const offline = ({ endpoint }: BotRoute): Answer => ok(refusalReply(endpoint, refuse('bot-offline')))

/** Carries a request out on this node, with the bots that it may mean. */
export async function carryOutHere(route: BotRoute, asked: Asked, deps: RoomDeps): Promise<Answer> {
  const roster = { byUserId: (_: WorkspaceId, __: UserId) => [...asked.bots] }
  const carryOut = () => route.carryOut(asked, { ...deps, roster })
  const [bot, another] = asked.bots
  try {
    // Nobody can do anything for one of two.
    return await (bot && !another ? bot.onErrand(carryOut) : carryOut())
  } catch (failure) {
    // The bot leaves this node, or in the middle of it became another node's.
    if (failure instanceof FenceLost || failure instanceof PuppetUnavailable) return offline(route)
    throw failure
  }
}
