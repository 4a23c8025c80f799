import { eventually } from '@qunhub/testing/eventually.ts'
import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { afterEach, expect, test } from 'vitest'
import { listReplays, startReplay, steerReplay } from '../store/outbox/replays.ts'
import { OUTSTANDING_MAX } from '../store/outbox/step-replay.ts'
import { silentLog } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import { createReplayer } from './replayer.ts'

const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close()
})

/** More callbacks than a replay has waiting at once, which the customer refused for good, and a replayer that runs. */
async function parked() {
  const customer = await openCustomer(() => 410)
  opened.push(customer)
  const outbox = await openOutbox({ url: customer.url })
  opened.push(outbox)
  for (let n = 1; n <= 2 * OUTSTANDING_MAX + 20; n++) await outbox.owe(`R:${n % 5}`, n)
  await outbox.courier.idle()
  customer.answerWith([])
  const { db, clock } = outbox
  const replayer = createReplayer({ db, clock, log: silentLog, wakeCourier: () => outbox.courier.wake() })
  replayer.start()
  opened.push({ close: () => replayer.stop() })
  const before = customer.heard.length
  return { outbox, again: () => customer.heard.slice(before) }
}
const numbers = (heard: readonly { json: unknown }[]) => heard.map(({ json }) => (json as { n: number }).n)

test('CB-9 a replay delivers everything once, in the order of each room, under the same webhook-ids', async () => {
  const { outbox, again } = await parked()
  await startReplay(outbox.db, systemRandom, outbox.workspaceId, { state: 'parked' }, outbox.clock.now())
  await eventually('the end of the replay', async () => {
    outbox.clock.advance(500)
    const [replay] = await listReplays(outbox.db, outbox.workspaceId)
    return replay?.state === 'done'
  })
  await outbox.courier.idle()
  const all = await outbox.list()
  expect(all.every(({ state }) => state === 'delivered')).toBe(true)
  expect(numbers(again()).toSorted((a, b) => a - b)).toEqual(all.map((_, at) => at + 1))
  expect(new Set(again().map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set(all.map(({ webhookId }) => webhookId)),
  )
  for (let room = 0; room < 5; room++) {
    const ofRoom = numbers(again()).filter(n => n % 5 === room)
    expect(ofRoom).toEqual(ofRoom.toSorted((a, b) => a - b))
  }
})

test('CB-9 a replay that is paused delivers nothing more', async () => {
  const { outbox, again } = await parked()
  const { db, workspaceId, clock } = outbox
  const { id } = (await startReplay(db, systemRandom, workspaceId, { state: 'parked' }, clock.now()))!
  await steerReplay(db, workspaceId, id, 'paused', clock.now())
  for (let rounds = 0; rounds < 5; rounds++) await outbox.pass(2000)
  expect(again()).toEqual([])
})
