import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { enqueueCallback, NOON, owed, Scene, seededRandom } from '../contract/scene.contract.ts'
import { openStore } from '../database/open-store.ts'
import { findCallback, listCallbacks } from '../outbox/callbacks.ts'
import { pruneCallbacks } from '../outbox/prune-callbacks.ts'
import { migrate } from '../schema/migrate.ts'
import { migrations } from '../schema/migrations/all.ts'
import { openSqlite } from './sqlite.ts'

/** As the program before the 12th step left them: the newest, the sixth, is forgotten. Webhook-ids were all chance once. */
const WEBHOOK_IDS = ['q7', 'Zk', 'b_', '-x', '0A'].map(head => `msg_${head.padEnd(24, 'x')}`)

test('ST-152 ST-154 in a store of an older version the next number is a new one, callbacks are found by their webhook-ids, and they are forgotten', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-upgrade-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const old = openSqlite(join(dataDir, 'qunhub.sqlite'))
  await migrate(old, { migrations: migrations.slice(0, 11), at: NOON })
  const scene = await Scene.in(old, seededRandom(1))
  await scene.listen()
  const { workspaceId } = scene
  await old.write(async tx => {
    for (const [at, webhookId] of WEBHOOK_IDS.entries()) {
      const body = { workspace_id: workspaceId, id: at + 1, bytes: Buffer.from(webhookId) }
      await tx.run(tx.query.insertInto('callback_body').values(body).compile())
      await tx.run({
        sql: `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, state, due_at, body_id, owed_at, settled_at)
          select workspace_id, ?2, ?3, id, 'R:1', 'chatroom/joined', 'delivered', ?4, ?2, ?4, ?4
          from callback_address where workspace_id = ?1`,
        parameters: [workspaceId, at + 1, webhookId, NOON + at],
      })
    }
    const counter = { workspace_id: workspaceId, name: 'callback', last: WEBHOOK_IDS.length + 1 }
    await tx.run(tx.query.insertInto('counter').values(counter).compile())
  })
  await old.close()

  const { db, close } = await openStore({ dataDir })
  onTestFinished(close)
  for (const [at, webhookId] of WEBHOOK_IDS.entries())
    expect(await findCallback(db, workspaceId, webhookId)).toMatchObject({ id: at + 1, body: webhookId })
  await db.write(tx => enqueueCallback(tx, workspaceId, owed('new'), NOON + 9))
  const [newest] = await listCallbacks(db, workspaceId, { limit: 1 })
  expect(newest!.id).toBe(WEBHOOK_IDS.length + 2)
  const settled = { workspaceId, state: 'delivered' } as const
  const until = { before: NOON + 3, now: NOON + 9 }
  expect(await pruneCallbacks(db, settled, until, 2)).toEqual({ forgotten: 3, passed: 0, next: null })
  expect(await db.all({ sql: 'pragma integrity_check', parameters: [] })).toEqual([{ integrity_check: 'ok' }])
})
