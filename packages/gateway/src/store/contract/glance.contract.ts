import { describe, expect, test } from 'vitest'
import type { CallbackState } from '../../model/callback.ts'
import { findBreaker } from '../outbox/address-glance.ts'
import { COUNTED_MAX, countStates, hasDelivered, oldestWaiting } from '../outbox/count-states.ts'
import { enqueueCallback, NOON, type OpenStore, owed, Scene } from './scene.contract.ts'

/** What the first page of the console counts. */
export function glanceContract(open: OpenStore): void {
  describe('glance', () => {
    test('CON-30 callbacks are counted by their state, each workspace its own, and the first that waits is told', async () => {
      const scene = await Scene.open(open)
      const { db, random, workspaceId } = scene
      const other = await Scene.in(db, random)
      const states = ['due', 'parked', 'quarantined'] as const
      const nothing = { count: 0, atLeast: false }
      expect(await countStates(db, workspaceId, states)).toEqual({
        ...{ due: nothing, parked: nothing, quarantined: nothing },
      })
      expect(await oldestWaiting(db, workspaceId)).toBeNull()
      expect(await findBreaker(db, workspaceId)).toBeNull()
      await scene.listen()
      await other.listen()
      for (const [at, whose] of [scene, scene, scene, other].entries())
        await db.write(tx => enqueueCallback(tx, whose.workspaceId, owed(`${at}`), NOON + at))
      expect(await hasDelivered(db, workspaceId)).toBe(false)
      await settle(scene, NOON, 'delivered')
      expect(await hasDelivered(db, workspaceId)).toBe(true)
      expect(await hasDelivered(db, other.workspaceId)).toBe(false)
      await settle(scene, NOON + 1, 'parked')
      expect(await countStates(db, workspaceId, states)).toEqual({
        due: { count: 1, atLeast: false },
        parked: { count: 1, atLeast: false },
        quarantined: nothing,
      })
      expect(await oldestWaiting(db, workspaceId)).toBe(NOON + 2)
      expect(await findBreaker(db, workspaceId)).toEqual({
        ...{ url: 'http://127.0.0.1:1/', breaker: 'closed', openUntil: null },
      })
    })

    test('CON-30 beyond ten thousand it says so many or more', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      await scene.listen()
      const { id: addressId } = (await db.first(
        db.query.selectFrom('callback_address').select('id').compile(),
      ))!
      const rows = Array.from({ length: COUNTED_MAX + 1 }, (_, at) => ({
        ...{ workspace_id: workspaceId, id: at + 100, webhook_id: `msg${at}`, address_id: addressId },
        ...{ lane_key: 'R:1', kind: 'chatroom/joined', state: 'parked' as const },
        ...{ due_at: NOON, body_id: 1, owed_at: NOON, settled_at: NOON },
      }))
      for (let at = 0; at < rows.length; at += 1000)
        await db.write(tx =>
          tx.run(
            tx.query
              .insertInto('callback')
              .values(rows.slice(at, at + 1000))
              .compile(),
          ),
        )
      const { parked } = await countStates(db, workspaceId, ['due', 'parked'])
      expect(parked).toEqual({ count: COUNTED_MAX, atLeast: true })
    })
  })
}

async function settle({ db, workspaceId }: Scene, owedAt: number, state: CallbackState): Promise<void> {
  await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('callback')
        .set({ state, settled_at: NOON })
        .where('workspace_id', '=', workspaceId)
        .where('owed_at', '=', owedAt)
        .compile(),
    ),
  )
}
