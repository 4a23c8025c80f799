/**
 * Five hundred requests that come at once are read in one tick of the event loop, and were they answered in it as well,
 * everybody else would wait for a fifth of a second. So a few are begun in each tick, fewer when those of the last one took long,
 * the others wait for the next ones, in which whatever else has come is heard too. Those who wait take turns by whose they seem to be: the token in the query or
 * the header, else where the connection comes from.
 *
 * What comes first on a connection waits while others are still coming in; see `arrivals.ts`.
 *
 * One of a connection waits at most: what is pipelined behind another is begun at once, so that Node reads no further when
 * answers pile up. Probes do not wait.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Arrivals } from './arrivals.ts'
import { bearer } from './token-guard.ts'

/** In which some thousand connections are taken. */
const NEWCOMER_WAITS_MS = 100
const BEGUN_PER_TICK_MAX = 4
/** For those of one asker, by what the last ones took; one of them is always begun. */
const BEGINNING_MS_MAX = 1
/** Longer than any token; what is longer takes its turns with others of its kind. */
const WHOSE_LENGTH_MAX = 200
const TOKEN_IN_QUERY = /[?&]token=([^&#]*)/
const PROBE = /\/(?:health|ready|metrics)(?:$|\?)/

type Begin = () => void

export interface Turns {
  ask(whose: string, begin: Begin): void
}

/** The store tells many at once what they wait for; what is done for each of them then takes a turn. Together some milliseconds. */
const GOING_ON_PER_TICK_MAX = 32

/** For whoever has waited for a store that is a server: resolves when he may go on. */
export function createGoingOn(): (whose: string) => Promise<void> {
  const turns = createTurns(setImmediate, GOING_ON_PER_TICK_MAX)
  return whose => new Promise(begin => turns.ask(whose, begin))
}

/** Connections on which something has been asked already. */
const hasAsked = new WeakSet<object>()
const waited = new WeakMap<IncomingMessage, number>()

/** For how many milliseconds the request waited before it was begun. */
export const waitedForTurn = (request: IncomingMessage): number => waited.get(request) ?? 0

/** And then for something else. */
export const waitedLonger = (request: IncomingMessage, ms: number): void => {
  waited.set(request, waitedForTurn(request) + ms)
}

/**
 * Whether a request is looked after without a turn, for it waits for the store first and takes a turn there. Calls back when it has to
 * take one here after all.
 */
export type WithoutTurn = (
  request: IncomingMessage,
  response: ServerResponse,
  takeTurn: () => void,
) => boolean

/**
 * Has the server's requests begun in turns, by whoever listens to them at this moment. `onLeft` hears of each whose caller was
 * gone before its turn came, and how long he had waited; nobody else hears of it.
 */
export function takeTurns(
  server: Server,
  arrivals: Arrivals,
  onLeft: (ms: number) => void,
  isWithoutTurn: WithoutTurn = () => false,
  turns = createTurns(setImmediate),
): void {
  server.on('connection', arrivals.came)
  const begin = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[]
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const cameAt = performance.now()
    const beginNow = () => {
      const ms = performance.now() - cameAt
      // Nobody would hear the answer, and its end has been told already, to nobody.
      if (response.destroyed) return onLeft(ms)
      waited.set(request, ms)
      for (const listener of begin) listener.call(server, request, response)
    }
    const isPipelined = response.socket === null
    if (isPipelined || PROBE.test(request.url ?? '')) return beginNow()
    const takeTurn = () => turns.ask(whose(request), beginNow)
    const ask = () => {
      if (response.destroyed || !isWithoutTurn(request, response, takeTurn)) takeTurn()
    }
    if (hasAsked.has(request.socket)) return ask()
    hasAsked.add(request.socket)
    arrivals.letThemIn(NEWCOMER_WAITS_MS, () => {
      waited.set(request, performance.now() - cameAt)
      ask()
    })
  })
}

/**
 * `onNextTick` calls back in the next tick of the event loop. In each, one of everybody who waits is begun, up to the most there may
 * be, and more of the same only if those of the last tick took little: so whoever comes while somebody else asks for what is dear
 * is begun at once.
 */
export function createTurns(
  onNextTick: (call: () => void) => unknown,
  begunPerTickMax = BEGUN_PER_TICK_MAX,
  elapsed = () => performance.now(),
): Turns {
  /** By who waits, those first whose turn it is. */
  const waiting = new Map<string, Begin[]>()
  const begunInTick = new Set<string>()
  let begun = 0
  let ofTheSameMax = begunPerTickMax
  let isTickComing = false

  function comeAgain(): void {
    if (isTickComing) return
    isTickComing = true
    onNextTick(() => {
      isTickComing = false
      begun = 0
      begunInTick.clear()
      beginSome()
    })
  }

  function beginSome(): void {
    const since = elapsed()
    const before = begun
    while (begun < begunPerTickMax && beginNext());
    const count = begun - before
    if (count === 0) return
    onceDone(() => {
      const each = (elapsed() - since) / count
      ofTheSameMax = Math.max(1, Math.floor(BEGINNING_MS_MAX / each))
    })
  }

  function beginNext(): boolean {
    for (const [name, begins] of waiting) {
      if (begun >= ofTheSameMax && begunInTick.has(name)) continue
      waiting.delete(name)
      const begin = begins.shift()!
      if (begins.length > 0) waiting.set(name, begins)
      begunInTick.add(name)
      begun++
      // First: if it throws, the others still have their turns.
      comeAgain()
      begin()
      return true
    }
    return false
  }

  return {
    ask(name, begin) {
      const others = waiting.get(name)
      if (others) others.push(begin)
      else waiting.set(name, [begin])
      beginSome()
    },
  }
}

/** When all is done that can be without waiting for the event loop. */
const onceDone = (call: () => void): void => queueMicrotask(() => process.nextTick(call))

function whose({ url = '', headers, socket }: IncomingMessage): string {
  const token = TOKEN_IN_QUERY.exec(url)?.[1] || bearer(headers.authorization)
  return token ? `token ${token.slice(0, WHOSE_LENGTH_MAX)}` : `address ${socket.remoteAddress}`
}
