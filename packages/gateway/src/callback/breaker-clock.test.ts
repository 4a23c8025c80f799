import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { openCustomer } from '../../testing/customer.ts'
import { eventually } from '../../testing/eventually.ts'
import { loopbackGuard } from '../../testing/loopback.ts'
import { MovedClock } from '../../testing/moved-clock.ts'
import { openFreshDatabase } from '../../testing/postgres/fresh-database.ts'
import { MINUTE_MS, SECOND_MS } from '../model/clock.ts'
import { silentLog } from '../model/log.ts'
import { systemRandom } from '../model/random.ts'
import { EXHAUSTIONS_MAX, OPEN_MS } from '../store/breaker.ts'
import { setCallbackUrl } from '../store/callback-addresses.ts'
import { enqueueCallback } from '../store/callbacks.ts'
import { keyring, owed } from '../store/contract/scene.contract.ts'
import { enterNode } from '../store/nodes.ts'
import { openStore } from '../store/open-store.ts'
import { storeTime } from '../store/store-time.ts'
import { addWorkspace } from '../store/workspaces.ts'
import { openCourier } from './courier.ts'

test.each([
  ['six years slow', Date.UTC(2020, 0, 1)],
  ['six years fast', Date.UTC(2032, 0, 1)],
])('CB-7 an address is shut by the database’s clock, though the node’s own is %s', async (_what, start) => {
  const customer = await openCustomer(() => 503)
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-clock-'))
  const { db, close } = await openStore({ dataDir, databaseUrl: database.url })
  const clock = new MovedClock(start)
  await enterNode(db, 'this-node', null)
  const courier = openCourier({
    db,
    keyring,
    clock,
    random: { bytes: size => systemRandom.bytes(size), fraction: () => 0.5 },
    log: silentLog,
    guard: loopbackGuard,
    owner: () => 'this-node',
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

  courier.start()
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
  const past = { open_until: Date.now() - 1 }
  await db.write(tx => tx.run(tx.query.updateTable('callback_address').set(past).compile()))
  await eventually('the probe', async () => {
    clock.advance(SECOND_MS)
    await courier.idle()
    return customer.heard.length > heard && (await address()).state === 'closed'
  })
})
