import assert from 'node:assert/strict'
import type { Statement } from '../../database/database.ts'
import type { ContactRow, ListCount, OwedRow, SightedChat, Sighting } from '../../database/hot-rows.ts'
import { EDITION_OF_ALL, editionCounter, postgresNextEdition } from '../../rooms/list-edition.ts'

/**
 * Everything that one event writes as one statement: each part is a CTE, and all parts see what was there before. So a
 * row is written by one part only; the chat that gets a new revision of its own is not touched by its contacts as well.
 */
export function postgresSighting({
  workspaceId,
  botId,
  contacts,
  shown,
  chat,
  counts,
  owed,
}: Sighting): Statement[] {
  const statement = new StatementOfParts(workspaceId)
  if (contacts.length > 0) putContacts(statement, botId, contacts)
  if (shown.length > 0) touchOthers(statement, botId, shown, chat)
  if (chat) putChat(statement, chat)
  if (counts.length > 0) countListed(statement, counts)
  if (owed.length > 0) owe(statement, owed)
  if (chat || shown.length > 0) countEdition(statement, editionCounter(botId))
  return statement.isEmpty ? [] : [statement.build()]
}

export function postgresOwe(workspaceId: string, owed: readonly OwedRow[]): Statement[] {
  if (owed.length === 0) return []
  const statement = new StatementOfParts(workspaceId)
  owe(statement, owed)
  return [statement.build()]
}

export function postgresCountListed(workspaceId: string, counts: readonly ListCount[]): Statement {
  const statement = new StatementOfParts(workspaceId)
  countListed(statement, counts)
  countEdition(statement, EDITION_OF_ALL)
  return statement.build()
}

/** CTEs that are written one after another, and their parameters; `$1` is the workspace. */
class StatementOfParts {
  readonly #parts: string[] = []
  readonly #parameters: unknown[]

  constructor(workspaceId: string) {
    this.#parameters = [workspaceId]
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0
  }

  /** The name of a parameter: `$2`. */
  with(value: unknown): string {
    this.#parameters.push(value)
    return `$${this.#parameters.length}`
  }

  add(name: string, sql: string): void {
    this.#parts.push(`${name} as (${sql})`)
  }

  build(): Statement {
    return { sql: `with ${this.#parts.join(',\n')}\nselect 1`, parameters: this.#parameters }
  }
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
  chat: SightedChat | null,
): void {
  const [wxids, bot, itself] = [shown, botId, chat?.row.chat_id ?? ''].map(value => statement.with(value))
  // Locked in their order, so that two bots of a room that touch the same chats do not collide.
  statement.add(
    'touched',
    `update chat set revision = revision + 1
      from (
        select locked.chat_id from chat as locked
        where locked.workspace_id = $1 and locked.bot_id = ${bot} and locked.chat_id <> ${itself}
          and locked.chat_id in (select chat_id from chat_member where workspace_id = $1 and wxid = any(${wxids}::text[]))
        order by locked.chat_id for no key update
      ) as shows
      where chat.workspace_id = $1 and chat.chat_id = shows.chat_id`,
  )
}

function putChat(statement: StatementOfParts, { row, put, gone }: SightedChat): void {
  const { workspace_id: _, ...columns } = row
  const names = Object.keys(columns) as (keyof typeof columns)[]
  const values = names.map(name => statement.with(columns[name]))
  statement.add(
    'put_chat',
    `insert into chat (workspace_id, ${names.join(', ')}) values ($1, ${values.join(', ')})
      on conflict (workspace_id, chat_id) do update set bot_id = excluded.bot_id, topic = excluded.topic,
        avatar_url = excluded.avatar_url, owner_id = excluded.owner_id, external = excluded.external,
        wecom_chat_id = excluded.wecom_chat_id, member_count = excluded.member_count,
        left_at = null, revision = chat.revision + 1`,
  )
  const chatId = values[names.indexOf('chat_id')]!
  if (put.length > 0) {
    const wxids = statement.with(put.map(member => member.wxid))
    const positions = statement.with(put.map(member => member.position))
    const aliases = statement.with(put.map(member => member.room_alias))
    statement.add(
      'put_members',
      `insert into chat_member (workspace_id, chat_id, wxid, position, room_alias)
        select $1, ${chatId}, seen.* from unnest(${wxids}::text[], ${positions}::integer[], ${aliases}::text[])
          as seen (wxid, position, room_alias)
        on conflict (workspace_id, chat_id, wxid)
          do update set position = excluded.position, room_alias = excluded.room_alias
        where (chat_member.position, chat_member.room_alias) is distinct from (excluded.position, excluded.room_alias)`,
    )
  }
  if (gone.length > 0) {
    statement.add(
      'dropped_members',
      `delete from chat_member
        where workspace_id = $1 and chat_id = ${chatId} and wxid = any(${statement.with(gone)}::text[])`,
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

/**
 * The room first, and the numbers only when it is locked: so the order of numbers is the order of commits inside the
 * lane, whichever nodes write there. All of them are of one lane, as they are of one room.
 */
function owe(statement: StatementOfParts, owed: readonly OwedRow[]): void {
  const [first] = owed
  assert(
    first && owed.every(({ laneKey }) => laneKey === first.laneKey),
    'what one event owes is of one room',
  )
  const address = statement.with(first.addressId)
  const lane = statement.with(first.laneKey)
  const at = `${statement.with(first.at)}::bigint`
  const rows = owed.map(
    ({ kind, webhookId, body }, nth) =>
      `(${nth}, ${statement.with(kind)}::text, ${statement.with(webhookId)}::text, ${statement.with(body)}::bytea)`,
  )
  statement.add('locked', `select ${lockLane(address, lane)} as is_locked`)
  statement.add(
    'owed',
    `select nextval('callback_id') as id, kind, webhook_id, body
      from (
        select owed.* from locked, (values ${rows.join(', ')}) as owed (nth, kind, webhook_id, body) order by nth
      ) as in_order`,
  )
  statement.add('bodies', 'insert into callback_body (workspace_id, id, bytes) select $1, id, body from owed')
  statement.add(
    'callbacks',
    `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, due_at, body_id, owed_at)
      select $1, id, webhook_id, ${address}, ${lane}, kind, ${at}, id, ${at} from owed`,
  )
}

/** Until the write ends: nobody else takes numbers for this room. */
const lockLane = (address: string, lane: string): string =>
  `pg_advisory_xact_lock(${LANE_LOCKS}, hashtext(${address} || ' ' || ${lane}))`

/** Sets these locks apart from those of nodes (attendance.ts). */
const LANE_LOCKS = 0x6c_61_6e_65
