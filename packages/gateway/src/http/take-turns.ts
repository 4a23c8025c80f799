/**
 * Five hundred requests that come at once are read in one tick of the event loop, and were they answered in it as well,
 * everybody else would wait for a fifth of a second. So a few are begun in each tick, the others wait for the next ones, in
 * which whatever else has come is heard too. Those who wait take turns by whose they seem to be: the token in the query or
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
/** Together a millisecond or two. */
const BEGUN_PER_TICK_MAX = 4
/** Longer than any token; what is longer takes its turns with others of its kind. */
const WHOSE_LENGTH_MAX = 200
const TOKEN_IN_QUERY = /[?&]token=([^&#]*)/
const PROBE = /\/(?:health|ready|metrics)(?:$|\?)/

type Begin = () => void

export interface Turns {
  ask(whose: string, begin: Begin): void
}

/** Connections on which something has been asked already. */
const hasAsked = new WeakSet<object>()
const waited = new WeakMap<IncomingMessage, number>()

/** For how many milliseconds the request waited before it was begun. */
export const waitedForTurn = (request: IncomingMessage): number => waited.get(request) ?? 0

/**
 * Has the server's requests begun in turns, by whoever listens to them at this moment. `onLeft` hears of each whose caller was
 * gone before its turn came, and how long he had waited; nobody else hears of it. `onCome` hears of each as it comes, before it
 * waits.
 */
export function takeTurns(
  server: Server,
  arrivals: Arrivals,
  onLeft: (ms: number) => void,
  onCome: (request: IncomingMessage) => void = () => {},
): void {
  server.on('connection', arrivals.came)
  const begin = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[]
  server.removeAllListeners('request')
  const turns = createTurns(setImmediate)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const cameAt = performance.now()
    onCome(request)
    const beginNow = () => {
      const ms = performance.now() - cameAt
      // Nobody would hear the answer, and its end has been told already, to nobody.
      if (response.destroyed) return onLeft(ms)
      waited.set(request, ms)
      for (const listener of begin) listener.call(server, request, response)
    }
    const isPipelined = response.socket === null
    if (isPipelined || PROBE.test(request.url ?? '')) return beginNow()
    const ask = () => turns.ask(whose(request), beginNow)
    if (hasAsked.has(request.socket)) return ask()
    hasAsked.add(request.socket)
    arrivals.letThemIn(NEWCOMER_WAITS_MS, ask)
  })
}

/** `onNextTick` calls back in the next tick of the event loop. */
export function createTurns(
  onNextTick: (call: () => void) => unknown,
  begunPerTickMax = BEGUN_PER_TICK_MAX,
): Turns {
  /** By who waits, those first whose turn it is. */
  const waiting = new Map<string, Begin[]>()
  let begun = 0
  let isTickComing = false

  function comeAgain(): void {
    if (isTickComing) return
    isTickComing = true
    onNextTick(() => {
      isTickComing = false
      begun = 0
      beginSome()
    })
  }

  function beginSome(): void {
    while (begun < begunPerTickMax) {
      const [first] = waiting
      if (!first) return
      const [name, begins] = first
      waiting.delete(name)
      const begin = begins.shift()!
      if (begins.length > 0) waiting.set(name, begins)
      begun++
      comeAgain()
      begin()
    }
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

function whose({ url = '', headers, socket }: IncomingMessage): string {
  const token = TOKEN_IN_QUERY.exec(url)?.[1] || bearer(headers.authorization)
  return token ? `token ${token.slice(0, WHOSE_LENGTH_MAX)}` : `address ${socket.remoteAddress}`
}
