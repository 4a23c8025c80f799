import { describe, expect, test } from 'vitest'
import { idOfWebhook } from '../outbox/find-webhook.ts'
import { CALLBACKS_PER_SLICE } from '../outbox/slices.ts'
import {
  idBefore,
  newestCallback,
  RECENT_MAX,
  TAIL_BYTES_MAX,
  tailCallbacks,
} from '../outbox/tail-callbacks.ts'
import { OutboxScene } from './outbox.contract.ts'
import { NOON, type OpenStore, Scene } from './scene.contract.ts'

/** Following callbacks, as `qunhub callback listen` does. */
export function tailContract(open: OpenStore): void {
  describe('following callbacks', () => {
    test('OP-29 behind an id they come oldest first with their bodies, and before it the latest as they are now', async () => {
      const box = await OutboxScene.open(open)
      const first = await box.settled('R:1', 'delivered')
      for (const room of ['R:2', 'R:3', 'R:4']) await box.owe(room, `body of ${room}`)
      const page = await tailCallbacks(box.db, box.workspaceId, { after: first, limit: 2 })
      expect(page.callbacks.map(({ laneKey, body, state }) => [laneKey, body, state])).toEqual([
        ['R:2', 'body of R:2', 'due'],
        ['R:3', 'body of R:3', 'due'],
      ])
      expect(page.recent).toMatchObject([{ id: first, state: 'delivered', lastStatus: 200 }])
      expect(page.more).toBe(true)
      const after = page.callbacks.at(-1)!.id
      const rest = await tailCallbacks(box.db, box.workspaceId, { after, limit: 2 })
      expect(rest).toMatchObject({ callbacks: [{ laneKey: 'R:4' }], more: false })
      expect(rest.recent.map(({ laneKey }) => laneKey)).toEqual(['R:3', 'R:2', 'R:1'])
    })

    test('OP-29 a page has 1 MiB of bodies at most, or one callback; the rest comes behind it', async () => {
      const box = await OutboxScene.open(open)
      const sizes = [TAIL_BYTES_MAX / 2, TAIL_BYTES_MAX / 2, 1, TAIL_BYTES_MAX + 1, 2]
      for (const size of sizes) await box.owe('R:1', 'x'.repeat(size))
      const pages: number[][] = []
      for (let [after, more] = [0, true]; more; ) {
        const page = await tailCallbacks(box.db, box.workspaceId, { after, limit: 9 })
        pages.push(page.callbacks.map(({ body }) => body.length))
        ;({ more } = page)
        after = page.callbacks.at(-1)!.id
      }
      const [half, , one, over, two] = sizes
      expect(pages).toEqual([[half, half], [one], [over], [two]])
    })

    test('OP-29 another workspace’s are not there, and nothing is changed by looking', async () => {
      const box = await OutboxScene.open(open)
      await box.owe('R:1', 'ours')
      const others = await OutboxScene.in(await Scene.in(box.db, box.scene.random))
      await others.owe('R:9', 'theirs')
      const before = await box.list()
      const [ours] = before
      expect(await newestCallback(box.db, box.workspaceId)).toBe(ours!.id)
      expect(await idOfWebhook(box.db, box.workspaceId, ours!.webhookId)).toBe(ours!.id)
      expect(await idOfWebhook(box.db, others.workspaceId, ours!.webhookId)).toBeUndefined()
      const page = await tailCallbacks(box.db, box.workspaceId, { after: 0, limit: 9 })
      expect(page.callbacks.map(({ body }) => body)).toEqual(['ours'])
      expect(await box.list()).toEqual(before)
    })

    test('OP-29 those since a time are found however many lie before them', async () => {
      const box = await OutboxScene.open(open)
      expect(await idBefore(box.db, box.workspaceId, 0)).toBe(0)
      // Owed at 1, 2, 3 …; their ids are from 1001 on.
      await box.parkMany(CALLBACKS_PER_SLICE + 3)
      expect(await idBefore(box.db, box.workspaceId, CALLBACKS_PER_SLICE)).toBe(CALLBACKS_PER_SLICE + 999)
      expect(await idBefore(box.db, box.workspaceId, 0)).toBe(1000)
      expect(await idBefore(box.db, box.workspaceId, NOON)).toBe(
        await newestCallback(box.db, box.workspaceId),
      )
      const after = 1000 + CALLBACKS_PER_SLICE
      const { recent } = await tailCallbacks(box.db, box.workspaceId, { after, limit: 1 })
      expect(recent).toHaveLength(RECENT_MAX)
    })
  })
}
