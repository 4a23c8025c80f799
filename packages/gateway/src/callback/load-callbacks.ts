import type { Database } from '../store/database/database.ts'
import type { Held, NewsRow, Owed } from '../store/database/hot-rows.ts'
import { readBodies, readNews, readOwed, readRooms } from '../store/outbox/run-address.ts'
import { type AddressQueue, HELD_IN_MEMORY_MAX } from './address-queue.ts'
import { type HeldCallback, lineOf } from './held-room.ts'

/** Of each room that is new, that is replayed, and that waits; the rest is read when these are gone. */
const OF_ROOM_MAX = 16
const ROOMS_AT_ONCE_MAX = 100
const BODIES_AT_ONCE_MAX = 50

/** Bytes of a body that is read with its callback. */
const SHORT_BODY_MAX = 8 * 1024
/** With their bodies. */
const OWED_AT_ONCE_MAX = 100

/**
 * Reads what has been owed to these addresses since they were looked at. Where memory has everything older, and what is owed
 * becomes visible in the order of ids, one statement says it all; else it is looked for as ever. Those of which there is more.
 */
export async function loadOwed(db: Database, queues: readonly AddressQueue[]): Promise<AddressQueue[]> {
  const more: AddressQueue[] = []
  const others: AddressQueue[] = []
  for (const queue of queues) {
    const mayRead = queue.isCaughtUp && queue.toReload.size === 0
    const read = mayRead ? await loadBehind(db, queue) : null
    if (!read) others.push(queue)
    else if (read.isMore) more.push(queue)
  }
  return (await loadCallbacks(db, others, { anew: false })) ? [...more, ...others] : more
}

/** Null where one statement does not say it. */
async function loadBehind(db: Database, queue: AddressQueue): Promise<{ isMore: boolean } | null> {
  queue.beginReading()
  const owed = await readOwed(db, queue.address, queue.cursor, OWED_AT_ONCE_MAX)
  if (owed === null) {
    queue.endReading([], new Set())
    return null
  }
  const fitting = owed.slice(0, Math.max(0, HELD_IN_MEMORY_MAX - queue.held))
  const read: Owed[] = []
  const full = new Set<string>()
  for (const [laneKey, ofRoom] of Map.groupBy(fitting, callback => callback.laneKey)) {
    const room = queue.room(laneKey)
    // The rest of it is read when these are gone.
    if (room?.isFull) continue
    const some = ofRoom.slice(0, Math.max(0, OF_ROOM_MAX - (room?.fresh.length ?? 0)))
    read.push(...some)
    if (some.length < ofRoom.length) full.add(laneKey)
  }
  addTo(queue, read, full)
  for (const laneKey of full) queue.leaveRest(laneKey)
  for (const room of new Set(read.map(({ laneKey }) => queue.room(laneKey)))) {
    if (!room?.hasMoreWaiting) continue
    room.stirForNews()
    queue.settleDown(room)
  }
  queue.cursor = Math.max(queue.cursor, fitting.at(-1)?.id ?? 0)
  queue.isCaughtUp = fitting.length === owed.length
  return { isMore: queue.isCaughtUp && owed.length === OWED_AT_ONCE_MAX }
}

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
  const newsOf = ({ address }: AddressQueue) => news.get(address.addressId) ?? []
  const rooms = roomy.flatMap(queue => roomsToRead(queue, newsOf(queue)))
  const read = new Set<string>()
  for (let from = 0; from < rooms.length; from += ROOMS_AT_ONCE_MAX) {
    const some = rooms
      .slice(from, from + ROOMS_AT_ONCE_MAX)
      .filter(({ queue }) => queue.held < HELD_IN_MEMORY_MAX)
    if (some.length > 0) await loadRooms(db, some)
    for (const room of some) read.add(nameOf(room))
  }
  let isMore = false
  for (const queue of roomy) if (isBehind(queue, newsOf(queue), read)) isMore = true
  return isMore
}

interface RoomToRead {
  readonly queue: AddressQueue
  readonly laneKey: string
}

const nameOf = ({ queue, laneKey }: RoomToRead): string => `${queue.address.addressId} ${laneKey}`

const isUnknown = (queue: AddressQueue, { laneKey, id }: NewsRow): boolean =>
  !queue.room(laneKey)?.isFull && !queue.knows(laneKey, id)

function roomsToRead(queue: AddressQueue, news: readonly NewsRow[]): RoomToRead[] {
  const unknown = news.filter(row => isUnknown(queue, row)).map(({ laneKey }) => laneKey)
  return [...new Set([...queue.toReload, ...unknown])].map(laneKey => ({ queue, laneKey }))
}

/** Notes how far it was read, and says whether there is more that memory has room for. */
function isBehind(queue: AddressQueue, news: readonly NewsRow[], read: ReadonlySet<string>): boolean {
  const fresh = news.filter(({ replayed }) => Number(replayed) === 0)
  const isUnread = (row: NewsRow) =>
    isUnknown(queue, row) && !read.has(nameOf({ queue, laneKey: row.laneKey }))
  const unread = fresh.find(isUnread)
  queue.cursor = Math.max(queue.cursor, unread ? unread.id - 1 : (fresh.at(-1)?.id ?? 0))
  queue.isCaughtUp = unread === undefined && fresh.length < HELD_IN_MEMORY_MAX
  return !queue.isCaughtUp && queue.held < HELD_IN_MEMORY_MAX
}

async function loadRooms(db: Database, rooms: readonly RoomToRead[]): Promise<void> {
  const ofQueues = Map.groupBy(rooms, ({ queue }) => queue)
  for (const queue of ofQueues.keys()) queue.beginReading()
  const keys = rooms.map(({ queue, laneKey }) => ({ ...queue.address, laneKey }))
  const limits = { ofRoom: OF_ROOM_MAX, bytesMax: SHORT_BODY_MAX }
  const held = Map.groupBy(await readRooms(db, keys, limits), ({ addressId }) => addressId)
  for (const [queue, ofQueue] of ofQueues) {
    const callbacks = held.get(queue.address.addressId) ?? []
    const ofRooms = Map.groupBy(callbacks, ({ laneKey }) => laneKey)
    const isCutOff = (laneKey: string, line: ReturnType<typeof lineOf>): boolean =>
      (ofRooms.get(laneKey) ?? []).filter(callback => lineOf(callback) === line).length >= OF_ROOM_MAX
    const laneKeys = ofQueue.map(({ laneKey }) => laneKey)
    const full = new Set(
      laneKeys.filter(laneKey => isCutOff(laneKey, 'fresh') || isCutOff(laneKey, 'replayed')),
    )
    const added = addTo(queue, callbacks, full)
    for (const laneKey of laneKeys) {
      queue.toReload.delete(laneKey)
      const room = queue.room(laneKey)
      if (!room) continue
      room.isFull = full.has(laneKey)
      room.hasMoreWaiting = isCutOff(laneKey, 'waiting')
      room.stirForNews()
      queue.settleDown(room)
    }
    await loadLongBodies(db, queue, added)
  }
}

/** With the bodies that were read. */
function addTo(
  queue: AddressQueue,
  read: readonly (Held & { readonly bytes: Uint8Array | null })[],
  full: ReadonlySet<string>,
): HeldCallback[] {
  const bodies = new Map(read.map(({ id, bytes }) => [id, bytes]))
  const added = queue.endReading(
    read.map(({ bytes: _, ...held }) => held),
    full,
  )
  for (const callback of added) {
    const body = bodies.get(callback.id)
    if (body) queue.bodies.give(callback, body)
  }
  return added
}

async function loadLongBodies(
  db: Database,
  queue: AddressQueue,
  added: readonly HeldCallback[],
): Promise<void> {
  const fitting = queue.bodies.thatFit(added)
  for (let from = 0; from < fitting.length; from += BODIES_AT_ONCE_MAX) {
    const some = fitting.slice(from, from + BODIES_AT_ONCE_MAX)
    const bodies = await readBodies(
      db,
      queue.address.workspaceId,
      some.map(({ bodyId }) => bodyId),
    )
    for (const callback of some) {
      const body = bodies.get(callback.bodyId)
      if (body) queue.bodies.give(callback, body)
    }
  }
}
