import type { BotId, WorkspaceId } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'
import { toContact } from './contacts.ts'
import type { Database } from './database.ts'

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
  if (id !== undefined)
    query = query.where(({ eb, or }) =>
      or([eb('wxid', '=', id), eb('handle', '=', id), eb('union_id', '=', id)]),
    )
  if (after !== undefined) query = query.where('wxid', '>', after)
  const rows = await db.all(query.orderBy('wxid').orderBy('bot_id').limit(limit).compile())
  return rows.map(row => ({ botId: row.bot_id as BotId, contact: toContact(row) }))
}
