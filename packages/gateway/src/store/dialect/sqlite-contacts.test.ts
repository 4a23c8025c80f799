import { noteStatements } from '@qunhub/testing/note-statements.ts'
import { openOwnStore } from '@qunhub/testing/open-own-store.ts'
import { expect, test } from 'vitest'
import { contact, Scene, wxidOf } from '../contract/scene.contract.ts'
import type { Database, Statement } from '../database/database.ts'
import { saveContacts } from '../rooms/contacts.ts'
import { findContacts } from '../rooms/find-contacts.ts'
import { findUnresolved } from '../rooms/find-unresolved.ts'
import { importContacts } from '../rooms/import-contacts.ts'

/** How SQLite carries out what was asked of contacts. */
async function plansOf(db: Database, statements: readonly Statement[]): Promise<string[]> {
  const plans = statements.map(async ({ sql, parameters }) => {
    const steps = await db.all<{ detail: string }>({ sql: `explain query plan ${sql}`, parameters })
    return steps.map(({ detail }) => detail).filter(detail => / contact\b/.test(detail))
  })
  return (await Promise.all(plans)).flat()
}

/** The bot alone would find all whom it knows. */
const BY_BOT_AND_ID = new Set([
  'SEARCH contact USING PRIMARY KEY (workspace_id=? AND bot_id=? AND wxid=?)',
  'SEARCH contact USING INDEX contact_handle (workspace_id=? AND bot_id=? AND handle=?)',
  'SEARCH contact USING INDEX contact_union_id (workspace_id=? AND bot_id=? AND union_id=?)',
])

test('ST-113 a bot’s contacts are found through the index of each of their names', async () => {
  const { db, workspaceId, botId } = await Scene.open(openOwnStore)
  const asked: Statement[] = []
  const names = { wxids: ['w1'], handles: ['hw1'], unionIds: ['uw1'] }
  await findContacts(noteStatements(db, asked), workspaceId, botId, names)
  expect(new Set(await plansOf(db, asked))).toEqual(BY_BOT_AND_ID)
})

test('BOT-262 a bot’s coworkers are found by userId through an index, whatever the case of its letters', async () => {
  const { db, workspaceId, botId } = await Scene.open(openOwnStore)
  const asked: Statement[] = []
  await findContacts(noteStatements(db, asked), workspaceId, botId, { userIds: ['LinLing'] })
  expect(await plansOf(db, asked)).toEqual([
    'SEARCH contact USING INDEX contact_user_id (workspace_id=? AND bot_id=? AND <expr>=?)',
  ])
})

test('BOT-145 an import finds contacts by bot and id, through an index', async () => {
  const { db, workspaceId, tenure } = await Scene.open(openOwnStore)
  await saveContacts(db, tenure, [contact('lin')])
  const asked: Statement[] = []
  const line = { wxid: wxidOf('lin'), externalUserId: `wm${'e'.repeat(30)}`, unionId: `o${'u'.repeat(27)}` }
  await importContacts(noteStatements(db, asked), workspaceId, [line], { dryRun: false })
  expect(new Set(await plansOf(db, asked))).toEqual(BY_BOT_AND_ID)
})

test('BOT-152 a look at the next contacts goes on in the primary key, and sorts nothing', async () => {
  const { db, workspaceId, botId } = await Scene.open(openOwnStore)
  const asked: Statement[] = []
  await findUnresolved(noteStatements(db, asked), workspaceId, { botId, wxid: 'w5' }, 10)
  expect(asked).toHaveLength(1)
  const steps = await db.all<{ detail: string }>({
    sql: `explain query plan ${asked[0]!.sql}`,
    parameters: asked[0]!.parameters,
  })
  expect(steps.map(({ detail }) => detail)).toEqual([
    'SEARCH contact USING PRIMARY KEY (workspace_id=? AND (bot_id,wxid)>(?,?))',
  ])
})
