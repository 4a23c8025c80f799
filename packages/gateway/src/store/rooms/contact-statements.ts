import { userIdKeyIn } from '../bots/user-id-keys.ts'
import { alike, type Both, unseen } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { ContactRow } from '../database/hot-rows.ts'

export const contacts: Both<
  (workspaceId: string, botId: string, wxids: readonly string[]) => Statement<ContactRow>
> = {
  sqlite: (workspaceId, botId, wxids) => ({
    sql: `select * from contact
      where workspace_id = ? and bot_id = ? and wxid in (select value from json_each(?))`,
    parameters: [workspaceId, botId, JSON.stringify(wxids)],
  }),
  postgres: (workspaceId, botId, wxids) => ({
    // Each is looked up by its whole key: planned while few were known, a list becomes a filter over all contacts of the bot, and a
    // batch of rooms names thousands. In the order of the key, for other indexes of the table have it not (decision 0049).
    sql: `select person.*
      from (select distinct unnest(${unseen('$3::text[]')}) as wxid) as asked
      cross join lateral (
        select * from contact where workspace_id = $1 and bot_id = $2 and wxid between asked.wxid and asked.wxid
        order by wxid limit 1
      ) as person`,
    parameters: [workspaceId, botId, wxids],
  }),
}

/** The bot's contacts that go by one of these other names. */
export const contactsNamed: Both<
  (
    workspaceId: string,
    botId: string,
    by: 'handle' | 'union_id',
    names: readonly string[],
  ) => Statement<ContactRow>
> = {
  // By itself SQLite takes the primary key, which is the table, and walks through all contacts of the bot.
  sqlite: (workspaceId, botId, by, names) => ({
    sql: `select * from contact indexed by contact_${by}
      where workspace_id = ? and bot_id = ? and ${by} is not null and ${by} in (select value from json_each(?))`,
    parameters: [workspaceId, botId, JSON.stringify(names)],
  }),
  // Compared with the list itself: from a subquery of it a generic plan reads all contacts of a bot, taking it for a small one.
  postgres: (workspaceId, botId, by, names) => ({
    sql: `select * from contact where workspace_id = $1 and bot_id = $2 and ${by} = any($3::text[])`,
    parameters: [workspaceId, botId, names],
  }),
}

/** The bot's coworkers whose userIds have one of these keys (`user-id-keys.ts`). */
export const coworkersOfKeys: Both<
  (workspaceId: string, botId: string, keys: readonly string[]) => Statement<ContactRow>
> = {
  sqlite: (workspaceId, botId, keys) => ({
    sql: `select * from contact indexed by contact_user_id where workspace_id = ? and bot_id = ?
      and coworker = 1 and ${userIdKeyIn('sqlite', 'handle')} in (select value from json_each(?))`,
    parameters: [workspaceId, botId, JSON.stringify(keys)],
  }),
  postgres: (workspaceId, botId, keys) => ({
    sql: `select * from contact where workspace_id = $1 and bot_id = $2
      and coworker = 1 and ${userIdKeyIn('postgres', 'handle')} = any($3::text[])`,
    parameters: [workspaceId, botId, keys],
  }),
}

/** Those of several bots, whoever goes by one of the ids there. */
export const contactsOfBots: Both<
  (
    workspaceId: string,
    botIds: readonly string[],
    by: 'wxid' | 'handle' | 'union_id',
    ids: readonly string[],
  ) => Statement<ContactRow>
> = {
  sqlite: (workspaceId, botIds, by, ids) => ({
    sql: `select * from contact ${by === 'wxid' ? '' : `indexed by contact_${by}`} where workspace_id = ?
      and bot_id in (select value from json_each(?)) and ${by} is not null and ${by} in (select value from json_each(?))`,
    parameters: [workspaceId, JSON.stringify(botIds), JSON.stringify(ids)],
  }),
  postgres: (workspaceId, botIds, by, ids) => ({
    sql: `select * from contact where workspace_id = $1 and bot_id = any($2::text[]) and ${by} = any($3::text[])`,
    parameters: [workspaceId, botIds, ids],
  }),
}

/** The number of the last contact in the bot's list; null while it is empty. */
export const lastListedContact: Both<
  (workspaceId: string, botId: string) => Statement<{ last: number | null }>
> = alike(
  `select (select ordinal from contact where workspace_id = $1 and bot_id = $2 and ordinal is not null
      order by ordinal desc limit 1) as last`,
  (workspaceId, botId) => [workspaceId, botId],
)

/** At most `limit` of the bot's list from that number on, without the first `skip` of them. */
export const listedContacts: Both<
  (
    workspaceId: string,
    botId: string,
    from: { readonly fromOrdinal: number; readonly skip: number; readonly limit: number },
  ) => Statement<ContactRow>
> = alike(
  `select * from contact where workspace_id = $1 and bot_id = $2 and ordinal is not null and ordinal >= $3
    order by ordinal limit $4 offset $5`,
  (workspaceId, botId, { fromOrdinal, skip, limit }) => [workspaceId, botId, fromOrdinal, limit, skip],
)
