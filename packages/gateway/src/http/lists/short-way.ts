/**
 * A list that has not changed since the same was asked for the last time, and of which memory has every row, is answered before
 * anything else is done with the request: most of what a short answer costs is finding out what it asks. Whether the token still
 * opens the workspace, and the list is still the same, is asked each time (`known-callers`). Whatever is unusual goes the ordinary
 * way, as do requests whose list has changed, and those that are refused; but for those of whom there are many at once, because their
 * workspace has too many lists under way (LT-8): they are turned away here, for a tenth of what it costs there.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Metrics } from '../../metrics/metrics.ts'
import type { ListTurns, PassingList } from '../../room/list-turns.ts'
import type { RowCache } from '../../room/row-cache.ts'
import type { FoundCaller } from '../../store/workspaces/tokens.ts'
import type { Clock } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { noteFoundOut } from '../found-out.ts'
import type { KnownCallers } from '../known-callers.ts'
import type { Take, TokenLimit } from '../rate-limit.ts'
import { whatIsBad } from '../refuse-bad-headers.ts'
import type { RequestLog } from '../request-log.ts'
import { answerHeaders } from '../server-answer.ts'
import { createGoingOn, type WithoutTurn, waitedForTurn } from '../take-turns.ts'
import type { Life } from '../under-way.ts'
import { hasIt } from './entity-tag.ts'
import { isPackedFor, listHeaders } from './list-headers.ts'
import { OVERLOADED_HEADERS, overloaded } from './overloaded.ts'
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

interface Way {
  readonly life: Life
  readonly basePath: string
  readonly nextRequestId: () => string
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Requests that it does not answer are heard by whoever listens to the server at this moment. Where the store has to be asked,
 * what is returned looks after requests before they take a turn: they have one when the store has answered all who came together.
 */
export function takeShortWay(server: Server, deps: ShortWayDeps, way: Way): WithoutTurn {
  const { callers, remembered } = deps
  const goOn = createGoingOn()
  const lookAfter: WithoutTurn = (request, response, otherwise) => {
    const list = isUsual(request, way) ? remembered.find(request) : undefined
    if (!list) return false
    const found = callers.stillOpens(list.token)
    const goAnotherWay = () => {
      if (found instanceof Promise) noteFoundOut(request, { caller: found })
      otherwise()
    }
    answer(
      list,
      found instanceof Promise ? inTurn(found, list, goOn) : found,
      request,
      response,
      deps,
      way,
    ).then(
      isAnswered => isAnswered || goAnotherWay(),
      // What failed is told there; what is begun cannot be begun anew.
      () => (response.headersSent ? response.destroy() : goAnotherWay()),
    )
    return true
  }
  if (callers.isAsked) return lookAfter

  const ordinary = server.listeners('request') as Listener[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const goTheOrdinaryWay = () => {
      for (const listener of ordinary) listener.call(server, request, response)
    }
    if (!lookAfter(request, response, goTheOrdinaryWay)) goTheOrdinaryWay()
  })
  return () => false
}

const isUsual = (request: IncomingMessage, { life }: Way): boolean =>
  request.method === 'GET' &&
  !life.leaving &&
  request.headers['content-length'] === undefined &&
  request.headers['transfer-encoding'] === undefined &&
  whatIsBad(request) === null

/** The store tells many at once whose requests theirs are; what is done for each of them is a list. */
async function inTurn<Found>(
  found: Promise<Found>,
  { token }: RememberedList,
  goOn: (whose: string) => Promise<void>,
): Promise<Found> {
  const caller = await found
  await goOn(token)
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
  // Where the workspace has too many under way it waits for a turn there, as others do (LT-8).
  const passing = isKnown ? NO_LIST : deps.listTurns.passBy(caller.workspaceId)
  const body = isKnown ? NOTHING : passing && bodyOf(list, caller, isPacked, deps)
  if (!body) passing?.leave()
  const isRefused = !body || !passing
  if (isRefused && !deps.listTurns.isFull(caller.workspaceId)) return false

  const requestId = way.nextRequestId()
  response.once('close', () => {
    const ms = performance.now() - began + waitedForTurn(request)
    tell(list, caller, { requestId, code: isRefused ? 503 : 0, ms }, response, deps, way)
  })
  const closing = way.life.leaving ? { connection: 'close' } : {}
  if (isRefused) {
    turnAway(response, { ...answerHeaders(requestId), ...closing })
    return true
  }
  const headers = { ...listHeaders(requestId, list.etag, isPacked), ...closing }
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

/** Every list has the same envelope. */
const TOO_MANY = Buffer.from(JSON.stringify(overloaded('list')))

function turnAway(response: ServerResponse, headers: Record<string, string>): void {
  const length = { 'content-length': String(TOO_MANY.length) }
  response.writeHead(503, { ...headers, ...OVERLOADED_HEADERS, ...length }).end(TOO_MANY)
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
  { requestId, code, ms }: { requestId: string; code: 0 | 503; ms: number },
  { writableFinished, statusCode }: ServerResponse,
  { metrics, log, requestLog, clock }: ShortWayDeps,
  { basePath }: Way,
): void {
  const endpoint = route.slice(basePath.length)
  if (writableFinished) metrics.answered(endpoint, statusCode, code, ms)
  else metrics.cutOff(endpoint, ms)
  const told = { status: statusCode, code, ms: Math.round(ms) }
  const facts = { request: requestId, method: 'GET', route, ...told, workspace: workspaceId }
  if (code === 0) log.debug(facts, 'answered')
  else log.info(facts, 'answered')
  requestLog.note({ workspaceId, tokenId, requestId, at: clock.now(), endpoint, ...told })
}
