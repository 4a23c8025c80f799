import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { loopbackGuard } from '@qunhub/testing/receivers/loopback.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import { enterNode, reapNode } from '../store/bots/nodes.ts'
import { enqueueCallback, keyring, owed } from '../store/contract/scene.contract.ts'
import { openStore } from '../store/database/open-store.ts'
import { setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import { listCallbacks } from '../store/outbox/callbacks.ts'
import { claimAddresses } from '../store/outbox/claim-addresses.ts'
import { addWorkspace } from '../store/workspaces/workspaces.ts'
import { MINUTE_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import { openCourier } from './courier.ts'

/** Two nodes on one database; each has a clock of its own, so that one may stand still while the other goes on. */
async function openScene(answer: Parameters<typeof openCustomer>[0]) {
  const customer = await openCustomer(answer)
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-lost-'))
  const { db, close } = await openStore({ dataDir, databaseUrl: database.url })
  onTestFinished(async () => {
    await close()
    await database.drop()
    await customer.close()
    await rm(dataDir, { recursive: true })
  })
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: '小组', at: 0 })
  await setCallbackUrl(db, keyring, systemRandom, workspaceId, customer.url, 0)
  const openNode = async (nodeId: string) => {
    await enterNode(db, nodeId, null)
    const clock = new ManualClock()
    const random = { bytes: systemRandom.bytes, fraction: () => 0.5 }
    const deps = { db, keyring, clock, random, log: silentLog, guard: loopbackGuard }
    const courier = openCourier({ ...deps, nodeId: () => nodeId })
    onTestFinished(async () => {
      const stopped = courier.stop()
      clock.advance(MINUTE_MS)
      await stopped
    })
    return { clock, courier, claim: () => claimAddresses(db, nodeId, 1) }
  }
  const owe = (room: string, text: string) =>
    db.write(tx => enqueueCallback(tx, workspaceId, owed(JSON.stringify({ text }), room), 0))
  const states = async () =>
    (await listCallbacks(db, workspaceId, { limit: 99 })).map(({ state }) => state).toReversed()
  const reap = async (nodeId: string) => {
    const row = db.query.selectFrom('node').select('beat').where('id', '=', nodeId)
    return reapNode(db, nodeId, (await db.first(row.compile()))!.beat)
  }
  const heard = () => customer.heard.map(({ json }) => (json as { text: string }).text)
  return { customer, openNode, owe, states, reap, heard }
}

test('CB-12 a node that was frozen while another took its address over changes nothing, and sends nothing more', async () => {
  let answerFrozen = () => {}
  const scene = await openScene(() =>
    answered++ === 0 ? (_request, response) => (answerFrozen = () => response.end()) : 200,
  )
  let answered = 0
  const { customer, owe, states, heard } = scene
  const frozen = await scene.openNode('frozen')
  expect(await frozen.claim()).toBe(1)
  for (const text of ['1', '2', '3']) await owe('R:1', text)
  frozen.courier.start()
  await customer.nextHeard(1)

  expect(await scene.reap('frozen')).toBe(true)
  const other = await scene.openNode('other')
  expect(await other.claim()).toBe(1)
  other.courier.start()
  await other.courier.idle()
  expect(heard()).toEqual(['1', '1', '2', '3'])
  expect(await states()).toEqual(['delivered', 'delivered', 'delivered'])

  answerFrozen()
  await owe('R:1', '4')
  frozen.courier.wake()
  await frozen.courier.idle()
  expect(heard()).toEqual(['1', '1', '2', '3'])
  other.courier.wake()
  await other.courier.idle()
  expect(heard()).toEqual(['1', '1', '2', '3', '4'])
})

test('CB-12 what another node owes is sent within half a second, though nobody told of it', async () => {
  const { customer, openNode, owe, heard } = await openScene(() => 200)
  const node = await openNode('node')
  await node.claim()
  node.courier.start()
  await node.courier.idle()
  await owe('R:1', 'late')
  node.clock.advance(500)
  await customer.nextHeard(1)
  expect(heard()).toEqual(['late'])
})
