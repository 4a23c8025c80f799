import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Database, WriteOptions } from '../store/database/database.ts'
import type { Settled } from '../store/outbox/settle-callbacks.ts'
import { silentLog } from '../system/log.ts'
import { Settlements } from './settlements.ts'

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

test('ST-153 of two batches at once one is patient at most, so that whoever is in a hurry finds a place', async () => {
  const patience: (boolean | undefined)[] = []
  const db = {
    hot: { settleAtOnce: () => null },
    async write(_work: unknown, options?: WriteOptions) {
      patience.push(options?.patient)
      return new Promise(() => {})
    },
  } as unknown as Database
  const settlements = new Settlements({
    ...{ db, clock: new ManualClock(), log: silentLog, abandoned: new AbortController().signal },
    breakerTime: async () => 0,
  })
  const delivered = { tells: null, accepted: null } as unknown as Settled
  for (let batch = 0; batch < 2; batch++) {
    void settlements.keep([delivered], true)
    await yieldToLoop()
    await yieldToLoop()
  }
  expect(patience).toEqual([true, false])
})
