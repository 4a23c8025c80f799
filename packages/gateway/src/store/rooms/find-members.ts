import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import { listBotIds } from '../bots/bot-row.ts'
import type { Queryable } from '../database/database.ts'

/** Namesakes beyond these are left out: nobody looks through so many. */
const NAMESAKES_MAX = 200
/** Whoever is in more chats is looked for block by block. */
const CHATS_NAMED_MAX = 20_000

export interface Member {
  readonly wxid: string
  readonly name: string
}

/** Whoever goes by an id at one of the bots: wxid, userId or externalUserId, unionId. Each once. */
export async function membersOfId(db: Queryable, workspaceId: WorkspaceId, id: string): Promise<Member[]> {
  const botIds = await listBotIds(db, workspaceId)
  const found = await Promise.all(
    (['wxid', 'handle', 'union_id'] as const).map(by =>
      db.all(db.hot.contactsOfBots(workspaceId, botIds, by, [id])),
    ),
  )
  return eachOnce(found.flat())
}

/** Whoever's name begins like this, as it is written. */
export async function membersOfName(
  db: Queryable,
  workspaceId: WorkspaceId,
  beginning: string,
): Promise<Member[]> {
  const rows = await db.all(
    sql<Member>`select wxid, name from contact ${sql.raw(db.dialect === 'sqlite' ? 'indexed by contact_name' : '')}
      where workspace_id = ${workspaceId} and name >= ${beginning} and name < ${`${beginning}\u{10ffff}`}
      order by name limit ${sql.lit(NAMESAKES_MAX)}`.compile(db.query),
  )
  return eachOnce(rows)
}

const eachOnce = (rows: readonly Member[]): Member[] => [
  ...new Map(rows.map(({ wxid, name }) => [wxid, { wxid, name }])).values(),
]

/** The chats that one of them is in, or was; null where they are too many to name. */
export async function chatIdsOfMembers(
  db: Queryable,
  workspaceId: WorkspaceId,
  wxids: readonly string[],
  max = CHATS_NAMED_MAX,
): Promise<string[] | null> {
  if (wxids.length === 0) return []
  const rows = await db.all(
    sql<{ chat_id: string }>`select chat_id from chat_member
      ${sql.raw(db.dialect === 'sqlite' ? 'indexed by chat_member_wxid' : '')}
      where workspace_id = ${workspaceId} and wxid in ${db.oneOf(wxids)} limit ${sql.lit(max + 1)}`.compile(
      db.query,
    ),
  )
  return rows.length > max ? null : [...new Set(rows.map(({ chat_id }) => chat_id))]
}
