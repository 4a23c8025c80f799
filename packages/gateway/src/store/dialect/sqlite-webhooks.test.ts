import { openOwnStore } from '@qunhub/testing/open-own-store.ts'
import { expect, test } from 'vitest'
import { newWebhookId } from '../../model/webhook-id.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../system/clock.ts'
import { NOON, Scene, seededRandom } from '../contract/scene.contract.ts'
import type { Statement } from '../database/database.ts'
import { idOfWebhook } from '../outbox/find-webhook.ts'

const CALLBACKS = 6000
/** Between two callbacks. */
const EVERY_MS = 7 * SECOND_MS

/** A workspace to which a callback was owed every few seconds, by a clock that was off by so much at the nth. */
async function openOwed(offMs: (n: number) => number) {
  const scene = await Scene.open(openOwnStore)
  await scene.listen()
  const random = seededRandom(9)
  const ids: string[] = []
  await scene.db.write(async tx => {
    for (let n = 1; n <= CALLBACKS; n++) {
      const at = NOON + n * EVERY_MS + offMs(n)
      ids.push(newWebhookId(at, random))
      await tx.run({
        sql: `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, due_at, body_id, owed_at)
          select workspace_id, ?2, ?3, id, 'R:1', 'chatroom/joined', 0, ?2, ?4 from callback_address where workspace_id = ?1`,
        parameters: [scene.workspaceId, n, ids.at(-1), at],
      })
    }
  })
  const asked: Statement[] = []
  const db = {
    ...{ dialect: 'sqlite' as const, query: scene.db.query },
    first: (statement: Statement) => {
      asked.push(statement)
      return scene.db.first(statement)
    },
  } as unknown as typeof scene.db
  return { scene, ids, asked, find: (webhookId: string) => idOfWebhook(db, scene.workspaceId, webhookId) }
}

const SOME = [1, 2, 999, 1000, 1001, 2500, 2999, 3000, 3001, 3500, 5999, 6000]

test('ST-154 a callback is found by its webhook-id with some fifty looks at the key; one of another workspace, or that is gone, is not', async () => {
  const { scene, ids, asked, find } = await openOwed(() => 0)
  for (const n of SOME) {
    asked.length = 0
    expect(await find(ids[n - 1]!)).toBe(n)
    expect(asked.length).toBeLessThan(50)
  }
  const other = await Scene.in(scene.db, seededRandom(2))
  expect(await idOfWebhook(scene.db, other.workspaceId, ids[6]!)).toBeUndefined()
  await scene.db.write(tx => tx.run(tx.query.deleteFrom('callback').where('id', '=', 7).compile()))
  expect(await find(ids[6]!)).toBeUndefined()
  asked.length = 0
  expect(await find('msg_of-somebody-else')).toBeUndefined()
  expect(asked).toEqual([])
})

test.each([
  ['set back by half an hour', (n: number) => (n > 3000 ? -30 * MINUTE_MS : 0)],
  ['set back by two days', (n: number) => (n > 3000 ? -2 * DAY_MS : 0)],
  ['a day ahead for a while', (n: number) => (n > 2500 && n <= 3500 ? DAY_MS : 0)],
  ['moved to and fro', (n: number) => (n % 3) * 5 * HOUR_MS],
])('ST-154 also where the clock was %s', async (_how, offMs) => {
  const { ids, find } = await openOwed(offMs)
  for (const n of SOME) expect(await find(ids[n - 1]!)).toBe(n)
})
