import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test } from 'vitest'
import type { Peer } from '../node/places.ts'
import { systemClock } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { openPeers, type PeersDeps } from './ask-peer.ts'
import { listenForPeers, type NodeDoorDeps } from './doors/node-door.ts'

const SECRET = 's'.repeat(32)
const ask = { path: '/room/addMember', workspaceId: 'a'.repeat(24), body: { n: 1 }, requestId: 'r1' }

/** A node that answers as it is told, and counts how often it was asked. */
async function openPeer(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    request.resume()
    request.on('end', () => answer(request, response))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const peer: Peer = { id: 'peer', address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
  return { peer, asked, server }
}

function openAsker(deps: Partial<PeersDeps> = {}) {
  const peers = openPeers({
    secret: SECRET,
    clock: systemClock,
    log: silentLog,
    isAlive: () => true,
    ...deps,
  })
  onTestFinished(() => peers.close())
  return peers
}

test('NODE-12 a peer that declines did nothing, so it may be asked for elsewhere', async () => {
  const { peer } = await openPeer((_, response) => response.writeHead(421).end())
  expect(await openAsker().ask(peer, ask)).toEqual({ heard: 'not-here' })
})

test.each([
  ['breaks off', (request: IncomingMessage) => void request.socket.destroy()],
  ['fails', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(500).end()],
  [
    'does not know the secret',
    (_: IncomingMessage, response: ServerResponse) => void response.writeHead(401).end(),
  ],
])('NODE-12 a peer that %s is asked once, and nothing was heard', async (_, answer) => {
  const { peer, asked } = await openPeer(answer)
  expect(await openAsker().ask(peer, ask)).toEqual({ heard: 'nothing' })
  expect(asked).toHaveLength(1)
})

test('NODE-12 a peer that is not there answers nothing', async () => {
  const { peer, server } = await openPeer(() => {})
  server.close()
  expect(await openAsker().ask(peer, ask)).toEqual({ heard: 'nothing' })
})

test('NODE-12 a peer that hangs is waited for while it lives, and no longer', async () => {
  const clock = new ManualClock()
  let isAlive = true
  const { peer, asked } = await openPeer(() => {})
  const answering = openAsker({ clock, isAlive: () => isAlive }).ask(peer, ask)
  await eventually('the peer is asked', () => asked.length === 1)
  clock.advance(10_000)
  isAlive = false
  clock.advance(500)
  expect(await answering).toEqual({ heard: 'nothing' })
  expect(asked).toHaveLength(1)
})

test('NODE-12 a peer that lives and hangs is given up after a minute', async () => {
  const clock = new ManualClock()
  const { peer, asked } = await openPeer(() => {})
  const answering = openAsker({ clock }).ask(peer, ask)
  await eventually('the peer is asked', () => asked.length === 1)
  clock.advance(60_000)
  expect(await answering).toEqual({ heard: 'nothing' })
})

test('NODE-12 an answer is passed on byte by byte, whatever its status', async () => {
  const { peer, asked } = await openPeer((_, response) => response.writeHead(400).end('{"errcode":400 }'))
  const answer = await openAsker().ask(peer, { ...ask, idempotencyKey: 'once' })
  expect(answer).toMatchObject({ heard: 'answer', status: 400 })
  expect('bytes' in answer && answer.bytes.toString()).toBe('{"errcode":400 }')
  expect(asked[0]!.headers).toMatchObject({
    authorization: `Bearer ${SECRET}`,
    'idempotency-key': 'once',
    'x-qunhub-workspace': ask.workspaceId,
    'x-request-id': 'r1',
  })
})

test('NODE-12 an answer without an end is taken until its bound and cut off there, and nothing was heard', async () => {
  let cutOff = 0
  const { peer } = await openPeer((_, response) => {
    response.on('close', () => (cutOff += 1))
    response.writeHead(200).write(Buffer.alloc(1024 * 1024 + 1))
  })
  expect(await openAsker().ask(peer, ask)).toEqual({ heard: 'nothing' })
  await eventually('the peer is cut off', () => cutOff === 1)
})

test('NODE-12 an ask may say that its answer is a longer one, and how long', async () => {
  let bytes = 2 * 1024 * 1024
  const { peer } = await openPeer((_, response) => response.writeHead(200).end(Buffer.alloc(bytes)))
  const asker = openAsker()
  const longer = { ...ask, answerBytesMax: bytes }
  expect(await asker.ask(peer, longer)).toMatchObject({ heard: 'answer' })
  bytes += 1
  expect(await asker.ask(peer, longer)).toEqual({ heard: 'nothing' })
})

test('NODE-19 waiting asks of one workspace hold up nobody: beyond sixteen they are asked to be answered at once', async () => {
  const { peer, asked } = await openPeer((request, response) => {
    if (request.headers.prefer === undefined) response.writeHead(200).end('{}')
  })
  const asker = openAsker()
  const patient = { ...ask, prefer: 'wait=30', atOnce: { prefer: undefined } }
  const waiting = Array.from({ length: 16 }, () => asker.ask(peer, patient))
  await eventually('sixteen are waiting', () => asked.length === 16)
  expect(await asker.ask(peer, patient)).toMatchObject({ heard: 'answer' })
  expect(asked.at(-1)!.headers.prefer).toBeUndefined()

  const others = { ...patient, workspaceId: 'b'.repeat(24) }
  waiting.push(asker.ask(peer, others))
  await eventually('another workspace is waiting as before', () => asked.at(-1)!.headers.prefer === 'wait=30')
  await asker.close()
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ heard: 'nothing' })))
})

test('NODE-19 asks of one workspace that a peer leaves unanswered keep no other workspace waiting', async () => {
  const { peer, asked } = await openPeer((request, response) => {
    if (request.headers['x-qunhub-workspace'] !== ask.workspaceId) response.writeHead(200).end('{}')
  })
  const asker = openAsker()
  const stuck = Array.from({ length: 256 }, () => asker.ask(peer, ask))
  await eventually('all are asked', () => asked.length === 256)
  expect(await asker.ask(peer, ask)).toEqual({ heard: 'too-many' })
  expect(await asker.ask(peer, { ...ask, workspaceId: 'b'.repeat(24) })).toMatchObject({ heard: 'answer' })
  await asker.close()
  await Promise.all(stuck)
})

test('NODE-13 the door for peers opens for nobody without the secret, and for no one while the node starts', async () => {
  const door = await listenForPeers({ host: '127.0.0.1', port: 0, secret: SECRET }, silentLog)
  onTestFinished(() => door.close())
  const knock = async (authorization?: string, path = '/room/exit') =>
    (
      await fetch(`http://${door.address}${path}`, {
        method: 'POST',
        headers: { ...(authorization ? { authorization } : {}), 'x-qunhub-workspace': ask.workspaceId },
        body: '{}',
      })
    ).status
  expect(await knock()).toBe(401)
  expect(await knock(`Bearer ${'x'.repeat(32)}`)).toBe(401)
  expect(await knock(`Bearer ${SECRET}x`)).toBe(401)
  expect(await knock(undefined, '/operator/list-tokens')).toBe(401)
  expect(await knock(`Bearer ${SECRET}`)).toBe(421)
})

test('NODE-23 verbs that cannot be read are no answer to a peer, and are read with its next question', async () => {
  const door = await listenForPeers({ host: '127.0.0.1', port: 0, secret: SECRET }, silentLog)
  onTestFinished(() => door.close())
  let asked = 0
  const load = async () => {
    if (asked++ === 0) throw new Error('Cannot find module verb-door.mjs')
    return import('./doors/verb-door.ts')
  }
  // What is asked for is no verb for nodes, so it leans on nothing.
  door.open({ load } as unknown as NodeDoorDeps)
  const knock = async () => {
    const headers = { authorization: `Bearer ${SECRET}`, 'x-qunhub-workspace': ask.workspaceId }
    const url = `http://${door.address}/operator/list-tokens`
    return (await fetch(url, { method: 'POST', headers, body: '{}' })).status
  }
  expect(await knock()).toBe(503)
  expect(await knock()).toBe(421)
})
