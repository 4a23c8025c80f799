/**
 * What people look for among the rooms, and how many fit. The chats are read block by block, as their lists are counted, so that
 * between two the event loop has its turn; beyond BLOCKS_MAX of them, or when the time is over, the page says from where to look on,
 * and the count “so many or more”. What names chats by an id reads those alone.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { BotId, ChatId, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Queryable } from '../database/database.ts'
import { listOf, ORDINALS_PER_BLOCK } from './list-blocks.ts'
import { fits, type RoomFilter } from './room-fits.ts'

/** A millisecond or two each. */
const BLOCKS_MAX = 20

export interface FoundRoom {
  readonly chatId: ChatId
  readonly botId: BotId
  readonly roomWxid: RoomWxid
  readonly ordinal: number
}

/** Oldest first, at most so many as were wanted. */
export interface RoomPage {
  readonly rooms: readonly FoundRoom[]
  /** Behind which chat to look on. Fewer rooms than were wanted and a chat all the same: that is how far it was looked. */
  readonly next: ChatId | null
}

export interface CountedRoomPage extends RoomPage {
  readonly total: { readonly count: number; readonly atLeast: boolean }
}

interface Wanted {
  /** Behind this ordinal. */
  readonly after?: number | undefined
  readonly limit: number
}

/** Whether the time is over that somebody may be kept waiting. */
type IsOver = () => boolean
const NEVER: IsOver = () => false

/** A page, without how many there are in all. */
export const findRooms = async (
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
  wanted: Wanted,
  isOver: IsOver = NEVER,
): Promise<RoomPage> => page(db, workspaceId, filter, await blocksOf(db, workspaceId, filter), wanted, isOver)

/** A page, and how many there are in all, as far as they can be counted in time. */
export async function searchRooms(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
  wanted: Wanted,
  isOver: IsOver = NEVER,
): Promise<CountedRoomPage> {
  const blocks = await blocksOf(db, workspaceId, filter)
  const { read, ...found } = await page(db, workspaceId, filter, blocks, wanted, isOver)
  const { tagId: _, ...others } = filter
  // A list knows how long it is.
  if (Object.values(others).every(condition => condition === undefined))
    return { ...found, total: { count: blocks.reduce((sum, { chats }) => sum + chats, 0), atLeast: false } }

  let count = 0
  let atLeast = false
  for (const { block } of blocks) {
    const mayRead = read.size < BLOCKS_MAX && !isOver()
    const known = read.get(block) ?? (mayRead ? await countIn(db, workspaceId, filter, block) : undefined)
    if (known === undefined) atLeast = true
    else read.set(block, known)
    count += known ?? 0
  }
  return { ...found, total: { count, atLeast } }
}

/** Where chats are named, all of them are read at once: null. */
interface Block {
  readonly block: number | null
  readonly chats: number
}

/** Those in which something may fit: a tag has a list of its own, whatever else is asked. */
async function blocksOf(
  db: Queryable,
  workspaceId: WorkspaceId,
  { chatIds, tagId }: RoomFilter,
): Promise<Block[]> {
  if (chatIds) return [{ block: null, chats: chatIds.length }]
  const blocks = await db.all(db.hot.listBlocks(workspaceId, listOf(tagId ?? null)))
  return blocks.map(({ block, chats }) => ({ block: Number(block), chats: Number(chats) }))
}

/** With how many fit in each block that was read. */
async function page(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
  blocks: readonly Block[],
  { after = -1, limit }: Wanted,
  isOver: IsOver,
): Promise<RoomPage & { readonly read: Map<number | null, number> }> {
  const own = blocks.filter(({ block }) => block === null || (block + 1) * ORDINALS_PER_BLOCK > after)
  const read = new Map<number | null, number>()
  const rooms: FoundRoom[] = []
  for (const [at, { block }] of own.entries()) {
    const found = await roomsIn(db, workspaceId, filter, block)
    read.set(block, found.length)
    rooms.push(...found.filter(({ ordinal }) => ordinal > after))
    if (rooms.length > limit) return { rooms: rooms.slice(0, limit), next: rooms[limit - 1]!.chatId, read }
    await yieldToLoop()
    const isLast = at === own.length - 1
    if (block === null || isLast || !(read.size >= BLOCKS_MAX || isOver())) continue
    const last = await lastIn(db, workspaceId, block)
    // To stop where the cursor stands already, or where everybody left meanwhile, would be never to come further.
    if (last && last.ordinal > after) return { rooms, next: last.chatId, read }
  }
  return { rooms, next: null, read }
}

/** All that fit, block by block, however many there are. */
export async function* eachFittingRoom(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
): AsyncGenerator<FoundRoom[]> {
  for (const some of slicesOf(filter)) {
    for (const { block } of await blocksOf(db, workspaceId, some)) {
      yield await roomsIn(db, workspaceId, some, block)
      await yieldToLoop()
    }
  }
}

/** As many named chats at a time as a block has. */
function slicesOf(filter: RoomFilter): RoomFilter[] {
  const { chatIds } = filter
  if (!chatIds) return [filter]
  const slices = Math.ceil(chatIds.length / ORDINALS_PER_BLOCK)
  return Array.from({ length: slices }, (_, n) => ({
    ...filter,
    chatIds: chatIds.slice(n * ORDINALS_PER_BLOCK, (n + 1) * ORDINALS_PER_BLOCK),
  }))
}

/** Those of one block, or, where chats are named, of these; oldest first. */
async function roomsIn(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
  block: number | null,
): Promise<FoundRoom[]> {
  const rows = await db.all(
    sql<{ chat_id: string; bot_id: string; room_wxid: string; ordinal: number }>`
      with slice as materialized (${slice(db, workspaceId, filter, block)})
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

async function countIn(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: RoomFilter,
  block: number | null,
): Promise<number> {
  const counted = await db.first(
    sql<{ count: number }>`with slice as materialized (${slice(db, workspaceId, filter, block)})
      select count(*) as count from slice where ${fits(db, workspaceId, filter, block)}`.compile(db.query),
  )
  await yieldToLoop()
  return Number(counted!.count)
}

/** The last chat of a block, whether or not it fits: behind it, it is looked on. */
async function lastIn(
  db: Queryable,
  workspaceId: WorkspaceId,
  block: number,
): Promise<Pick<FoundRoom, 'chatId' | 'ordinal'> | undefined> {
  const last = await db.first(
    sql<{ chat_id: string; ordinal: number }>`select chat_id, ordinal
      from (${inBlock(db, workspaceId, block)}) as slice order by ordinal desc limit 1`.compile(db.query),
  )
  return last && { chatId: last.chat_id as ChatId, ordinal: Number(last.ordinal) }
}

const slice = (db: Queryable, workspaceId: WorkspaceId, filter: RoomFilter, block: number | null) =>
  block === null ? named(db, workspaceId, filter) : inBlock(db, workspaceId, block)

const COLUMNS = sql`select chat_id, bot_id, room_wxid, topic, external, ordinal from chat`

const inBlock = (db: Queryable, workspaceId: WorkspaceId, block: number) => sql`${COLUMNS}
  ${sql.raw(db.dialect === 'sqlite' ? 'indexed by chat_listed' : '')}
  where workspace_id = ${workspaceId} and left_at is null
    and ordinal >= ${block * ORDINALS_PER_BLOCK} and ordinal < ${(block + 1) * ORDINALS_PER_BLOCK}`

const named = (db: Queryable, workspaceId: WorkspaceId, { chatIds = [] }: RoomFilter) => sql`${COLUMNS}
  where workspace_id = ${workspaceId} and chat_id in ${db.oneOf(chatIds)} and left_at is null`
