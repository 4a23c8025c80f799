import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '@qunhub/testing/eventually.ts'
import { owed } from '@qunhub/testing/grounds/open-outbox.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { type NodeProcess, openNodeProcess } from '@qunhub/testing/processes/node-process.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import { Keyring } from '../../packages/gateway/src/model/keyring.ts'
import { enqueueCallback } from '../../packages/gateway/src/store/contract/scene.contract.ts'
import type { Database } from '../../packages/gateway/src/store/database/database.ts'
import { openStore } from '../../packages/gateway/src/store/database/open-store.ts'
import { setCallbackUrl } from '../../packages/gateway/src/store/outbox/callback-addresses.ts'
import { listCallbacks } from '../../packages/gateway/src/store/outbox/callbacks.ts'
import { addWorkspace } from '../../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../../packages/gateway/src/system/random.ts'

const MASTER_KEY = '5'.repeat(64)
const [ROOMS, PER_ROOM, STOPS] = [30, 20, 3]
const ANSWER_MS = 20
const STOPPED_WITHIN_MS = 10_000

test.each([
  ['SQLite', 1],
  ['PostgreSQL', 1],
  ['PostgreSQL', 2],
] as const)(
  'ST-104 CB-12 on %s with %d node(s), SIGTERM under load ends a process with 0 within 10 s, and nothing is heard twice, lost or out of order',
  { timeout: 300_000 },
  async (dialect, count) => {
    const customer = await openCustomer(async () => {
      await pause(ANSWER_MS)
      return 200
    })
    onTestFinished(() => customer.close())
    const home = await mkdtemp(join(tmpdir(), 'qunhub-stop-'))
    onTestFinished(() => rm(home, { recursive: true, force: true }))
    const databaseUrl = dialect === 'PostgreSQL' ? await freshDatabase() : undefined
    const storeAt = { dataDir: join(home, 'node-0'), databaseUrl }
    const workspaceId = await withStore(storeAt, db => owe(db, customer.url))

    const nodes: NodeProcess[] = []
    for (let n = 0; n < count; n++) {
      const node = await openNodeProcess({
        QUNHUB_DATA_DIR: join(home, `node-${n}`),
        ...(databaseUrl === undefined ? ONE_NODE : { DATABASE_URL: databaseUrl }),
      })
      onTestFinished(() => node.kill9())
      nodes.push(node)
    }
    await Promise.all(nodes.map(node => node.start()))
    for (let stop = 1; stop <= STOPS; stop++) {
      const node = nodes[stop % count]!
      const heardEnough = () => customer.heard.length >= (stop * ROOMS * PER_ROOM) / (STOPS + 2)
      await eventually('callbacks to be under way', heardEnough, 60_000)
      const startedAt = performance.now()
      expect(await node.stop()).toBe(0)
      expect(performance.now() - startedAt).toBeLessThan(STOPPED_WITHIN_MS)
      // Otherwise it was no stop under load.
      if (count === 1) expect(customer.heard.length).toBeLessThan(ROOMS * PER_ROOM)
      await node.start()
    }
    await eventually('the rest', () => customer.heard.length >= ROOMS * PER_ROOM, 60_000)
    for (const node of nodes) expect(await node.stop()).toBe(0)

    for (let room = 1; room <= ROOMS; room++) {
      const ofRoom = customer.heard
        .map(({ json }) => json as { room: string; n: number })
        .filter(heard => heard.room === `R:${room}`)
      expect(ofRoom.map(({ n }) => n)).toEqual(Array.from({ length: PER_ROOM }, (_, n) => n + 1))
    }
    const left = await withStore(storeAt, db => listCallbacks(db, workspaceId, { state: 'due', limit: 1 }))
    expect(left).toEqual([])
  },
)

/** What a process for many nodes is told and one with a store of its own is not. */
const ONE_NODE = { QUNHUB_NODE_ADDRESS: '', QUNHUB_NODE_SECRET: '' }

async function freshDatabase(): Promise<string> {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  onTestFinished(() => database.drop())
  return database.url
}

async function owe(db: Database, url: string) {
  const { id } = await addWorkspace(db, systemRandom, { name: '停', at: Date.now() })
  await setCallbackUrl(db, new Keyring(Buffer.from(MASTER_KEY, 'hex')), systemRandom, id, url, Date.now())
  await db.write(async tx => {
    for (let n = 1; n <= PER_ROOM; n++)
      for (let room = 1; room <= ROOMS; room++)
        await enqueueCallback(tx, id, owed(`R:${room}`, n), Date.now())
  })
  return id
}

async function withStore<T>(
  at: { dataDir: string; databaseUrl: string | undefined },
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const store = await openStore(at)
  try {
    return await use(store.db)
  } finally {
    await store.close()
  }
}
