/**
 * Five hundred requests that come at once are read in one turn of the event loop, and were they answered in it as well,
 * everybody else would wait for a fifth of a second. So a few are begun in each turn, the others wait for the next ones, in
 * which whatever else has come is heard too. Those who wait take turns by whose they seem to be: the token in the query or
 * the header, else where the connection comes from. As many wait as there are connections.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { bearer } from './token-guard.ts'

/** Together a millisecond or two. */
const BEGUN_PER_TURN_MAX = 4
/** Longer than any token; what is longer takes its turns with others of its kind. */
const WHOSE_LENGTH_MAX = 200
const TOKEN_IN_QUERY = /[?&]token=([^&#]*)/

type Begin = () => void

/** Has the server's requests begun in turns, by whoever listens to them at this moment. */
export function takeTurns(server: Server): void {
  const begin = server.listeners('request') as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[]
  server.removeAllListeners('request')
  const turns = createTurns(setImmediate)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    turns.ask(whose(request), () => {
      for (const listener of begin) listener.call(server, request, response)
    })
  })
}

/** `whenOthersHadTheirTurn` calls back in the next turn of the event loop. */
export function createTurns(whenOthersHadTheirTurn: (call: () => void) => unknown): {
  ask(whose: string, begin: Begin): void
} {
  /** By who waits, those first whose turn it is. */
  const waiting = new Map<string, Begin[]>()
  let begun = 0
  let isTurnComing = false

  function comeAgain(): void {
    if (isTurnComing) return
    isTurnComing = true
    whenOthersHadTheirTurn(() => {
      isTurnComing = false
      begun = 0
      beginSome()
    })
  }

  function beginSome(): void {
    while (begun < BEGUN_PER_TURN_MAX) {
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
  return (token ?? socket.remoteAddress ?? '').slice(0, WHOSE_LENGTH_MAX)
}
