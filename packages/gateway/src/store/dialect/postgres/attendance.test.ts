import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../../../testing/eventually.ts'
import { StoreAway } from '../../store-error.ts'
import { attend } from './attendance.ts'

/** AuthenticationOk and ReadyForQuery, as PostgreSQL says them to whoever connects. */
const WELCOME = Buffer.from('520000000800000000' + '5a0000000549', 'hex')

test('NODE-17 a server that falls silent just when a node has connected is not waited for, and the connection is given up', async () => {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.once('data', () => socket.write(WELCOME))
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  await expect(attend(`postgres://qunhub:secret@127.0.0.1:${port}/qunhub`, 1)).rejects.toThrow(StoreAway)
  await eventually('the connection to be gone', () => sockets.length === 1 && sockets[0]!.closed)
}, 10_000)
