import type { BotId, ContactWxid, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Contact } from '../../model/contact.ts'
import { isSameUserId } from '../../model/user-id.ts'
import { REMOVED } from '../bots/bot-row.ts'
import { keysOfUserId, userIdKeyIn } from '../bots/user-id-keys.ts'
import type { Database } from '../database/database.ts'
import type { ContactRow } from '../database/hot-rows.ts'
import { toContact } from './contacts.ts'

/** Beyond it one statement would have too many parts, and all contacts are put in order instead. */
const BOTS_MERGED_MAX = 400

/** A contact as one of the bots knows it. */
export interface KnownContact {
  readonly botId: BotId
  readonly contact: Contact
}

export interface WhichContacts {
  readonly botId?: BotId | undefined
  /** Any id of the contact. */
  readonly id?: string | undefined
  /** These alone. */
  readonly wxids?: readonly string[] | undefined
  /** Behind this wxid. */
  readonly after?: string | undefined
  readonly limit: number
}

/** A page of contacts, and behind which wxid the next one begins; null at the end. */
export interface ContactPage {
  readonly contacts: readonly KnownContact[]
  readonly next: ContactWxid | null
}

/**
 * By wxid, at most `limit`; one for each bot that knows the contact. A page never ends in the midst of a wxid, for the next one begins
 * behind it: where more bots know one contact than `limit` says, all of them are listed.
 */
export async function listContacts(
  db: Database,
  workspaceId: WorkspaceId,
  { botId, id, wxids, after, limit }: WhichContacts,
): Promise<ContactPage> {
  // A query that is awaited by itself would be run.
  const { query: wanted } = await whichContacts(db, workspaceId, { botId, id, wxids })
  const isEverybody = [botId, id, wxids].every(said => said === undefined)
  const bots = isEverybody ? await db.all(hostedBots(db, workspaceId).compile()) : []
  const rows =
    bots.length > 0 && bots.length <= BOTS_MERGED_MAX
      ? await mergedOf(db, workspaceId, bots, { after, limit: limit + 1 })
      : await db.all(
          (after === undefined ? wanted : wanted.where('wxid', '>', after))
            .orderBy('wxid')
            .orderBy('bot_id')
            .limit(limit + 1)
            .compile(),
        )
  const cut = rows[limit]
  if (!cut) return { contacts: rows.map(toKnown), next: null }

  const whole = rows.filter(row => row.wxid !== cut.wxid)
  const shown =
    whole.length > 0 ? whole : await db.all(wanted.where('wxid', '=', cut.wxid).orderBy('bot_id').compile())
  return { contacts: shown.map(toKnown), next: shown.at(-1)!.wxid as ContactWxid }
}

const hostedBots = (db: Database, workspaceId: WorkspaceId) =>
  db.query
    .selectFrom('bot')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('state', '<>', REMOVED)

/** The key has them bot by bot: the first few of each, put in order, are the first few of all. */
async function mergedOf(
  db: Database,
  workspaceId: WorkspaceId,
  bots: readonly { readonly id: string }[],
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<ContactRow[]> {
  const ofBots = bots.map(
    ({ id }) => sql`select * from (
      select * from contact where workspace_id = ${workspaceId} and bot_id = ${id} and wxid > ${after}
      order by wxid limit ${limit}) as slice`,
  )
  const rows = await db.all(sql<ContactRow>`${sql.join(ofBots, sql` union all `)}`.compile(db.query))
  return rows.toSorted(asInStore).slice(0, limit)
}

/** The store compares bytes. */
const asInStore = (one: ContactRow, other: ContactRow): number =>
  Buffer.compare(Buffer.from(one.wxid), Buffer.from(other.wxid)) ||
  Buffer.compare(Buffer.from(one.bot_id), Buffer.from(other.bot_id))

async function whichContacts(
  db: Database,
  workspaceId: WorkspaceId,
  { botId, id, wxids }: Pick<WhichContacts, 'botId' | 'id' | 'wxids'>,
) {
  const every = db.query
    .selectFrom('contact')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', 'in', hostedBots(db, workspaceId))
  const ofBot = botId === undefined ? every : every.where('bot_id', '=', botId)
  const query = wxids === undefined ? ofBot : ofBot.where('wxid', 'in', db.oneOf(wxids))
  if (id === undefined) return { query }
  const handles = [id, ...(await spellingsOfUserId(db, workspaceId, id))]
  return {
    query: query.where(({ eb, or }) =>
      or([eb('wxid', '=', id), eb('handle', 'in', handles), eb('union_id', '=', id)]),
    ),
  }
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

const toKnown = (row: ContactRow): KnownContact => ({ botId: row.bot_id as BotId, contact: toContact(row) })
