/**
 * A list that has not changed since the same was asked for the last time, and of which memory has every row, is answered before
 * anything else is done with the request: most of what a short answer costs is finding out what it asks. Whether the token still
 * opens the workspace, and the list is still the same, is asked each time (`known-callers`). Whatever is unusual goes the ordinary
 * way, as do requests whose list has changed, and those that are refused.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Metrics } from '../../metrics/metrics.ts'
import type { ListTurns, PassingList } from '../../room/list-turns.ts'
import type { RowCache } from '../../room/row-cache.ts'
import type { FoundCaller } from '../../store/workspaces/tokens.ts'
import type { Clock } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { foundOut, noteFoundOut } from '../found-out.ts'
import type { KnownCallers } from '../known-callers.ts'
import type { Take, TokenLimit } from '../rate-limit.ts'
import { whatIsBad } from '../refuse-bad-headers.ts'
import type { RequestLog } from '../request-log.ts'
import { createTurns, type Turns, waitedForTurn } from '../take-turns.ts'
import type { Life } from '../under-way.ts'
import { hasIt } from './entity-tag.ts'
import { isPackedFor, listHeaders } from './list-headers.ts'
import type { RememberedList, RememberedLists } from './remembered-lists.ts'
import { endUnchanged, packedBody, plainBody, watchReader, writeWhole } from './write-rows.ts'

export interface ShortWayDeps {
  readonly callers: KnownCallers
  readonly remembered: RememberedLists
  readonly rowCache: RowCache
  readonly listTurns: ListTurns
  readonly tokenLimit: TokenLimit
  readonly runOfRows: () => string
  readonly metrics: Metrics
  readonly requestLog: Pick<RequestLog, 'note'>
  readonly log: Log
  readonly clock: Clock
}

/** Together some milliseconds. */
const ANSWERED_PER_TICK_MAX = 32

interface Way {
  readonly life: Life
  readonly basePath: string
  readonly nextRequestId: () => string
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Requests that it does not answer are heard by whoever listens to the server at this moment. What is returned may hear of a request
 * as soon as it has come: then the store is asked for all that come together, while they wait for their turns.
 */
export function takeShortWay(
  server: Server,
  deps: ShortWayDeps,
  way: Way,
): (request: IncomingMessage) => void {
  const { callers, remembered } = deps
  const turns = createTurns(setImmediate, ANSWERED_PER_TICK_MAX)
  const ordinary = server.listeners('request') as Listener[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const list = isUsual(request, way) ? remembered.find(request) : undefined
    const goOn = () => {
      for (const listener of ordinary) listener.call(server, request, response)
    }
    if (!list) return goOn()
    const found = foundOut(request).caller ?? callers.stillOpens(list.token)
    if (found instanceof Promise) noteFoundOut(request, { caller: found })
    answer(
      list,
      found instanceof Promise ? inTurn(found, list, turns) : found,
      request,
      response,
      deps,
      way,
    ).then(
      isAnswered => isAnswered || goOn(),
      // What failed is told there; what is begun cannot be begun anew.
      () => (response.headersSent ? response.destroy() : goOn()),
    )
  })
  return request => {
    const list = callers.isAsked ? remembered.find(request) : undefined
    if (list) noteFoundOut(request, { caller: callers.find(list.token) })
  }
}

const isUsual = (request: IncomingMessage, { life }: Way): boolean =>
  request.method === 'GET' &&
  !life.leaving &&
  request.headers['content-length'] === undefined &&
  request.headers['transfer-encoding'] === undefined &&
  whatIsBad(request) === null

/** The store tells many at once whose requests theirs are; what is done for each of them is a list. */
async function inTurn<Found>(found: Promise<Found>, { token }: RememberedList, turns: Turns): Promise<Found> {
  const caller = await found
  await new Promise<void>(begin => turns.ask(token, begin))
  return caller
}

async function answer(
  list: RememberedList,
  found: ReturnType<KnownCallers['stillOpens']>,
  request: IncomingMessage,
  response: ServerResponse,
  deps: ShortWayDeps,
  way: Way,
): Promise<boolean> {
  const began = performance.now()
  const caller = found instanceof Promise ? await found : found
  if (way.life.leaving) return false
  if (caller?.edition === undefined || caller.edition !== list.edition || deps.runOfRows() !== list.run) {
    deps.remembered.forget(request)
    return false
  }
  const asking = permit(caller, deps.tokenLimit)
  // The ordinary way asks for none again, and tells of one that could not be asked for.
  noteFoundOut(request, { take: asking })
  const take = await asking.catch(() => null)
  if (!take?.passed) return false
  const workBegan = performance.now()
  if (response.destroyed) {
    // Whoever left has used up his permit, and hears nothing.
    deps.metrics.cutOff(list.route.slice(way.basePath.length), workBegan - began)
    return true
  }
  const isKnown = hasIt(request.headers['if-none-match'], list.etag)
  const isPacked = isPackedFor(request, list)
  const body = isKnown ? NOTHING : bodyOf(list, caller, isPacked, deps)
  if (!body) return false
  // Where the workspace has too many under way it waits for a turn there, as others do (LT-8).
  const passing = isKnown ? NO_LIST : deps.listTurns.passBy(caller.workspaceId)
  if (!passing) return false

  const requestId = way.nextRequestId()
  const closing = way.life.leaving ? { connection: 'close' } : {}
  const headers = { ...listHeaders(requestId, list.etag, isPacked), ...closing }
  response.once('close', () => {
    tell(
      list,
      caller,
      { requestId, ms: performance.now() - began + waitedForTurn(request) },
      response,
      deps,
      way,
    )
  })
  let waits = false
  try {
    if (isKnown) endUnchanged(response, headers)
    else writeWhole(response, headers, body)
    waits = watchReader(response)
  } finally {
    passing.worked(performance.now() - workBegan)
    // What the kernel took at once waits for nobody, so others of the workspace need not wait for it.
    if (waits) response.once('close', passing.leave)
    else passing.leave()
  }
  return true
}

/** In pieces; null where memory has not all of them. Packed whole, it is remembered as soon as each of its rows was deflated. */
function bodyOf(
  list: RememberedList,
  { workspaceId }: FoundCaller,
  isPacked: boolean,
  { remembered, rowCache }: ShortWayDeps,
): readonly Uint8Array[] | null {
  const known = isPacked ? remembered.packedOf(list) : undefined
  if (known) return [known]
  const rows = rowCache.inMemory(workspaceId, list.chats, isPacked)
  if (!rows || !isPacked) return rows && plainBody(rows, list.tail)
  const packed = packedBody(rows, list.tail)
  if (rows.every(({ piece }) => piece)) remembered.keepPacked(list, packed)
  return [packed]
}

const NOTHING: readonly Uint8Array[] = []
/** An answer without rows holds nothing that waits for its reader. */
const NO_LIST: PassingList = { worked() {}, leave() {} }

/** Whatever the limit, as a promise. */
const permit = async (caller: FoundCaller, limit: TokenLimit): Promise<Take> => limit.take(caller)

/** As every other answer is told: counted, logged, and kept for the console. */
function tell(
  { route }: RememberedList,
  { workspaceId, tokenId }: FoundCaller,
  { requestId, ms }: { requestId: string; ms: number },
  { writableFinished, statusCode }: ServerResponse,
  { metrics, log, requestLog, clock }: ShortWayDeps,
  { basePath }: Way,
): void {
  const endpoint = route.slice(basePath.length)
  if (writableFinished) metrics.answered(endpoint, statusCode, 0, ms)
  else metrics.cutOff(endpoint, ms)
  const told = { status: statusCode, code: 0, ms: Math.round(ms) }
  log.debug({ request: requestId, method: 'GET', route, ...told, workspace: workspaceId }, 'answered')
  requestLog.note({ workspaceId, tokenId, requestId, at: clock.now(), endpoint, ...told })
}
