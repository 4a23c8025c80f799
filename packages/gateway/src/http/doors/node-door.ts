/**
 * The door for the other nodes: what they were asked for a bot that runs here. It listens at the node's own address,
 * apart from the API's port, and opens for whoever knows the secret that the nodes share. Token, rate limit and schema
 * were checked where the request came in; here it is carried out, or declined because the bot is not here any more.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { WorkspaceId } from '@qunhub/wire'
import type { Places } from '../../node/places.ts'
import type { VerbDeps } from '../../operator/verb.ts'
import type { RoomDeps } from '../../room/room-deps.ts'
import { MINUTE_MS } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { NOT_HERE_STATUS, POKE_PATH } from '../ask-peer.ts'
import { type Answer, type BotRoute, botRoutes, carryOutHere } from '../carry-out.ts'
import { waitSecondsIn } from '../prefer.ts'
import { readBody } from '../read-body.ts'
import { seeOff } from '../see-off.ts'
import { loadVerbDoor } from './load-verb-door.ts'
import { listenBehindSecret, readWhole } from './secret-listener.ts'

const BODY_BYTES_MAX = 1024 * 1024
/** A few peers, with as many connections as each may have to one (`ask-peer.ts`). */
const CONNECTIONS_MAX = 8192
/** Nobody waits longer for an answer. */
const AGE_MAX_MS = MINUTE_MS

export interface NodeDoor {
  /** `host:port`, as its peers reach it. */
  readonly address: string
  /** Everything it needs to answer; until then it declines. */
  open(deps: NodeDoorDeps): void
  /** Declines from now on, and lets those inside go: see `see-off.ts`. */
  close(hurried?: AbortSignal): Promise<void>
}

export interface NodeDoorDeps {
  readonly room: RoomDeps
  readonly operator: VerbDeps
  readonly places: Pick<Places, 'ofUserId'>
  /** A peer owes something to an address that this node may run (NODE-24). */
  readonly wakeCourier?: () => void
  /** A stop has no more time: nothing that was asked of a puppet is waited for any longer. */
  readonly waitNoLonger?: () => void
  /** For tests. */
  readonly load?: typeof loadVerbDoor
}

/** Listens. Rejects when the address is taken, or is none of this machine. */
export async function listenForPeers(
  { host, port, secret }: { host: string; port: number; secret: string },
  log: Log,
): Promise<NodeDoor> {
  let deps: NodeDoorDeps | null = null
  const listener = await listenBehindSecret(
    { host: host.replace(/^\[|\]$/g, ''), port, secret, knownMax: CONNECTIONS_MAX },
    (request, response, showsSecret) =>
      serve(request, response, showsSecret, deps, log).catch(failure => {
        log.error({ request: request.headers['x-request-id'], err: failure }, 'a request of a peer failed')
        if (!response.headersSent) response.writeHead(500)
        response.end()
      }),
  )
  /** The peer that asked takes it for no answer at all. */
  const refuse = (isMeant: (request: IncomingMessage) => boolean) => {
    for (const [response, request] of listener.inside)
      if (!response.headersSent && isMeant(request)) decline(request, response, 503)
  }
  return {
    address: `${host}:${listener.port}`,
    open(given) {
      deps = given
    },
    async close(hurried = new AbortController().signal) {
      const { waitNoLonger = () => {} } = deps ?? {}
      deps = null
      const steps = {
        refuseHalf: () => refuse(request => !request.complete),
        waitNoLonger,
        refuseRest: () => refuse(() => true),
        cut: listener.cut,
      }
      await seeOff(listener.close(), steps, hurried)
    },
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  showsSecret: boolean,
  deps: NodeDoorDeps | null,
  log: Log,
): Promise<void> {
  if (!showsSecret) return decline(request, response, 401)
  if (!deps) return decline(request, response, NOT_HERE_STATUS)
  if (request.url === POKE_PATH) {
    deps.wakeCourier?.()
    request.resume()
    response.writeHead(204).end()
    return
  }
  const bytes = await readWhole(request, BODY_BYTES_MAX)
  // It left in the middle of its request, so nobody waits for an answer.
  if (bytes === 'broken-off') return
  if (bytes === 'too-large') return decline(request, response, 413)
  const body = readBody(bytes)
  const workspaceId = WorkspaceId.safeParse(request.headers['x-qunhub-workspace']).data
  if (!body.ok || !workspaceId || request.method !== 'POST') return decline(request, response, 400)

  const answer = await answerTo(request, workspaceId, body.value, deps, log)
  if (!answer) return decline(request, response, NOT_HERE_STATUS)
  if (answer === 'unread') return decline(request, response, 503)
  if (answer === 'malformed') return decline(request, response, 400)
  log.debug({ request: request.headers['x-request-id'], route: request.url }, 'answered a peer')
  if (response.headersSent) return
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    ...(answer.preferenceApplied === undefined ? {} : { 'preference-applied': answer.preferenceApplied }),
  })
  response.end(JSON.stringify(answer.body))
}

/**
 * Null when it is not for this node; malformed when it is not what its endpoint asks for: a peer of another version, or none;
 * unread where the verbs cannot be read now.
 */
async function answerTo(
  { url, headers }: IncomingMessage,
  workspaceId: WorkspaceId,
  ask: object,
  { room, operator, places, load = loadVerbDoor }: NodeDoorDeps,
  log: Log,
): Promise<Answer | 'malformed' | 'unread' | null> {
  const name = /^\/operator\/([a-z-]+)$/.exec(url ?? '')?.[1]
  if (name) {
    const door = await load().catch(err => {
      log.error({ request: headers['x-request-id'], err }, 'what a peer asks for could not be read')
    })
    if (!door) return 'unread'
    const admitted = door.verbFor({ realm: 'node' }, name)
    if (!admitted) return null
    const { status, reply } = await door.answerVerb(admitted, ask, operator)
    return { status, body: reply }
  }
  const route = botRoutes.get(url ?? '')
  if (!route) return null
  return carryOutForPeer(route, workspaceId, ask, headers, { room, places })
}

async function carryOutForPeer(
  route: BotRoute,
  workspaceId: WorkspaceId,
  given: object,
  headers: IncomingHttpHeaders,
  { room, places }: Pick<NodeDoorDeps, 'room' | 'places'>,
): Promise<Answer | 'malformed' | null> {
  const cameAt = performance.now() - ageIn(headers)
  const parsed = route.endpoint.request.safeParse(given)
  if (!parsed.success) return 'malformed'
  const ask = parsed.data
  const place = await places.ofUserId(workspaceId, route.botOf(ask))
  // Found anew: it may be run elsewhere by now, and nobody else may act for it.
  if (place.at !== 'here') return null
  const key = headers['idempotency-key']
  const asked = {
    ask,
    caller: { workspaceId },
    idempotencyKey: typeof key === 'string' ? key : undefined,
    waitSeconds: waitSecondsIn(headers.prefer),
    cameAt,
    bots: place.bots,
  }
  return carryOutHere(route, asked, room)
}

/** Milliseconds since the request came in at the peer; 0 where it does not say. */
function ageIn(headers: IncomingHttpHeaders): number {
  const age = Number(headers['x-qunhub-age-ms'])
  return age > 0 && age <= AGE_MAX_MS ? age : 0
}

function decline(request: IncomingMessage, response: ServerResponse, status: number): void {
  request.resume()
  // The stop may have had the last word.
  if (response.headersSent) return
  response.writeHead(status, { 'content-length': 0 }).end()
}
