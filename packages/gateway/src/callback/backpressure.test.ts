import { eventually } from '@qunhub/testing/eventually.ts'
import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../system/log.ts'
import { CHECK_EVERY_MS, createBackpressure } from './backpressure.ts'

const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close()
})

/** A receiver that answers 500, and a room with a joined that waits for its retry; of whose changes too many wait. */
async function crowdedOutbox(heldMax: number) {
  const customer = await openCustomer(() => 500)
  opened.push(customer)
  const outbox = await openOutbox({ url: customer.url })
  opened.push(outbox)
  // Its own, so that a check comes while the room waits.
  const clock = new ManualClock()
  const log = { ...silentLog, warn: () => {} }
  const backpressure = createBackpressure({
    db: outbox.db,
    clock,
    log,
    heldMax: { callbacks: heldMax, bytes: 2 ** 30 },
    courier: outbox.courier,
  })
  backpressure.start()
  opened.push({ close: () => backpressure.stop() })

  await outbox.owe('R:1', 0, 'chatroom/joined')
  await outbox.courier.idle()
  for (let n = 1; n <= 12; n++) await outbox.owe('R:1', n, n === 6 ? 'chatroom/joined' : 'chatroom/loaded')
  await outbox.courier.idle()
  const held = async () => (await outbox.list({ state: 'due' })).length
  expect(await held()).toBe(13)
  return { customer, outbox, clock, held }
}

test('CB-10 up to the limit nothing is forgotten', async () => {
  const { clock, held } = await crowdedOutbox(13)
  clock.advance(CHECK_EVERY_MS)
  await eventually('the next check', () => clock.nextIn() === CHECK_EVERY_MS)
  expect(await held()).toBe(13)
})

test('CB-10 a receiver that is back hears of each room what is so now, once, and of everybody who joined', async () => {
  const { customer, outbox, clock, held } = await crowdedOutbox(12)
  clock.advance(CHECK_EVERY_MS - 1)
  expect(await held()).toBe(13)
  clock.advance(1)
  await eventually('the check', async () => (await held()) === 3)

  const before = customer.heard.length
  customer.answerWith(() => 200)
  await outbox.pass(1000)
  expect(customer.heard.slice(before).map(({ body }) => JSON.parse(body.toString()).n)).toEqual([0, 6, 12])
})
