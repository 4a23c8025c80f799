/**
 * Some programs and proxies send their whole request, shut their side and read until ours is shut: half a connection is left for the
 * answer (`nc -N`). From here that looks like a caller who has left, so it is told by time: who shuts his side within a second of
 * his request is answered all the same (G-22), and who does so later has lost patience, and nothing is made for him any more (MET-7).
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

const WITH_HIS_REQUEST_MS = 1000

/** Of a server of Node's own: that half a connection is enough for it is its `httpAllowHalfOpen`, which its types do not know. */
export function answerHalfClosed(server: Server): void {
  const lastCame = new WeakMap<Socket, number>()
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('request', (request: IncomingMessage) => {
    const note = () => lastCame.set(request.socket, performance.now())
    note()
    // Its body may take longer than that; most have none.
    if (request.method !== 'GET') request.once('end', note)
  })
  server.on('connection', (socket: Socket) => {
    socket.once('end', () => {
      const came = lastCame.get(socket)
      if (came !== undefined && performance.now() - came > WITH_HIS_REQUEST_MS) socket.end()
    })
  })
}
