import { describe, expect, test } from 'vitest'
import { HOUR_MS } from '../../system/clock.ts'
import { describeAddress, findCallbackAddress, rotateCallbackSecret } from '../outbox/callback-addresses.ts'
import {
  countReplayable,
  forgetReplays,
  listReplays,
  runningReplays,
  startReplay,
  steerReplay,
  UNENDED_MAX,
} from '../outbox/replays.ts'
import { CALLBACKS_PER_SLICE } from '../outbox/slices.ts'
import { OUTSTANDING_MAX, stepReplay } from '../outbox/step-replay.ts'
import { OutboxScene } from './outbox.contract.ts'
import { keyring, NOON, type OpenStore } from './scene.contract.ts'

/** Replays of many callbacks, and what people see of an address. */
export function replaysContract(open: OpenStore): void {
  const start = (box: OutboxScene, filter: Parameters<typeof startReplay>[3]) =>
    startReplay(box.db, box.scene.random, box.workspaceId, filter, NOON)
  const step = (box: OutboxScene, id: string) => stepReplay(box.db, box.workspaceId, id, NOON + 5)
  /** So many parked callbacks, one a room. */
  const parked = async (count: number) => {
    const box = await OutboxScene.open(open)
    for (let n = 1; n <= count; n++) await box.settled(`R:${n}`, 'parked')
    return box
  }
  /** Delivers everything that is due. */
  const deliverAll = (box: OutboxScene) =>
    box.db.write(tx =>
      tx.run(tx.query.updateTable('callback').set({ state: 'delivered', settled_at: NOON }).compile()),
    )

  describe('a replay', () => {
    test('CB-9 it makes no more than a few due at a time, oldest first, and ends with what was owed before it', async () => {
      const box = await parked(OUTSTANDING_MAX + 3)
      const { id } = (await start(box, { state: 'parked' }))!
      expect(await step(box, id)).toBe(OUTSTANDING_MAX)
      const due = await box.list({ state: 'due' })
      expect(due.map(callback => callback.id).toReversed()).toEqual(
        Array.from({ length: OUTSTANDING_MAX }, (_, n) => n + 1),
      )
      expect(due[0]).toMatchObject({ attempt: 0, dueAt: NOON + 5, settledAt: null })
      expect(await step(box, id)).toBe(0)

      await deliverAll(box)
      await box.settled('R:late', 'parked')
      await box.db.write(tx =>
        tx.run(
          tx.query
            .updateTable('callback')
            .set({ state: 'parked' })
            .where('id', '>', OUTSTANDING_MAX)
            .compile(),
        ),
      )
      expect(await step(box, id)).toBe(3)
      expect(await listReplays(box.db, box.workspaceId)).toMatchObject([
        { id, state: 'done', replayed: OUTSTANDING_MAX + 3, endedAt: NOON + 5 },
      ])
      expect(await box.list({ state: 'parked', roomWxid: 'R:late' })).toHaveLength(1)
    })

    test('CB-9 it takes what fits: state, kind, room and the time in which it was owed', async () => {
      const box = await OutboxScene.open(open)
      await box.settled('R:1', 'parked')
      await box.settled('R:2', 'delivered')
      const count = async (filter: Parameters<typeof countReplayable>[2]) =>
        (await countReplayable(box.db, box.workspaceId, filter)).count
      expect(await count({})).toBe(2)
      expect(await count({ state: 'parked' })).toBe(1)
      expect(await count({ roomWxid: 'R:2' })).toBe(1)
      expect(await count({ kind: 'chatroom/none' })).toBe(0)
      expect(await count({ owedFrom: NOON, owedUntil: NOON + 1 })).toBe(2)
      expect(await count({ owedUntil: NOON })).toBe(0)
      expect(await count({ owedFrom: NOON + 1 })).toBe(0)
    })

    test('CB-9 a count that takes too long is told as far as it came', async () => {
      const box = await OutboxScene.open(open)
      await box.parkMany(2 * CALLBACKS_PER_SLICE)
      const kind = { kind: 'chatroom/joined' }
      const all = await countReplayable(box.db, box.workspaceId, kind)
      expect(all).toEqual({ count: 2 * CALLBACKS_PER_SLICE, atLeast: false })
      const cut = await countReplayable(box.db, box.workspaceId, kind, () => true)
      expect(cut).toEqual({ count: CALLBACKS_PER_SLICE, atLeast: true })
    })

    test('CB-9 of a time only those are read that may have been owed then', async () => {
      const box = await OutboxScene.open(open)
      const day = 24 * HOUR_MS
      for (let n = 0; n < 5; n++) {
        await box.owe(`R:${n}`, 'x', NOON + n * day)
        await box.settle(await box.first(), { settle: 'parked', at: NOON + n * day })
      }
      const time = { owedFrom: NOON + 2 * day, owedUntil: NOON + 3 * day }
      const read: number[] = []
      const { first } = box.db
      box.db.first = (async (...asked: Parameters<typeof first>) => {
        const row = await first.apply(box.db, asked)
        const { seen } = (row ?? {}) as { seen?: number }
        if (seen !== undefined) read.push(Number(seen))
        return row
      }) as typeof first
      const { count } = await countReplayable(box.db, box.workspaceId, time)
      box.db.first = first
      expect({ count, read }).toEqual({ count: 1, read: [2] })
      const { id } = (await start(box, time))!
      expect(await step(box, id)).toBe(1)
      expect((await box.list({ state: 'due' })).map(each => each.id)).toEqual([3])
    })

    test('CB-9 of a time all are replayed that were owed then, also where the clock was set back by hours', async () => {
      const box = await OutboxScene.open(open)
      const moments = [0, 0, 0, -3, -3, -3, 1].map(hours => NOON + hours * HOUR_MS)
      for (const [n, at] of moments.entries()) {
        await box.owe(`R:${n}`, 'x', at)
        await box.settle(await box.first(), { settle: 'parked', at })
      }
      const replayed = async (owedFrom: number) => {
        const { id } = (await start(box, { owedFrom, owedUntil: owedFrom + 1 }))!
        await step(box, id)
        const due = (await box.list({ state: 'due' })).map(callback => callback.id).toReversed()
        await deliverAll(box)
        return due
      }
      expect(await replayed(NOON)).toEqual([1, 2, 3])
      expect(await replayed(NOON - 3 * HOUR_MS)).toEqual([4, 5, 6])
      expect(await replayed(NOON + HOUR_MS)).toEqual([7])
    })

    test('CB-9 a workspace may have ten that have not ended; then one must end first', async () => {
      const box = await parked(1)
      const replays = []
      for (let n = 0; n < UNENDED_MAX; n++) replays.push((await start(box, { state: 'parked' }))!)
      expect(await start(box, { state: 'parked' })).toBeNull()
      await steerReplay(box.db, box.workspaceId, replays[0]!.id, 'cancelled', NOON)
      expect(await start(box, { state: 'parked' })).not.toBeNull()
    })

    test('CB-9 paused it takes no step, continued it goes on, cancelled it ends', async () => {
      const box = await parked(3)
      const { id } = (await start(box, { state: 'parked' }))!
      const steer = (to: 'paused' | 'running' | 'cancelled') =>
        steerReplay(box.db, box.workspaceId, id, to, NOON)
      expect(await steer('paused')).toMatchObject({ state: 'paused' })
      expect(await runningReplays(box.db)).toEqual([])
      expect(await step(box, id)).toBe(0)
      await steer('running')
      expect(await runningReplays(box.db)).toEqual([{ workspaceId: box.workspaceId, id }])
      await steer('cancelled')
      expect(await step(box, id)).toBe(0)
      expect(await steer('running')).toBeUndefined()
      expect(await listReplays(box.db, box.workspaceId)).toMatchObject([
        { state: 'cancelled', endedAt: NOON },
      ])
    })

    test('CB-9 replays that ended long ago are forgotten, those that run are not', async () => {
      const box = await parked(1)
      const ended = (await start(box, { state: 'parked' }))!
      await step(box, ended.id)
      const running = (await start(box, { state: 'delivered' }))!
      await forgetReplays(box.db, NOON + 5)
      expect(await listReplays(box.db, box.workspaceId)).toHaveLength(2)
      await forgetReplays(box.db, NOON + 6)
      expect(await listReplays(box.db, box.workspaceId)).toMatchObject([{ id: running.id }])
    })

    test('CB-9 nodes that step at once make nothing due twice, nor more than may wait', async () => {
      const box = await parked(OUTSTANDING_MAX + 10)
      const { id } = (await start(box, { state: 'parked' }))!
      const steps = await Promise.all([1, 2, 3, 4].map(() => step(box, id)))
      expect(steps.reduce((sum, made) => sum + made)).toBe(OUTSTANDING_MAX)
    })
  })

  test('CB-9 what a replay makes due leaves its state, and hides nothing behind it', async () => {
    const box = await OutboxScene.open(open)
    await box.parkMany(CALLBACKS_PER_SLICE + 10)
    const move = (from: number, until: number) =>
      box.db.write(tx =>
        tx.run(
          tx.query
            .updateTable('callback')
            .set({ lane_key: 'R:rare' })
            .where('id', '>=', from)
            .where('id', '<=', until)
            .compile(),
        ),
      )
    // Some in the first slice and some right behind it.
    await move(1100, 1119)
    await move(1000 + CALLBACKS_PER_SLICE + 1, 1000 + CALLBACKS_PER_SLICE + 8)
    const { id } = (await start(box, { state: 'parked', roomWxid: 'R:rare' }))!
    let made = 0
    for (let n = 0; n < 4; n++) made += await step(box, id)
    expect(made).toBe(28)
    const rare = { state: 'parked', roomWxid: 'R:rare' } as const
    expect(await countReplayable(box.db, box.workspaceId, rare)).toEqual({ count: 0, atLeast: false })
  })

  describe('an address as people see it', () => {
    test('CB-7 how much waits for it, and since when', async () => {
      const box = await OutboxScene.open(open)
      expect(await describeAddress(box.db, box.workspaceId)).toMatchObject({
        breaker: 'closed',
        inFlightMax: 4,
        waiting: 0,
        waitingBytes: 0,
        oldestOwedAt: null,
      })
      await box.owe('R:1', 'one', NOON + 7)
      await box.owe('R:2', 'two', NOON + 9)
      expect(await describeAddress(box.db, box.workspaceId)).toMatchObject({
        waiting: 2,
        waitingBytes: 6,
        oldestOwedAt: NOON + 7,
      })
    })

    test('CB-9 replaced secrets stay for their overlap, newest first, and no more than five at once', async () => {
      const box = await OutboxScene.open(open)
      const rotate = (at: number) =>
        rotateCallbackSecret(box.db, keyring, box.scene.random, box.workspaceId, { at, overlapMs: HOUR_MS })
      const secretsAt = async (now: number) =>
        (await findCallbackAddress(box.db, keyring, box.workspaceId, now))!.secrets
      const [first] = await secretsAt(NOON)
      const second = (await rotate(NOON))!.secret
      expect(await secretsAt(NOON + HOUR_MS - 1)).toEqual([second, first])
      expect(await secretsAt(NOON + HOUR_MS)).toEqual([second])
      for (let n = 0; n < 9; n++) await rotate(NOON)
      expect(await secretsAt(NOON)).toHaveLength(5)
    })

    test('CB-9 a secret that has to go before its overlap is over is told with the moment it was promised for', async () => {
      const box = await OutboxScene.open(open)
      const rotate = async (at: number, overlapMs = HOUR_MS) =>
        (await rotateCallbackSecret(box.db, keyring, box.scene.random, box.workspaceId, { at, overlapMs }))!
      const [first] = (await findCallbackAddress(box.db, keyring, box.workspaceId, NOON))!.secrets
      const made: string[] = []
      for (let n = 0; n < 4; n++) {
        const { secret, endedEarly } = await rotate(NOON + n)
        expect(endedEarly).toEqual([])
        made.push(secret)
      }
      expect((await rotate(NOON + 9)).endedEarly).toEqual([{ secret: first, until: NOON + HOUR_MS }])
      expect((await rotate(NOON + 9, 60_000)).endedEarly).toEqual([
        { secret: made[0], until: NOON + 1 + HOUR_MS },
      ])
      // Asked to end all of them at once, it ends none early; nor is one early whose overlap is over.
      expect((await rotate(NOON + 10, 0)).endedEarly).toEqual([])
      for (let n = 0; n < 4; n++) await rotate(NOON + 11)
      expect((await rotate(NOON + 11 + HOUR_MS)).endedEarly).toEqual([])
    })
  })
}
