import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { loopbackGuard } from '@qunhub/testing/receivers/loopback.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import { EXHAUSTIONS_MAX, OPEN_MS } from '../model/breaker.ts'
import { runAddresses } from '../node/run-addresses.ts'
import { enterNode } from '../store/bots/nodes.ts'
import { enqueueCallback, keyring, owed } from '../store/contract/scene.contract.ts'
import type { Database } from '../store/database/database.ts'
import { openStore } from '../store/database/open-store.ts'
import { storeTime } from '../store/database/store-time.ts'
import { setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import { addWorkspace } from '../store/workspaces/workspaces.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import { openCourier } from './courier.ts'

const CLOCKS = [
  ['six years slow', Date.UTC(2020, 0, 1)],
  ['six years fast', Date.UTC(2032, 0, 1)],
] as const

async function openScene(start: number, between: (db: Database) => Database = db => db) {
  const customer = await openCustomer(() => 503)
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-clock-'))
  const { db, close } = await openStore({ dataDir, databaseUrl: database.url })
  const clock = new ManualClock(start)
  await enterNode(db, 'this-node', null)
  const courier = openCourier({
    db: between(db),
    keyring,
    clock,
    random: { bytes: size => systemRandom.bytes(size), fraction: () => 0.5 },
    log: silentLog,
    guard: loopbackGuard,
    nodeId: () => 'this-node',
    breakerTime: async asked => (await storeTime(asked))!,
  })
  onTestFinished(async () => {
    const stopped = courier.stop()
    clock.advance(MINUTE_MS)
    await stopped
    await close()
    await database.drop()
    await customer.close()
    await rm(dataDir, { recursive: true })
  })
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: '小组', at: clock.now() })
  await setCallbackUrl(db, keyring, systemRandom, workspaceId, customer.url, clock.now())
  const address = async () =>
    (await db.first(db.query.selectFrom('callback_address').select(['state', 'open_until']).compile()))!
  const owe = (room: string) =>
    db.write(tx => enqueueCallback(tx, workspaceId, owed(room, room), clock.now()))
  const openFor = (ms: number) =>
    db.write(tx =>
      tx.run(
        tx.query
          .updateTable('callback_address')
          .set({ state: 'open', open_until: Date.now() + ms })
          .compile(),
      ),
    )
  const membership = { id: 'this-node', isIn: true, nodes: [] }
  await runAddresses({ db, log: silentLog, membership, courier }).round()
  courier.start()
  return { customer, clock, courier, address, owe, openFor }
}

test.each(CLOCKS)(
  'CB-7 an address is shut by the database’s clock, though the node’s own is %s',
  async (_what, start) => {
    const { customer, clock, courier, address, owe, openFor } = await openScene(start)
    for (let n = 1; n <= EXHAUSTIONS_MAX; n++) await owe(`R:${n}`)
    const openedAfter = Date.now()
    await eventually('the breaker opens', async () => {
      clock.advance(SECOND_MS)
      await courier.idle()
      return (await address()).state === 'open'
    })
    expect((await address()).open_until).toBeGreaterThanOrEqual(openedAfter + OPEN_MS)
    expect((await address()).open_until).toBeLessThanOrEqual(Date.now() + OPEN_MS)

    // Two hours of the node's own clock open nothing.
    await owe('R:next')
    const heard = customer.heard.length
    clock.advance(2 * OPEN_MS)
    clock.advance(2 * OPEN_MS)
    await courier.idle()
    expect(customer.heard).toHaveLength(heard)

    // Half an hour of the database's does.
    customer.answerWith(() => 200)
    await openFor(-1)
    await eventually('the probe', async () => {
      clock.advance(SECOND_MS)
      await courier.idle()
      return customer.heard.length > heard && (await address()).state === 'closed'
    })
  },
)

test.each(CLOCKS)(
  'CB-7 so is one that is shut while this node looks, though its clock is %s',
  async (_what, start) => {
    // As if an operator came just before the look.
    let beforeLook = async () => {}
    const { customer, clock, courier, address, owe, openFor } = await openScene(start, db =>
      beforeReads(db, async () => {
        const act = beforeLook
        beforeLook = async () => {}
        await act()
      }),
    )
    await courier.idle()
    beforeLook = async () => void (await openFor(OPEN_MS / 2))
    await owe('R:1')
    await courier.idle()
    const { state, open_until } = await address()
    expect(customer.heard).toEqual([])
    expect({ state, open_until: open_until! > Date.now() && open_until! < Date.now() + OPEN_MS }).toEqual({
      state: 'open',
      open_until: true,
    })
    clock.advance(SECOND_MS)
    await courier.idle()
    expect(customer.heard).toEqual([])
  },
)

const beforeReads = (db: Database, act: () => Promise<void>): Database =>
  new Proxy(db, {
    get(target, name) {
      if (name === 'all')
        return async (statement: Parameters<Database['all']>[0]) => {
          await act()
          return target.all(statement)
        }
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
