/**
 * What people look for among the rooms, and how many fit. The chats are read block by block, as their lists are counted, so that
 * between two the event loop has its turn; beyond BLOCKS_MAX of them the count says “so many or more”. What names chats by an id
 * reads those alone.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { BotId, ChatId, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../database/database.ts'
import { listOf, ORDINALS_PER_BLOCK } from './list-blocks.ts'

/** A millisecond or two each. */
const BLOCKS_MAX = 20

export interface RoomFilter {
  readonly botId?: BotId | undefined
  readonly tagId?: string | undefined
  readonly external?: boolean | undefined
  /** Part of the topic. */
  readonly topic?: string | undefined
  /** These chats alone, whatever they are called. */
  readonly chatIds?: readonly string[] | undefined
  /** Or else, where no part of the topic fits, one of these. */
  readonly orChatIds?: readonly string[] | undefined
}

export interface FoundRoom {
  readonly chatId: ChatId
  readonly botId: BotId
  readonly roomWxid: RoomWxid
  readonly ordinal: number
}

export interface RoomPage {
  /** Oldest first, at most so many as were wanted. */
  readonly rooms: readonly FoundRoom[]
  /** Whether there are more behind. */
  readonly more: boolean
  readonly total: { readonly count: number; readonly atLeast: boolean }
}

/** At most `limit` behind the ordinal `after`, and how many there are in all. */
export async function searchRooms(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
  { after = -1, limit }: { after?: number | undefined; limit: number },
): Promise<RoomPage> {
  const blocks = await db.all(db.hot.listBlocks(workspaceId, listOf(null)))
  const listed = blocks.filter(({ chats }) => Number(chats) > 0).map(({ block }) => Number(block))
  const isAll = Object.values(filter).every(condition => condition === undefined)
  const counted: readonly (number | null)[] = filter.chatIds
    ? [null]
    : isAll
      ? []
      : listed.slice(0, BLOCKS_MAX)
  // The page may lie behind what is counted.
  const own = listed.filter(block => (block + 1) * ORDINALS_PER_BLOCK > after).slice(0, BLOCKS_MAX)
  const read = filter.chatIds ? counted : [...new Set([...counted, ...own])]

  const rooms: FoundRoom[] = []
  let count = 0
  for (const block of read) {
    const isCounted = block === null || counted.includes(block)
    if (!isCounted && rooms.length > limit) break
    const found = await roomsIn(db, workspaceId, filter, block)
    if (isCounted) count += found.length
    for (const room of found) if (room.ordinal > after && rooms.length <= limit) rooms.push(room)
    await yieldToLoop()
  }
  const total = isAll
    ? { count: blocks.reduce((sum, { chats }) => sum + Number(chats), 0), atLeast: false }
    : { count, atLeast: !filter.chatIds && listed.length > counted.length }
  return { rooms: rooms.slice(0, limit), more: rooms.length > limit, total }
}

/** All that fit, block by block, however many there are. */
export async function* eachFittingRoom(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
): AsyncGenerator<FoundRoom[]> {
  const blocks = filter.chatIds ? [null] : await listedBlocks(db, workspaceId)
  for (const block of blocks) {
    yield await roomsIn(db, workspaceId, filter, block)
    await yieldToLoop()
  }
}

const listedBlocks = async (db: Queryable, workspaceId: WorkspaceId): Promise<number[]> =>
  (await db.all(db.hot.listBlocks(workspaceId, listOf(null))))
    .filter(({ chats }) => Number(chats) > 0)
    .map(({ block }) => Number(block))

/** Those of one block, or, where chats are named, of these; oldest first. */
async function roomsIn(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
  block: number | null,
): Promise<FoundRoom[]> {
  const rows = await db.all(
    sql<{ chat_id: string; bot_id: string; room_wxid: string; ordinal: number }>`
      with slice as materialized (${block === null ? named(db, workspaceId, filter) : inBlock(db, workspaceId, block)})
      select chat_id, bot_id, room_wxid, ordinal from slice where ${fits(db, workspaceId, filter, block)}`.compile(
      db.query,
    ),
  )
  const found = rows.map(row => ({
    ...{ chatId: row.chat_id as ChatId, botId: row.bot_id as BotId, roomWxid: row.room_wxid as RoomWxid },
    ordinal: Number(row.ordinal),
  }))
  return found.toSorted((one, other) => one.ordinal - other.ordinal)
}

const COLUMNS = sql`select chat_id, bot_id, room_wxid, topic, external, ordinal from chat`

const inBlock = (db: Queryable, workspaceId: WorkspaceId, block: number) => sql`${COLUMNS}
  ${sql.raw(db.dialect === 'sqlite' ? 'indexed by chat_listed' : '')}
  where workspace_id = ${workspaceId} and left_at is null
    and ordinal >= ${block * ORDINALS_PER_BLOCK} and ordinal < ${(block + 1) * ORDINALS_PER_BLOCK}`

const named = (db: Queryable, workspaceId: WorkspaceId, { chatIds = [] }: RoomFilter) => sql`${COLUMNS}
  where workspace_id = ${workspaceId} and chat_id in ${db.oneOf(chatIds)} and left_at is null`

function fits(
  db: Queryable,
  workspaceId: WorkspaceId,
  { botId, tagId, external, topic, orChatIds }: RoomFilter,
  block: number | null,
): RawBuilder<unknown> {
  // As it is written, where LIKE would read signs into it.
  const called = topic === undefined ? undefined : sql`replace(topic, ${topic}, '') <> topic`
  const conditions = [
    ...(botId === undefined ? [] : [sql`bot_id = ${botId}`]),
    ...(external === undefined ? [] : [sql`external = ${sql.lit(external ? 1 : 0)}`]),
    ...(called && orChatIds?.length
      ? [sql`(${called} or chat_id in ${db.oneOf(orChatIds)})`]
      : called
        ? [called]
        : []),
    ...(tagId === undefined ? [] : [hasTag(workspaceId, tagId, block)]),
  ]
  return sql.join([sql`1 = 1`, ...conditions], sql` and `)
}

// Bounded by the block once more, so that no plan reads all the chats of a tag.
const hasTag = (workspaceId: WorkspaceId, tagId: string, block: number | null) => sql`exists (
  select 1 from chat_tag where chat_tag.workspace_id = ${workspaceId} and chat_tag.tag_id = ${tagId}
    and ${
      block === null
        ? sql`chat_tag.chat_id = slice.chat_id`
        : sql`chat_tag.chat_ordinal = slice.ordinal and chat_tag.chat_ordinal >= ${block * ORDINALS_PER_BLOCK}
            and chat_tag.chat_ordinal < ${(block + 1) * ORDINALS_PER_BLOCK}`
    })`
