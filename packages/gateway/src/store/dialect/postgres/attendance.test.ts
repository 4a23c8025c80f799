import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import { StoreAway } from '../../database/store-error.ts'
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

test('NODE-17 a node that leaves does not wait for a server that has fallen silent', async () => {
  const { hostname, port: realPort, username } = new URL(inject('postgresUrl'))
  const sockets: Socket[] = []
  const proxy = createServer(socket => {
    const server = connect(Number(realPort), hostname)
    sockets.push(socket, server)
    for (const each of [socket, server]) each.on('error', () => {})
    socket.pipe(server).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const { port } = proxy.address() as AddressInfo
  const attendance = await attend(`postgres://${username}@127.0.0.1:${port}/postgres`, 1_000_001)
  const [ours, theirs] = sockets as [Socket, Socket]
  ours.unpipe()
  theirs.unpipe()
  await attendance.leave()
}, 10_000)
