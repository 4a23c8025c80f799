import type { Statement } from '../../database/database.ts'
import type { ContactRow, ListCount, SightedChat, Sighting } from '../../database/hot-rows.ts'
import { EDITION_OF_ALL, editionCounter, postgresNextEdition } from '../../rooms/list-edition.ts'
import { owe } from './owe-callbacks.ts'
import { StatementOfParts } from './statement-of-parts.ts'

/**
 * Everything that one event writes, or a batch of rooms, as one statement: each part is a CTE, and all parts see what was there before.
 * So a row is written by one part only; a chat that gets a new revision of its own is not touched by its contacts as well.
 */
export function postgresSighting(sighting: Sighting): Statement[] {
  const { workspaceId, botId, contacts, shown, chats, counts, owed } = sighting
  const statement = new StatementOfParts(workspaceId)
  if (contacts.length > 0) putContacts(statement, botId, contacts)
  if (shown.length > 0) touchOthers(statement, botId, shown, chats)
  if (chats.length > 0) putChats(statement, chats)
  if (counts.length > 0) countListed(statement, counts)
  if (owed.length > 0) owe(statement, owed)
  if (chats.length > 0 || shown.length > 0) countEdition(statement, editionCounter(botId))
  return statement.isEmpty ? [] : [statement.build()]
}

export function postgresCountListed(workspaceId: string, counts: readonly ListCount[]): Statement {
  const statement = new StatementOfParts(workspaceId)
  countListed(statement, counts)
  countEdition(statement, EDITION_OF_ALL)
  return statement.build()
}

const CONTACT_FACTS = {
  name: 'text',
  alias: 'text',
  avatar_url: 'text',
  gender: 'integer',
  type: 'integer',
  is_friend: 'integer',
  coworker: 'integer',
  corporation: 'text',
  handle: 'text',
  union_id: 'text',
  ordinal: 'bigint',
} as const satisfies Partial<Record<keyof ContactRow, 'text' | 'integer' | 'bigint'>>

const factNames = Object.keys(CONTACT_FACTS) as (keyof typeof CONTACT_FACTS)[]

// Sorted, so that two writes that put the same contacts wait for each other instead of colliding.
function putContacts(statement: StatementOfParts, botId: string, contacts: readonly ContactRow[]): void {
  const bot = statement.with(botId)
  const wxids = `${statement.with(contacts.map(row => row.wxid))}::text[]`
  const facts = factNames.map(
    name => `${statement.with(contacts.map(row => row[name]))}::${CONTACT_FACTS[name]}[]`,
  )
  const of = (table: string) => factNames.map(name => `${table}.${name}`).join(', ')
  statement.add(
    'put_contacts',
    `insert into contact (workspace_id, bot_id, wxid, ${factNames.join(', ')})
      select $1, ${bot}, seen.* from unnest(${[wxids, ...facts].join(', ')}) as seen (wxid, ${factNames.join(', ')})
      order by seen.wxid
      on conflict (workspace_id, bot_id, wxid) do update set ${factNames.map(name => `${name} = excluded.${name}`).join(', ')}
      where (${of('contact')}) is distinct from (${of('excluded')})`,
  )
}

function touchOthers(
  statement: StatementOfParts,
  botId: string,
  shown: readonly string[],
  chats: readonly SightedChat[],
): void {
  const themselves = chats.map(({ row }) => row.chat_id)
  const [wxids, bot, itself] = [shown, botId, themselves].map(value => statement.with(value))
  // Locked in their order, so that two bots of a room that touch the same chats do not collide.
  statement.add(
    'touched',
    `update chat set revision = revision + 1
      from (
        select locked.chat_id from chat as locked
        where locked.workspace_id = $1 and locked.bot_id = ${bot} and locked.chat_id <> all(${itself}::text[])
          and locked.chat_id in (select chat_id from chat_member where workspace_id = $1 and wxid = any(${wxids}::text[]))
        order by locked.chat_id for no key update
      ) as shows
      where chat.workspace_id = $1 and chat.chat_id = shows.chat_id`,
  )
}

const CHAT_FACTS = {
  chat_id: 'text',
  bot_id: 'text',
  room_wxid: 'text',
  topic: 'text',
  avatar_url: 'text',
  owner_id: 'text',
  external: 'integer',
  wecom_chat_id: 'text',
  ordinal: 'bigint',
  created_at: 'bigint',
  member_count: 'integer',
} as const satisfies Record<Exclude<keyof SightedChat['row'], 'workspace_id'>, 'text' | 'integer' | 'bigint'>

const chatFacts = Object.entries(CHAT_FACTS) as [keyof typeof CHAT_FACTS, string][]

function putChats(statement: StatementOfParts, chats: readonly SightedChat[]): void {
  const names = chatFacts.map(([name]) => name).join(', ')
  const values = chatFacts.map(
    ([name, type]) => `${statement.with(chats.map(({ row }) => row[name]))}::${type}[]`,
  )
  statement.add(
    'put_chats',
    `insert into chat (workspace_id, ${names})
      select $1, seen.* from unnest(${values.join(', ')}) as seen (${names})
      on conflict (workspace_id, chat_id) do update set bot_id = excluded.bot_id, topic = excluded.topic,
        avatar_url = excluded.avatar_url, owner_id = excluded.owner_id, external = excluded.external,
        wecom_chat_id = excluded.wecom_chat_id, member_count = excluded.member_count,
        left_at = null, revision = chat.revision + 1`,
  )
  const put = chats.flatMap(chat => chat.put)
  if (put.length > 0) {
    const chatIds = statement.with(put.map(member => member.chat_id))
    const wxids = statement.with(put.map(member => member.wxid))
    const positions = statement.with(put.map(member => member.position))
    const aliases = statement.with(put.map(member => member.room_alias))
    statement.add(
      'put_members',
      `insert into chat_member (workspace_id, chat_id, wxid, position, room_alias)
        select $1, seen.* from unnest(${chatIds}::text[], ${wxids}::text[], ${positions}::integer[], ${aliases}::text[])
          as seen (chat_id, wxid, position, room_alias)
        on conflict (workspace_id, chat_id, wxid)
          do update set position = excluded.position, room_alias = excluded.room_alias
        where (chat_member.position, chat_member.room_alias) is distinct from (excluded.position, excluded.room_alias)`,
    )
  }
  const gone = chats.flatMap(({ row, gone }) => gone.map(wxid => ({ chatId: row.chat_id, wxid })))
  if (gone.length > 0) {
    const chatIds = statement.with(gone.map(member => member.chatId))
    const wxids = statement.with(gone.map(member => member.wxid))
    // Each is looked up by its whole key, one by one: joined, a plan for small tables would walk through a big one (decision 0049).
    statement.add(
      'dropped_members',
      `delete from chat_member where ctid = any(array(
        select member.ctid from unnest(${chatIds}::text[], ${wxids}::text[]) as gone (chat_id, wxid)
        cross join lateral (
          select ctid from chat_member where workspace_id = $1 and chat_id = gone.chat_id and wxid = gone.wxid limit 1
        ) as member))`,
    )
  }
}

function countEdition(statement: StatementOfParts, counter: string): void {
  statement.add('edition', postgresNextEdition(statement.with(counter)))
}

function countListed(statement: StatementOfParts, counts: readonly ListCount[]): void {
  const lists = statement.with(counts.map(count => count.list))
  const blocks = statement.with(counts.map(count => count.block))
  const by = statement.with(counts.map(count => count.by))
  statement.add(
    'counted',
    `insert into list_block (workspace_id, list, block, chats)
      select $1, count.list, count.block, count.by
      from unnest(${lists}::text[], ${blocks}::bigint[], ${by}::bigint[]) as count (list, block, by)
      order by count.list, count.block
      on conflict (workspace_id, list, block) do update set chats = list_block.chats + excluded.chats`,
  )
}
