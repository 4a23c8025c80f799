/**
 * A door that opens for whoever shows a secret must not be kept shut by those who show none. A connection is a stranger's
 * until the secret was shown on it; of strangers there are a few, and when one more comes the oldest goes. So however many
 * connect and say nothing, who has the secret comes in at once.
 *
 * A stranger's request that takes longer than HEADERS_WAIT_MAX_MS to name itself is ended by the server: Node looks for
 * such every `connectionsCheckingInterval`, which is 30 s unless it is said.
 */
import type { Server, ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import { SECOND_MS } from '../../system/clock.ts'

/** Whoever has the secret sends it with his first packet; only a burst of so many at once could push him out. */
export const STRANGERS_MAX = 256
const HEADERS_WAIT_MAX_MS = SECOND_MS
const CHECK_EVERY_MS = 250

/** For the server of such a door. */
export const strangersHurry: ServerOptions = {
  headersTimeout: HEADERS_WAIT_MAX_MS,
  connectionsCheckingInterval: CHECK_EVERY_MS,
}

export interface DoorStrangers {
  /** The secret was shown on this connection: it stays, whoever comes. */
  recognise(socket: Socket): void
}

/** Watches every connection of a server that has not listened yet; of those who showed the secret there may be `knownMax`. */
export function watchStrangers(server: Server, { knownMax }: { knownMax: number }): DoorStrangers {
  // A set keeps the order in which they came.
  const strangers = new Set<Socket>()
  server.maxConnections = knownMax + STRANGERS_MAX
  server.on('connection', (socket: Socket) => {
    strangers.add(socket)
    socket.once('close', () => strangers.delete(socket))
    if (strangers.size <= STRANGERS_MAX) return
    const [oldest] = strangers
    oldest?.destroy()
    if (oldest) strangers.delete(oldest)
  })
  return { recognise: socket => void strangers.delete(socket) }
}
