import type { Database } from '../store/database/database.ts'
import type { NewsRow } from '../store/database/hot-rows.ts'
import { readBodies, readNews, readRooms } from '../store/outbox/run-address.ts'
import { type AddressQueue, BODY_BYTES_IN_MEMORY_MAX, HELD_IN_MEMORY_MAX } from './address-queue.ts'
import type { HeldCallback } from './held-room.ts'

/** Of each room that is new, that is replayed, and that waits; the rest is read when these are gone. */
const OF_ROOM_MAX = 16
const ROOMS_AT_ONCE_MAX = 100
const BODIES_AT_ONCE_MAX = 50

/**
 * Reads what is owed to these addresses and not in memory yet, oldest first, as far as there is room in memory. Ids of
 * different rooms may become visible in another order than they grow, so what lies behind the cursor says only in which rooms
 * to look; a room is read from its beginning. `anew` reads from the first callback that is due, for what was missed so.
 * True when there is more.
 */
export async function loadCallbacks(
  db: Database,
  queues: readonly AddressQueue[],
  { anew }: { readonly anew: boolean },
): Promise<boolean> {
  const roomy = queues.filter(({ held }) => held < HELD_IN_MEMORY_MAX)
  const asked = roomy.map(({ address, cursor }) => ({ ...address, after: anew ? 0 : cursor }))
  const news = Map.groupBy(await readNews(db, asked, HELD_IN_MEMORY_MAX), ({ addressId }) => addressId)
  let isMore = false
  for (const queue of roomy)
    if (await loadQueue(db, queue, news.get(queue.address.addressId) ?? [])) isMore = true
  return isMore
}

async function loadQueue(db: Database, queue: AddressQueue, news: readonly NewsRow[]): Promise<boolean> {
  const isNews = ({ laneKey, id }: NewsRow) => !queue.room(laneKey)?.isFull && !queue.knows(laneKey, id)
  const rooms = new Set([...queue.toReload, ...news.filter(isNews).map(({ laneKey }) => laneKey)])
  const read = new Set<string>()
  for (const laneKeys of inChunks([...rooms])) {
    if (queue.held >= HELD_IN_MEMORY_MAX) break
    await loadRooms(db, queue, laneKeys)
    for (const laneKey of laneKeys) {
      read.add(laneKey)
      queue.toReload.delete(laneKey)
    }
  }
  const fresh = news.filter(({ replayed }) => Number(replayed) === 0)
  const unread = fresh.find(row => isNews(row) && !read.has(row.laneKey))
  queue.cursor = Math.max(queue.cursor, unread ? unread.id - 1 : (fresh.at(-1)?.id ?? 0))
  return queue.held < HELD_IN_MEMORY_MAX && (unread !== undefined || fresh.length >= HELD_IN_MEMORY_MAX)
}

async function loadRooms(db: Database, queue: AddressQueue, laneKeys: readonly string[]): Promise<void> {
  queue.beginReading()
  const held = await readRooms(db, queue.address, laneKeys, OF_ROOM_MAX)
  const ofRooms = Map.groupBy(held, ({ laneKey }) => laneKey)
  const full = new Set(laneKeys.filter(laneKey => (ofRooms.get(laneKey)?.length ?? 0) >= OF_ROOM_MAX))
  const added = queue.endReading(held, full)
  for (const laneKey of laneKeys) {
    const room = queue.room(laneKey)
    if (room && !full.has(laneKey)) {
      room.isFull = false
      queue.settleDown(room)
    }
  }
  await loadBodies(db, queue, added)
}

async function loadBodies(db: Database, queue: AddressQueue, added: readonly HeldCallback[]): Promise<void> {
  let bytes = queue.bodyBytes
  const fitting = added.filter(({ bodyBytes }) => {
    if (bytes + bodyBytes > BODY_BYTES_IN_MEMORY_MAX) return false
    bytes += bodyBytes
    return true
  })
  for (let from = 0; from < fitting.length; from += BODIES_AT_ONCE_MAX) {
    const some = fitting.slice(from, from + BODIES_AT_ONCE_MAX)
    const bodies = await readBodies(
      db,
      queue.address.workspaceId,
      some.map(({ bodyId }) => bodyId),
    )
    for (const callback of some) {
      const body = bodies.get(callback.bodyId)
      if (body) queue.giveBody(callback, body)
    }
  }
}

function* inChunks(laneKeys: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < laneKeys.length; from += ROOMS_AT_ONCE_MAX)
    yield laneKeys.slice(from, from + ROOMS_AT_ONCE_MAX)
}
