import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openLiveOutbox } from '@qunhub/testing/grounds/open-live-outbox.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { expect, inject, onTestFinished, test } from 'vitest'

const ROOMS = 200
const ANSWER_MS = 2

/** A receiver that takes a moment, and counts how many callbacks and sockets it has at once. */
async function openCountingReceiver() {
  const most = { callbacks: 0, sockets: 0 }
  let callbacks = 0
  let sockets = 0
  let heard = 0
  const server = createServer((request, response) => {
    most.callbacks = Math.max(most.callbacks, ++callbacks)
    request.resume().once('end', async () => {
      await pause(ANSWER_MS)
      callbacks--
      heard++
      response.end()
    })
  })
  server.on('connection', socket => {
    most.sockets = Math.max(most.sockets, ++sockets)
    socket.once('close', () => sockets--)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, most, heard: () => heard }
}

test.each(['sqlite', 'postgres'])(
  'CB-10 a burst to one address is at most four callbacks at once, over at most four sockets (%s)',
  async dialect => {
    const receiver = await openCountingReceiver()
    const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-sockets-'))
    const database =
      dialect === 'postgres'
        ? await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
        : null
    const store = { dataDir, ...(database ? { databaseUrl: database.url } : {}) }
    const outbox = await openLiveOutbox({ ...store, urls: [receiver.url] })
    onTestFinished(async () => {
      await outbox.close()
      await database?.drop()
      await rm(dataDir, { recursive: true })
    })
    const [workspaceId] = outbox.workspaceIds
    await Promise.all(Array.from({ length: ROOMS }, (_, n) => outbox.owe(workspaceId!, `R:${n}`, { n })))
    await eventually('all have arrived', () => receiver.heard() === ROOMS)
    expect(receiver.most.callbacks).toBeLessThanOrEqual(4)
    expect(receiver.most.sockets).toBeLessThanOrEqual(4)
  },
)
