import type { BotId, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Contact } from '../model/contact.ts'
import { isSameUserId } from '../model/user-id.ts'
import { toContact } from './contacts.ts'
import type { Database } from './database.ts'
import { keysOfUserId, userIdKeyIn } from './user-id-keys.ts'

/** A contact as one of the bots knows it. */
export interface KnownContact {
  readonly botId: BotId
  readonly contact: Contact
}

export interface WhichContacts {
  readonly botId?: BotId | undefined
  /** Any id of the contact. */
  readonly id?: string | undefined
  /** Behind this wxid. */
  readonly after?: string | undefined
  readonly limit: number
}

/** By wxid, at most `limit`; one for each bot that knows the contact. */
export async function listContacts(
  db: Database,
  workspaceId: WorkspaceId,
  { botId, id, after, limit }: WhichContacts,
): Promise<KnownContact[]> {
  let query = db.query.selectFrom('contact').selectAll().where('workspace_id', '=', workspaceId)
  if (botId !== undefined) query = query.where('bot_id', '=', botId)
  if (id !== undefined) {
    const handles = [id, ...(await spellingsOfUserId(db, workspaceId, id))]
    query = query.where(({ eb, or }) =>
      or([eb('wxid', '=', id), eb('handle', 'in', handles), eb('union_id', '=', id)]),
    )
  }
  if (after !== undefined) query = query.where('wxid', '>', after)
  const rows = await db.all(query.orderBy('wxid').orderBy('bot_id').limit(limit).compile())
  return rows.map(row => ({ botId: row.bot_id as BotId, contact: toContact(row) }))
}

/** How puppets spell this userId of a coworker. */
async function spellingsOfUserId(db: Database, workspaceId: WorkspaceId, userId: string): Promise<string[]> {
  const rows = await db.all(
    db.query
      .selectFrom('contact')
      .select('handle')
      .distinct()
      .where('workspace_id', '=', workspaceId)
      .where(sql<boolean>`coworker = 1`)
      .where(sql<string>`${sql.raw(userIdKeyIn(db.dialect, 'handle'))}`, 'in', keysOfUserId(userId))
      .compile(),
  )
  return rows.flatMap(({ handle }) => (handle !== null && isSameUserId(handle, userId) ? [handle] : []))
}
