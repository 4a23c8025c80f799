import { eventually } from '@qunhub/testing/eventually.ts'
import { type Outbox, openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { afterEach, expect, test } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { createRetention } from './retention.ts'

const [DELIVERED_KEPT_MS, PARKED_KEPT_MS] = [3 * DAY_MS, 30 * DAY_MS]

const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close()
})

/** One delivered callback (room R:1) and one parked (room R:2), settled just now. */
async function settledOutbox(
  keep = { deliveredDays: 3, parkedDays: 30 },
  walkedPastMax?: number,
): Promise<Outbox> {
  const customer = await openCustomer(() => 410)
  opened.push(customer)
  const outbox = await openOutbox({ url: customer.url })
  opened.push(outbox)
  await outbox.owe('R:2', 1)
  await outbox.courier.idle()
  customer.answerWith(() => 200)
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  const retention = createRetention({
    ...{ db: outbox.db, clock: outbox.clock, log: silentLog, keep },
    ...(walkedPastMax !== undefined && { walkedPastMax }),
  })
  retention.start()
  opened.push({ close: () => retention.stop() })
  return outbox
}

const kept = async (outbox: Outbox) => (await outbox.list()).map(callback => callback.state).sort()

test('CB-8 a settled callback can be looked up and replayed until its time is over', async () => {
  const outbox = await settledOutbox()
  expect(await kept(outbox)).toEqual(['delivered', 'parked'])
  outbox.clock.advance(DELIVERED_KEPT_MS - MINUTE_MS)
  await outbox.courier.idle()
  expect(await kept(outbox)).toEqual(['delivered', 'parked'])
})

test('CB-8 delivered ones are forgotten after 3 days, parked ones after 30', async () => {
  const outbox = await settledOutbox()
  outbox.clock.advance(DELIVERED_KEPT_MS)
  await sweptUntil(outbox, ['parked'])
  outbox.clock.advance(PARKED_KEPT_MS - DELIVERED_KEPT_MS - DAY_MS)
  await outbox.courier.idle()
  expect(await kept(outbox)).toEqual(['parked'])
  outbox.clock.advance(DAY_MS)
  await sweptUntil(outbox, [])
})

test('CB-8 an operator may keep them for longer, or not so long', async () => {
  const outbox = await settledOutbox({ deliveredDays: 5, parkedDays: 1 })
  outbox.clock.advance(DAY_MS)
  await sweptUntil(outbox, ['delivered'])
  outbox.clock.advance(4 * DAY_MS - 60 * MINUTE_MS)
  await outbox.courier.idle()
  expect(await kept(outbox)).toEqual(['delivered'])
  await sweptUntil(outbox, [])
})

test('ST-105 a sweep walks past so many that were settled late, and the next one goes on behind them', async () => {
  const outbox = await settledOutbox(undefined, 1)
  const at = outbox.clock.now()
  const late = at + 2 * DAY_MS
  // More than one look sees, between the newest that is delivered and another one that is as old.
  await outbox.db.write(tx =>
    tx.run({
      sql: `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, state, due_at, body_id, owed_at, settled_at)
        with recursive n(n) as (select 11 union all select n + 1 from n where n < 1200)
        select ?1, n, 'msg' || n, ?2, 'R:late', 'chatroom/joined', 'delivered', 0, n, ?3, iif(n < 1200, ?4, ?3) from n`,
      parameters: [outbox.workspaceId, outbox.addressId, at, late],
    }),
  )
  const newest = async () => (await outbox.list({ roomWxid: 'R:late' }))[0]?.id
  outbox.clock.advance(DELIVERED_KEPT_MS)
  await eventually('it has gone on', async () => {
    outbox.clock.advance(10 * MINUTE_MS)
    return (await newest()) === 1199
  })
  outbox.clock.advance(2 * DAY_MS)
  await eventually('they have gone as well', async () => {
    outbox.clock.advance(10 * MINUTE_MS)
    return (await newest()) === undefined
  })
})

/** A sweep ends before the next is scheduled, so the clock is moved on until what is asked for has been swept. */
const sweptUntil = (outbox: Outbox, states: string[]) =>
  eventually('the sweep', async () => {
    outbox.clock.advance(10 * MINUTE_MS)
    return JSON.stringify(await kept(outbox)) === JSON.stringify(states)
  })
