/**
 * A receiver of callbacks in a process of its own: answers 200 at once. Asked `forget` it begins to count anew; asked `count`
 * it says what it has heard since, when the first and the last came, and over how many connections at once.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { now } from './monotonic.ts'

export interface Counted {
  readonly heard: number
  readonly firstAt: number
  readonly lastAt: number
  readonly socketsMax: number
}

let counted = { heard: 0, firstAt: 0, lastAt: 0, socketsMax: 0 }
let sockets = 0

const server = createServer((request, response) => {
  request.resume()
  request.once('end', () => {
    counted.lastAt = now()
    if (counted.heard++ === 0) counted.firstAt = counted.lastAt
    response.end()
  })
})
server.on('connection', socket => {
  counted.socketsMax = Math.max(counted.socketsMax, ++sockets)
  socket.once('close', () => sockets--)
})
process.on('message', asked => {
  if (asked === 'forget') counted = { heard: 0, firstAt: 0, lastAt: 0, socketsMax: sockets }
  process.send?.(counted)
})
process.once('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)
