import type { BotId, ContactWxid, WorkspaceId } from '@qunhub/wire'
import type { Contact } from '../../model/contact.ts'
import { userIdKey } from '../../model/user-id.ts'
import { listBotIds } from '../bots/bot-row.ts'
import { keysOfUserId } from '../bots/user-id-keys.ts'
import type { Database, Queryable } from '../database/database.ts'
import type { ContactRow } from '../database/hot-rows.ts'
import { toContact } from './contacts.ts'

/** Any of these names a contact; wxid, handle (userId or externalUserId), unionId, and a coworker's userId in any case of letters. */
export interface ContactNames {
  readonly wxids?: readonly string[]
  readonly handles?: readonly string[]
  readonly unionIds?: readonly string[]
  readonly userIds?: readonly string[]
}

/** Those of the bot's contacts that one of the names fits, in no particular order, each once. */
export async function findContacts(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
  { wxids = [], handles = [], unionIds = [], userIds = [] }: ContactNames,
): Promise<Contact[]> {
  const { hot } = db
  // One question for each, each through its own index, instead of one OR that no index serves.
  const found = await Promise.all([
    wxids.length > 0 ? db.all(hot.contacts(workspaceId, botId, wxids)) : [],
    handles.length > 0 ? db.all(hot.contactsNamed(workspaceId, botId, 'handle', handles)) : [],
    unionIds.length > 0 ? db.all(hot.contactsNamed(workspaceId, botId, 'union_id', unionIds)) : [],
    userIds.length > 0 ? findCoworkers(db, workspaceId, botId, userIds) : [],
  ])
  const each = new Map(found.flat().map(row => [row.wxid, row]))
  return [...each.values()].map(toContact)
}

async function findCoworkers(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
  userIds: readonly string[],
): Promise<ContactRow[]> {
  const keys = [...new Set(userIds.flatMap(keysOfUserId))]
  const rows = await db.all(db.hot.coworkersOfKeys(workspaceId, botId, keys))
  const meant = new Set(userIds.map(userIdKey))
  return rows.filter(({ handle }) => handle !== null && meant.has(userIdKey(handle)))
}

/** The wxids of whoever goes by this externalUserId at a bot of the workspace, each once. The handle of a coworker is none. */
export async function wxidsOfExternalUser(
  db: Queryable,
  workspaceId: WorkspaceId,
  externalUserId: string,
): Promise<string[]> {
  const botIds = await listBotIds(db, workspaceId)
  const known = await db.all(db.hot.contactsOfBots(workspaceId, botIds, 'handle', [externalUserId]))
  return [...new Set(known.filter(row => row.coworker === 0).map(row => row.wxid))]
}

/** The friends and coworkers of the bot, as it was last seen. */
export async function listAcquaintances(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
): Promise<ContactWxid[]> {
  const rows = await db.all(
    db.query
      .selectFrom('contact')
      .select('wxid')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where(({ eb, or }) => or([eb('is_friend', '=', 1), eb('coworker', '=', 1)]))
      .orderBy('wxid')
      .compile(),
  )
  return rows.map(row => row.wxid as ContactWxid)
}
