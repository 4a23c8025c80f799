import { type Outbox, openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { type Answer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, onTestFinished, test } from 'vitest'
import { HOUR_MS } from '../system/clock.ts'

async function openScene(answers: Answer[]) {
  const customer = await openCustomer(answers)
  const outbox = await openOutbox({ url: customer.url })
  onTestFinished(async () => {
    await outbox.close()
    await customer.close()
  })
  return { customer, outbox }
}

/** Sets the clock back, and wakes the courier; the courier's poll stands on the clock that moved, so it is woken. */
async function setBack({ clock, courier }: Outbox, ms: number): Promise<void> {
  clock.advance(-ms)
  courier.wake()
  await courier.idle()
}

test('CB-6 a retry is not brought forward while its time may still come', async () => {
  const { customer, outbox } = await openScene([500])
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  await setBack(outbox, 10_000)
  expect(customer.heard).toHaveLength(1)
})

test('CB-6 a clock that is set back by an hour makes no callback wait for that hour', async () => {
  const { customer, outbox } = await openScene([500, 500])
  await outbox.owe('R:1', 1)
  await outbox.owe('R:2', 1)
  await outbox.courier.idle()
  expect(customer.heard).toHaveLength(2)
  await setBack(outbox, HOUR_MS)
  expect(customer.heard).toHaveLength(4)
  expect((await outbox.list()).map(callback => callback.state)).toEqual(['delivered', 'delivered'])
})

test('CB-8 what came behind it in the same room keeps its position', async () => {
  const { customer, outbox } = await openScene([500])
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  outbox.clock.advance(-HOUR_MS)
  await outbox.owe('R:1', 2)
  await outbox.courier.idle()
  // The room is due because of the second; its first is brought forward at the next round.
  await setBack(outbox, 0)
  expect(customer.heard.map(({ json }) => (json as { n: number }).n)).toEqual([1, 1, 2])
})
