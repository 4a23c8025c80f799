import { lendDatabase } from '@qunhub/testing/postgres/lent-database.ts'
import { openUnfitServer } from '@qunhub/testing/postgres/unfit-server.ts'
import { freePort } from '@qunhub/testing/processes/node-process.ts'
import pg from 'pg'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { StoreAway, StoreUnwritable } from '../../database/store-error.ts'
import { attend } from './attendance.ts'
import { ask, openConnections, openPatientConnection } from './connections.ts'

const real = new URL(inject('postgresUrl'))
const WHERE = { sql: 'select current_setting($1) as port', parameters: ['port'] }

/** The address of all of them, in this order. */
const urlOf = (...hosts: readonly string[]) => `postgres://${real.username}@${hosts.join(',')}/postgres`

/** A server that says of itself which timeline it writes; a standby writes none. */
async function openServer(timeline: string): Promise<string> {
  const server = await openUnfitServer({ settings: [timeline], columns: ['timeline'] })
  onTestFinished(() => server.close())
  return new URL(server.url).host
}

/** Hears of nothing. */
const deaf = { onLoss() {}, onTimeline() {} }

const absent = async () => `127.0.0.1:${await freePort()}`

test('ST-146 of several servers the one that takes writes is asked, whoever else is away or a standby', async () => {
  const url = urlOf(await absent(), await openServer(''), real.host)
  const pool = openConnections({ url, max: 2 }, deaf)
  onTestFinished(() => pool.end())
  expect((await ask(pool, WHERE)).rows).toEqual([{ port: real.port }])
  const client = await openPatientConnection(url)
  onTestFinished(() => client.end())
  expect((await ask(client, WHERE)).rows).toEqual([{ port: real.port }])
})

test('ST-146 where none takes writes the database is away, and what all of them refuse is told as it is', async () => {
  const standbys = urlOf(await openServer(''), await absent())
  await expect(openPatientConnection(standbys)).rejects.toThrow(StoreAway)
  await expect(openPatientConnection(standbys)).rejects.toThrow(/none of the servers takes writes/)
  const refusing = await openUnfitServer({ refuses: '28P01' })
  onTestFinished(() => refusing.close())
  const { host } = new URL(refusing.url)
  await expect(openPatientConnection(urlOf(host, host))).rejects.toMatchObject({ cause: { code: '28P01' } })
})

test('ST-146 of two that say they take writes it is the one of the younger timeline, and nobody stays at the other', async () => {
  const later = await absent()
  const url = urlOf(real.host, later)
  const client = await openPatientConnection(url)
  const lost = new Promise<void>(done => client.once('end', done))

  const promoted = await openUnfitServer({ settings: ['FFFFFFFF'], columns: ['timeline'], at: later })
  onTestFinished(() => promoted.close())
  // What was found out is believed for some seconds.
  const inAMinute = performance.now() + 60_000
  vi.spyOn(performance, 'now').mockReturnValue(inAMinute)
  const next = await openPatientConnection(url)
  onTestFinished(() => next.end())
  expect(next.port).toBe(Number(later.split(':')[1]))
  await lost
})

test('ST-146 an older timeline is not believed when the younger one misses a look; a minute later it is', async () => {
  const later = await absent()
  const promoted = await openUnfitServer({ settings: ['FFFFFFFE'], columns: ['timeline'], at: later })
  const url = urlOf(real.host, later)
  const began = performance.now()
  const now = vi.spyOn(performance, 'now').mockReturnValue(began)
  const young = await openPatientConnection(url)
  young.on('error', () => {})
  await promoted.close()
  now.mockReturnValue(began + 6000)
  await expect(openPatientConnection(url)).rejects.toThrow(/none of the servers takes writes/)
  now.mockReturnValue(began + 61_000)
  const old = await openPatientConnection(url)
  onTestFinished(() => old.end())
  expect(old.port).toBe(Number(real.port))
})

test('ST-146 a node whose server takes no more writes looks for another connection', async () => {
  const { url, giveBack } = await lendDatabase()
  onTestFinished(giveBack)
  const attendance = await attend(url, 1)
  onTestFinished(() => attendance.leave())
  const lost = new Promise<void>(done => attendance.onLost(done))
  const set = (value: string) =>
    attendance.run({ sql: `set default_transaction_read_only = ${value}`, parameters: [] })
  await set('on')
  const beat = attendance.run({ sql: 'update node set beat = 1', parameters: [] })
  await expect(beat).rejects.toThrow(StoreUnwritable)
  await lost
  expect(attendance.isLost).toBe(true)
})

test('ST-146 a single server is asked by the driver as it is', async () => {
  const client = await openPatientConnection(inject('postgresUrl'))
  onTestFinished(() => client.end())
  expect(client.constructor).toBe(pg.Client)
})
