import type { CallbackKind } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { CLOSED, OPEN_MS } from '../../model/breaker.ts'
import { forgetBreaker, keepBreaker, resumeAddress } from '../outbox/breaker-row.ts'
import { measureOutbox } from '../outbox/measure-outbox.ts'
import { lookAtBreaker } from '../outbox/settle-callbacks.ts'
import { crowdedAddresses, thinOut } from '../outbox/thin-out.ts'
import { OutboxScene } from './outbox.contract.ts'
import { NOON, type OpenStore, Scene } from './scene.contract.ts'

const MIB = 1024 * 1024

/** An address that takes nothing, while its rooms go on changing. */
export function thinOutContract(open: OpenStore): void {
  const owe = (box: OutboxScene, room: string, text: string, kind: CallbackKind = 'chatroom/loaded') =>
    box.owe(room, text, NOON, kind)
  const thin = (box: OutboxScene, after = 0, limit = 100) => thinOut(box.db, box, after, limit)
  const left = async (box: OutboxScene): Promise<string[]> => {
    const bodies = await box.db.all(
      box.db.query
        .selectFrom('callback')
        .innerJoin('callback_body', 'callback_body.id', 'callback.body_id')
        .select('callback_body.bytes')
        .where('callback.state', '=', 'due')
        .orderBy('callback.id')
        .compile(),
    )
    return bodies.map(({ bytes }) => Buffer.from(bytes).toString())
  }
  const crowded = async (box: OutboxScene, callbacks: number, bytes = 512 * MIB) =>
    (await crowdedAddresses(box.db, { callbacks, bytes })).map(({ addressId }) => addressId)

  describe('an address that holds too much', () => {
    test('CB-10 it does when it holds one callback more than it may, settled ones not counted', async () => {
      const box = await OutboxScene.open(open)
      await box.settled('R:0', 'delivered')
      for (const room of ['R:1', 'R:2', 'R:3']) await owe(box, room, room)
      expect(await crowded(box, 3)).toEqual([])
      expect(await crowded(box, 2)).toEqual([box.addressId])
    })

    test('CB-10 it does when its bodies weigh one byte more than they may', async () => {
      const box = await OutboxScene.open(open)
      for (const room of ['R:1', 'R:2']) await owe(box, room, 'x'.repeat(100_000))
      expect(await crowded(box, 3, 200_000)).toEqual([])
      expect(await crowded(box, 3, 199_999)).toEqual([box.addressId])
    })

    test('CB-10 of the loaded of a room the newest stays, with every joined, in their order', async () => {
      const box = await OutboxScene.open(open)
      await owe(box, 'R:1', 'loaded 1')
      await owe(box, 'R:2', 'other room')
      await owe(box, 'R:1', 'joined 2', 'chatroom/joined')
      await owe(box, 'R:1', 'loaded 3')
      await owe(box, 'R:1', 'left 4', 'room/left')
      await owe(box, 'R:1', 'joined 5', 'chatroom/joined')
      await owe(box, 'R:1', 'loaded 6')
      await owe(box, 'R:1', 'joined 7', 'chatroom/joined')
      expect(await thin(box)).toMatchObject({ forgotten: [1, 4], next: null })
      expect(await left(box)).toEqual([
        'other room',
        'joined 2',
        'left 4',
        'joined 5',
        'loaded 6',
        'joined 7',
      ])
      expect(await box.count('callback_body')).toBe(6)
      expect(await thin(box)).toEqual({ forgotten: [], next: null })
    })

    test('CB-10 it is done in bounded steps', async () => {
      const box = await OutboxScene.open(open)
      for (let n = 1; n <= 6; n++) await owe(box, 'R:1', `loaded ${n}`)
      const first = await thin(box, 0, 3)
      expect(first.forgotten).toHaveLength(3)
      expect(await thin(box, first.next!, 3)).toEqual({ forgotten: [4, 5], next: null })
      expect(await left(box)).toEqual(['loaded 6'])
    })

    test('CB-10 what is on its way is left alone', async () => {
      const box = await OutboxScene.open(open)
      for (const text of ['loaded 1', 'loaded 2', 'loaded 3']) await owe(box, 'R:1', text)
      const { id } = await box.first()
      expect(await thinOut(box.db, box, 0, 100, new Set([id]))).toEqual({ forgotten: [id + 1], next: null })
      expect(await left(box)).toEqual(['loaded 1', 'loaded 3'])
    })

    test('CB-10 one that was tried, or that somebody replays, is not forgotten', async () => {
      const box = await OutboxScene.open(open)
      for (const text of ['tried', 'replayed', 'loaded 3', 'loaded 4']) await owe(box, 'R:1', text)
      await box.settle(await box.first(), { settle: 'retry', at: NOON + 1000 })
      const [, , replayed] = await box.list()
      await box.db.write(tx =>
        tx.run(
          tx.query
            .updateTable('callback')
            .set({ replay_id: 'by-hand' })
            .where('id', '=', replayed!.id)
            .compile(),
        ),
      )
      expect(await thin(box)).toMatchObject({ forgotten: [3], next: null })
      expect(await left(box)).toEqual(['tried', 'replayed', 'loaded 4'])
    })

    test('CB-10 another address and another workspace keep theirs', async () => {
      const box = await OutboxScene.open(open)
      for (const text of ['loaded 1', 'loaded 2']) await owe(box, 'R:1', text)
      expect(
        await thinOut(box.db, { ...box, addressId: 'a'.repeat(24), workspaceId: box.workspaceId }, 0, 9),
      ).toEqual({
        forgotten: [],
        next: null,
      })
      expect(await left(box)).toHaveLength(2)
    })
  })

  describe('what waits', () => {
    test('MET-13 nothing, then so many callbacks and bytes since so long, and settled ones no more', async () => {
      const box = await OutboxScene.open(open)
      const addresses = { closed: 1, open: 0, recovering: 0 }
      const nothing = { held: 0, heldBytes: 0, oldestOwedAt: null, oldestOfAddresses: [], addresses }
      expect(await measureOutbox(box.db)).toEqual(nothing)
      await box.owe('R:1', 'x'.repeat(10), NOON + 5)
      await box.owe('R:2', 'x'.repeat(20), NOON + 7)
      expect(await measureOutbox(box.db)).toEqual({
        held: 2,
        heldBytes: 30,
        oldestOwedAt: NOON + 5,
        oldestOfAddresses: [{ workspaceId: box.workspaceId, addressId: box.addressId, owedAt: NOON + 5 }],
        addresses,
      })
      for (const _ of [1, 2]) {
        await box.settle(await box.first(), { settle: 'delivered', at: NOON + 9 })
      }
      expect(await measureOutbox(box.db)).toEqual(nothing)
    })

    test('MET-14 the oldest of each address by itself, whoever waits longest first, and of no more than twenty addresses', async () => {
      const first = await OutboxScene.open(open)
      await first.owe('R:1', 'theirs', NOON + 50)
      await first.owe('R:2', 'theirs', NOON + 60)
      const others: OutboxScene[] = []
      for (let n = 1; n <= 20; n++) {
        const other = await OutboxScene.in(await Scene.in(first.db, first.scene.random))
        await other.owe('R:1', 'theirs', NOON + n)
        others.push(other)
      }
      await OutboxScene.in(await Scene.in(first.db, first.scene.random))
      const { oldestOfAddresses, oldestOwedAt } = await measureOutbox(first.db)
      expect(oldestOfAddresses).toEqual(
        others.map(({ workspaceId, addressId }, at) => ({ workspaceId, addressId, owedAt: NOON + at + 1 })),
      )
      expect(oldestOwedAt).toBe(NOON + 1)
    })

    test('MET-13 an address is open while its breaker holds it or probes, recovers after that, and is closed again when its URL is set', async () => {
      const box = await OutboxScene.open(open)
      const addresses = async () => (await measureOutbox(box.db)).addresses
      const row = { workspace_id: box.workspaceId, id: box.addressId }
      await box.db.write(tx => keepBreaker(tx, row, { state: 'open', until: NOON + OPEN_MS }))
      expect(await addresses()).toEqual({ closed: 0, open: 1, recovering: 0 })
      await lookAtBreaker(box.db, await box.address(), async () => NOON + OPEN_MS)
      expect(await addresses()).toEqual({ closed: 0, open: 1, recovering: 0 })
      await resumeAddress(box.db, box.workspaceId)
      expect(await addresses()).toEqual({ closed: 0, open: 0, recovering: 1 })
      await box.db.write(tx => forgetBreaker(tx, box))
      expect((await box.address()).breaker).toEqual(CLOSED)
      expect(await addresses()).toEqual({ closed: 1, open: 0, recovering: 0 })
    })
  })
}
