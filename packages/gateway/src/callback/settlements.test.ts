import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, onTestFinished, test, vi } from 'vitest'

test('ST-153 a delivery is patient only where nothing waits behind it, and a failure never', async () => {
  const customer = await openCustomer(() => 200)
  onTestFinished(() => customer.close())
  const outbox = await openOutbox({ url: customer.url })
  onTestFinished(() => outbox.close())
  // The first of its kind is noted as well.
  await outbox.owe('R:1', 0)
  await outbox.courier.idle()
  const writes = vi.spyOn(outbox.db, 'write')
  const patience = () =>
    writes.mock.calls.flatMap(([, options]) => (options?.patient === undefined ? [] : [options.patient]))
  await outbox.db.write(async () => {
    for (const n of [1, 2]) void outbox.owe('R:1', n)
  })
  await vi.waitFor(() => expect(customer.heard).toHaveLength(3))
  await outbox.courier.idle()
  expect(patience()).toEqual([false, true])

  customer.answerWith(() => 410)
  await outbox.owe('R:1', 3)
  await outbox.courier.idle()
  expect(patience()).toEqual([false, true, false])
})
