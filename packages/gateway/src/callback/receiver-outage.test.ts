import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openLeavingReceiver } from '@qunhub/testing/receivers/open-leaving-receiver.ts'
import { CAUGHT_UP_WITHIN_MS, tryReceiverOutage } from '@qunhub/testing/trials/receiver-outage-trial.ts'
import { expect, onTestFinished, test } from 'vitest'
import { OPEN_MS } from '../model/breaker.ts'
import { enqueueCallback } from '../store/contract/scene.contract.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'

/** What an answer takes of the clock, one after another: several in flight gain nothing, so this is the slow case. */
const ANSWER_MS = 50

test.each([
  ['10 minutes', 10 * MINUTE_MS, 5 * SECOND_MS],
  ['two hours', 2 * HOUR_MS, 30 * SECOND_MS],
])(
  'CB-7 CB-8 of a receiver that is down for %s, everything arrives in order within 2 minutes after the breaker closes, and nobody has to replay anything',
  async (_long, outageMs, stepMs) => {
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
    const pace = { outageMs, rooms: 20, perStep: 2, stepMs }
    const report = await tryReceiverOutage(scene, pace)

    expect(report.verdict).toEqual({ lost: [], invented: [], outOfOrder: [], duplicates: 0, renamed: [] })
    // Those that opened the breaker wait for the receiver as everything else does: nobody has to replay anything.
    expect(report.parked).toBe(0)
    expect(report.silentMs).toBeGreaterThanOrEqual(OPEN_MS)
    expect(report.held).toBeGreaterThan((1.2 * pace.outageMs) / pace.stepMs)
    expect(report.caughtUpMs).toBeLessThanOrEqual(CAUGHT_UP_WITHIN_MS)
  },
)

test('CB-8 of a receiver that is down for 10 minutes while one room has news every minute, which opens no breaker, everything arrives in order', async () => {
  let clock = new ManualClock()
  const receiver = await openLeavingReceiver(
    () => clock.now(),
    () => {},
  )
  onTestFinished(() => receiver.leave())
  const outbox = await openOutbox({ url: receiver.url })
  onTestFinished(() => outbox.close())
  clock = outbox.clock
  const { db, workspaceId } = outbox
  const owe = (n: number) =>
    db.write(tx =>
      enqueueCallback(
        tx,
        workspaceId,
        {
          kind: 'chatroom/joined',
          laneKey: 'R:1',
          body: Buffer.from(JSON.stringify({ room: 'R:1', mark: `${n}` })),
        },
        clock.now(),
      ),
    )
  await receiver.leave()
  for (let minute = 0; minute < 10; minute++) {
    await owe(minute)
    for (let second = 0; second < 60; second++) await outbox.pass(SECOND_MS)
  }
  await receiver.comeBack()
  await owe(10)
  await outbox.pass(SECOND_MS)
  expect([...new Set(receiver.arrivals.map(({ mark }) => mark))]).toEqual(
    Array.from({ length: 11 }, (_, n) => `${n}`),
  )
  expect(new Set((await outbox.list()).map(({ state }) => state))).toEqual(new Set(['delivered']))
})
