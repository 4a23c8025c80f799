import { describe, expect, test } from 'vitest'
import { MINUTE_MS } from '../../system/clock.ts'
import {
  EXHAUSTIONS_MAX,
  EXHAUSTIONS_WINDOW_MS,
  noteExhaustion,
  OPEN_MS,
  RAMP_STEP_DELIVERED,
  resumeAddress,
} from '../outbox/breaker.ts'
import { setCallbackUrl } from '../outbox/callback-addresses.ts'
import type { Head, Lane } from '../outbox/lane.ts'
import { claimLanes, readLane, releaseLane } from '../outbox/lanes.ts'
import { replayCallback } from '../outbox/replay-callback.ts'
import { FAULTS_MAX, putOffCallback } from '../outbox/settle-attempt.ts'
import { OutboxScene } from './outbox.contract.ts'
import { keyring, NOON, type OpenStore } from './scene.contract.ts'

/** What moves a breaker, and what it holds (CB-7). */
export function breakerContract(open: OpenStore): void {
  const boxWith = async (rooms: number) => {
    const box = await OutboxScene.open(open)
    for (let n = 1; n <= rooms; n++) await box.owe(`R:${n}`, `${n}`)
    return box
  }
  const exhaust = (box: OutboxScene, callbackId: number, at: number) =>
    box.db.write(tx => noteExhaustion(tx, box, callbackId, at))
  const openIt = async (box: OutboxScene, at = NOON) => {
    for (let n = 1; n <= EXHAUSTIONS_MAX; n++) await exhaust(box, 1000 + n, at)
  }
  const claim = (box: OutboxScene, now: number, limit = 10, nodeId = 'us'): Promise<Lane[]> =>
    box.db.write(tx => claimLanes(tx, box, { nodeId, now, leaseUntil: now + 30_000, limit, inFlightMax: 10 }))
  const headOf = async (box: OutboxScene, lane: Lane): Promise<Head> => (await readLane(box.db, lane))!.head!
  const giveBack = async (box: OutboxScene, lane: Lane, dueAt: number | null) => {
    const { gen } = (await readLane(box.db, lane))!
    await box.db.write(tx => releaseLane(tx, lane, { gen, dueAt }))
  }
  const row = (box: OutboxScene) =>
    box.db.first(
      box.db.query
        .selectFrom('callback_address')
        .select(['state', 'open_until', 'ramp'])
        .where('id', '=', box.addressId)
        .compile(),
    )

  describe('the breaker', () => {
    test('CB-7 nine exhaustions leave it closed, the tenth opens it for 30 minutes', async () => {
      const box = await boxWith(1)
      for (let n = 1; n < EXHAUSTIONS_MAX; n++) expect(await exhaust(box, n, NOON + n)).toBeNull()
      expect(await row(box)).toMatchObject({ state: 'closed' })
      expect(await exhaust(box, 10, NOON + 10)).toBe('opened')
      expect(await row(box)).toMatchObject({ state: 'open', open_until: NOON + 10 + OPEN_MS })
    })

    test.each([
      [179_900, 'opened'],
      [EXHAUSTIONS_WINDOW_MS, 'opened'],
      [180_100, null],
    ] as const)('CB-7 ten within %i ms: %s', async (ms, move) => {
      const box = await boxWith(1)
      await exhaust(box, 1, NOON)
      for (let n = 2; n < EXHAUSTIONS_MAX; n++) await exhaust(box, n, NOON + 1000)
      expect(await exhaust(box, 10, NOON + ms)).toBe(move)
    })

    test('CB-7 the same callback is counted once, however often its end is told', async () => {
      const box = await boxWith(1)
      for (let n = 0; n < 2 * EXHAUSTIONS_MAX; n++) await exhaust(box, 7, NOON)
      expect(await row(box)).toMatchObject({ state: 'closed' })
    })

    test('CB-7 two nodes that see the last exhaustions at once agree: one of them opens it', async () => {
      const box = await boxWith(1)
      for (let n = 1; n < EXHAUSTIONS_MAX; n++) await exhaust(box, n, NOON)
      const moves = await Promise.all([10, 11, 12, 13].map(n => exhaust(box, n, NOON)))
      expect(moves.filter(move => move === 'opened')).toHaveLength(1)
    })

    test('CB-7 a replay that nobody takes opens nothing', async () => {
      const box = await boxWith(1)
      for (let n = 1; n <= EXHAUSTIONS_MAX; n++) {
        const { lane, head } = await box.claimHead()
        expect(await box.settle(lane, head, { settle: 'parked', at: NOON, exhausted: true })).toBe(true)
        await giveBack(box, lane, null)
        await replayCallback(box.db, box.workspaceId, head.id, NOON)
      }
      expect(await row(box)).toMatchObject({ state: 'closed' })
    })

    test('CB-7 while it is open nothing is claimed', async () => {
      const box = await boxWith(3)
      await openIt(box)
      expect(await claim(box, NOON + OPEN_MS - 1)).toEqual([])
    })

    test('CB-7 a lane that is being worked on is told that its address is held', async () => {
      const box = await boxWith(1)
      const { lane } = await box.claimHead()
      expect((await readLane(box.db, lane))!.isHeld).toBe(false)
      await openIt(box)
      expect((await readLane(box.db, lane))!.isHeld).toBe(true)
    })

    test('CB-7 then one probe goes out, of the room that has waited longest, however many nodes ask', async () => {
      const box = await boxWith(3)
      const [first, , third] = await claim(box, NOON)
      // The room of the oldest callback comes back last: it has been tried since, and stands behind the others.
      await giveBack(box, third!, NOON + 10)
      await giveBack(box, first!, NOON + 20)
      await openIt(box)
      const later = NOON + OPEN_MS
      // What was in flight when it opened is still in flight: no probe beside it.
      expect(await claim(box, later)).toEqual([])
      await box.db.write(tx => tx.run(tx.query.updateTable('lane').set({ owner: null }).compile()))
      const claims = await Promise.all(['us', 'them', 'others'].map(nodeId => claim(box, later, 10, nodeId)))
      expect(claims.flat()).toMatchObject([{ laneKey: 'R:2', breaker: 'probe' }])
      expect(await row(box)).toMatchObject({ state: 'half-open' })
    })

    test('CB-7 a probe of a node that died is sent again by another', async () => {
      const box = await boxWith(2)
      const [first, second] = await claim(box, NOON)
      await giveBack(box, first!, NOON)
      await giveBack(box, second!, NOON + 10)
      await openIt(box)
      const [probe] = await claim(box, NOON + OPEN_MS)
      await box.db.write(tx =>
        tx.run(tx.query.updateTable('lane').set({ owner: null }).where('owner', '=', 'us').compile()),
      )
      const again = await claim(box, NOON + OPEN_MS, 10, 'them')
      expect(again).toMatchObject([{ laneKey: probe!.laneKey, breaker: 'probe' }])
    })

    test('CB-7 a probe that fails opens it again, and costs its callback no retry', async () => {
      const box = await boxWith(1)
      await openIt(box)
      const now = NOON + OPEN_MS
      const [probe] = await claim(box, now)
      const head = await headOf(box, probe!)
      const failed = { settle: 'retry', at: now + 1000 } as const
      expect(await box.settle(probe!, head, failed)).toBe('opened')
      expect(await row(box)).toMatchObject({ state: 'open', open_until: now + 1000 + OPEN_MS })
      expect(await box.list()).toMatchObject([{ state: 'due', attempt: 0 }])
      expect(await box.count('attempt')).toBe(1)
    })

    test('CB-7 a probe that would have been the last try is held all the same', async () => {
      const box = await boxWith(1)
      await openIt(box)
      const [probe] = await claim(box, NOON + OPEN_MS)
      const head = await headOf(box, probe!)
      const exhausted = { settle: 'parked', at: NOON + OPEN_MS, exhausted: true } as const
      expect(await box.settle(probe!, head, exhausted)).toBe('opened')
      expect(await box.list()).toMatchObject([{ state: 'due' }])
    })

    test('CB-7 a probe that is taken closes it; it recovers with 1, 2, then all in flight', async () => {
      const box = await boxWith(60)
      await openIt(box)
      const now = NOON + OPEN_MS
      const [probe] = await claim(box, now)
      expect(await box.settle(probe!, await headOf(box, probe!), { settle: 'delivered', at: now })).toBe(
        'closed',
      )
      await giveBack(box, probe!, null)
      expect(await row(box)).toMatchObject({ state: 'closed', open_until: null, ramp: 1 })

      const deliver = async () => {
        const [lane] = await claim(box, now, 1)
        expect(lane).toMatchObject({ breaker: 'recovery' })
        await box.settle(lane!, await headOf(box, lane!), { settle: 'delivered', at: now })
        await giveBack(box, lane!, null)
      }
      for (let n = 1; n < RAMP_STEP_DELIVERED; n++) await deliver()
      expect(await row(box)).toMatchObject({ ramp: 1 })
      await deliver()
      expect(await row(box)).toMatchObject({ ramp: 2 })
      for (let n = 0; n < RAMP_STEP_DELIVERED; n++) await deliver()
      expect(await row(box)).toMatchObject({ ramp: null })
    })

    test('CB-7 a clock that was set back shuts nobody out for longer than 30 minutes', async () => {
      const box = await boxWith(1)
      await openIt(box, NOON + 600 * MINUTE_MS)
      expect(await claim(box, NOON)).toEqual([])
      expect(await row(box)).toMatchObject({ state: 'open', open_until: NOON + OPEN_MS })
      expect(await claim(box, NOON + OPEN_MS)).toHaveLength(1)
    })

    test('CB-7 an operator may resume it; a closed one has nothing to resume', async () => {
      const box = await boxWith(2)
      expect(await resumeAddress(box.db, box.workspaceId)).toBe(false)
      await openIt(box)
      expect(await resumeAddress(box.db, box.workspaceId)).toBe(true)
      expect(await row(box)).toMatchObject({ state: 'closed', ramp: 1 })
      expect(await claim(box, NOON, 1)).toHaveLength(1)
    })

    test('CB-7 another address begins with a closed breaker, the same one does not', async () => {
      const box = await boxWith(1)
      await openIt(box)
      const set = (url: string) =>
        setCallbackUrl(box.db, keyring, box.scene.random, box.workspaceId, url, NOON)
      await set('https://shop.example/hooks?key=1')
      expect(await row(box)).toMatchObject({ state: 'open' })
      await set('https://shop.example/elsewhere')
      expect(await row(box)).toMatchObject({ state: 'closed', open_until: null })
    })
  })

  describe('quarantine', () => {
    test('CB-8 a callback that we fail to send again and again is quarantined, and its room goes on', async () => {
      const box = await boxWith(1)
      await box.owe('R:1', 'next')
      const { lane, head } = await box.claimHead()
      const putOff = () =>
        box.db.write(tx =>
          putOffCallback(tx, lane, head, { at: NOON, until: NOON + 60_000, leaseUntil: NOON + 1000 }),
        )
      for (let n = 1; n < FAULTS_MAX; n++) expect(await putOff()).toBe(true)
      expect((await headOf(box, lane)).id).toBe(head.id)
      expect(await putOff()).toBe('quarantined')
      // Told a second time, because the first one's commit was cut off and had happened all the same.
      expect(await putOff()).toBe('quarantined')
      expect((await headOf(box, lane)).id).not.toBe(head.id)
      expect(await box.list({ state: 'quarantined' })).toMatchObject([
        { id: head.id, attempt: 0, settledAt: NOON },
      ])
      expect(await replayCallback(box.db, box.workspaceId, head.id, NOON)).toBe('replayed')
    })
  })
}
