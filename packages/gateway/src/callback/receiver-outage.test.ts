import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openLeavingReceiver } from '@qunhub/testing/receivers/open-leaving-receiver.ts'
import { CAUGHT_UP_WITHIN_MS, tryReceiverOutage } from '@qunhub/testing/trials/receiver-outage-trial.ts'
import { expect, onTestFinished, test } from 'vitest'
import { enqueueCallback } from '../store/contract/scene.contract.ts'
import { EXHAUSTIONS_MAX, OPEN_MS } from '../store/outbox/breaker.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'

/** What an answer takes of the clock, one after another: several in flight gain nothing, so this is the slow case. */
const ANSWER_MS = 50

test('CB-7 of a receiver that is down for 10 minutes, everything held arrives in order within 2 minutes after the breaker closes', async () => {
  let clock = new ManualClock()
  const receiver = await openLeavingReceiver(
    () => clock.now(),
    () => clock.advance(ANSWER_MS),
  )
  onTestFinished(() => receiver.leave())
  const outbox = await openOutbox({ url: receiver.url })
  onTestFinished(() => outbox.close())
  clock = outbox.clock
  const { db, workspaceId } = outbox
  const scene = {
    db,
    workspaceId,
    receiver,
    now: () => clock.now(),
    pass: outbox.pass,
    owe: ({ room, mark }: { room: string; mark: string }) =>
      db.write(tx =>
        enqueueCallback(
          tx,
          workspaceId,
          { kind: 'chatroom/joined', laneKey: room, body: Buffer.from(JSON.stringify({ room, mark })) },
          clock.now(),
        ),
      ),
  }
  const pace = { outageMs: 10 * MINUTE_MS, rooms: 20, perStep: 2, stepMs: 5 * SECOND_MS }
  const report = await tryReceiverOutage(scene, pace)

  expect(report.verdict).toEqual({ lost: [], invented: [], outOfOrder: [], duplicates: 0, renamed: [] })
  // Those that opened the breaker are parked, and those that had failed along with them.
  expect(report.parked).toBeGreaterThanOrEqual(EXHAUSTIONS_MAX)
  expect(report.parked).toBeLessThanOrEqual(EXHAUSTIONS_MAX + 4)
  expect(report.silentMs).toBeGreaterThanOrEqual(OPEN_MS)
  expect(report.held).toBeGreaterThan(600)
  expect(report.caughtUpMs).toBeLessThanOrEqual(CAUGHT_UP_WITHIN_MS)
})
