/**
 * A sync reads everything a bot's puppet knows and makes the store agree: first the contacts, because a member's
 * friendship is a contact's fact, then each room, those first that nobody knows yet, then what is missing.
 *
 * A room that the puppet lists and does not show whole (without its members, without the bot, or not at all) says nothing:
 * it stays as it was, and is looked at again later (`late-rooms.ts`). So does one with more in it than is read, which is told
 * by a word of its own.
 *
 * Rooms are saved as they arrive, a few at a time, so that the commits of one turn share one fsync and the event
 * loop is never held for long. A sync that is called off stops between two rooms. One that fails is tried again by
 * whoever asked; the rooms that it had owed by then are not owed twice.
 */
import type { RoomWxid } from '@qunhub/wire'
import type { HostedBot, ReadOfMany } from '../bot/hosted-bot.ts'
import { PuppetExcess, PuppetTimeout } from '../bot/puppet-failures.ts'
import { hasMember } from '../model/room.ts'
import { listAcquaintances, saveContacts } from '../store/contacts.ts'
import { listChatsOfBot, type SavedRoom } from '../store/rooms.ts'
import { type ChatroomDeps, forgetRoom, keepRoom, type Occasion, type ReadRoom } from './keep-room.ts'
import { warnOfExcess } from './warn-of-excess.ts'
import { listRooms } from './list-rooms.ts'

/** Rooms whose commits may be under way together. */
const SAVES_AT_ONCE_MAX = 16
/** Contacts asked for in one go. */
const CONTACTS_PER_READ_MAX = 500
/** A room that keeps changing under the sync is left to its own events after so many reads. */
const READS_PER_ROOM_MAX = 3

/**
 * What makes a sync; see {@link Occasion}. `periodic` is a reconcile of a bot that has heard its events all the time: what one
 * of them has told, and somebody is about to follow, is not unseen.
 */
export type SyncReason = 'started' | 'asked' | 'reconciled' | 'periodic'

export interface SyncReport {
  readonly rooms: number
  /** The puppet listed these rooms but did not show them whole; they stay as they were. */
  readonly unreadable: number
  /** These have more members, or more of something else, than is read; they stay as they were, too. */
  readonly excessive: number
  readonly left: number
  /** Of `rooms`: the bot was not known to be in them. */
  readonly entered: number
  /** Of `rooms`: known, and different from what was known when the sync began. */
  readonly changed: number
  /** New or different ones. */
  readonly contacts: number
}

/** What one sync knows besides its rooms. */
interface Sync {
  readonly deps: ChatroomDeps
  readonly bot: HostedBot
  readonly reason: SyncReason
  readonly signal: AbortSignal
  /** Before anything was saved: what a reconcile compares with. */
  readonly revisions: ReadonlyMap<RoomWxid, number>
  /** Rooms that this sync, or its earlier tries, have owed. */
  readonly owed: Set<RoomWxid>
}

/** The tries of one sync share their signal: it lives as long as the bot's presence. */
const owedByTries = new WeakMap<AbortSignal, Set<RoomWxid>>()

/** What the puppet tells is too much, once the sync is done that read all the rest; for an operator who waits for it. */
export const requireNoExcess = ({ excessive }: SyncReport): void => {
  if (excessive > 0) throw new PuppetExcess(`${excessive} rooms have more in them than is read`)
}

/**
 * Makes the store agree with the bot's puppet and owes what the reason says.
 * Throws what the puppet or the store throws; whoever asked decides when to try again.
 */
export async function syncBot(
  deps: ChatroomDeps,
  bot: HostedBot,
  reason: SyncReason,
  signal: AbortSignal,
): Promise<SyncReport> {
  const known = await listChatsOfBot(deps.db, bot.bot.workspaceId, bot.bot.id)
  const revisions = new Map(known.map(chat => [chat.roomWxid, chat.revision]))
  const sync: Sync = { deps, bot, reason, signal, revisions, owed: owedInEarlierTries(reason, signal) }

  const contacts = await syncContacts(sync)
  const begun = deps.recency.begin()
  const listed = unknownFirst(await listRooms(deps, bot, known.length, signal), revisions)
  const synced = await syncRooms(sync, listed, begun)
  const left = await forgetMissingRooms(sync, listed)

  if (reason === 'started') owedByTries.delete(signal)
  const report = { ...synced, left, contacts }
  deps.log.info({ workspace: bot.bot.workspaceId, bot: bot.bot.id, reason, ...report }, 'bot synced')
  return report
}

/**
 * A room that the bot entered unseen is news that somebody waits for; a known one most likely has none. And a sync that
 * is cut short again and again, because its node ends or the puppet is lost, must still come to what is new.
 */
const unknownFirst = (listed: readonly RoomWxid[], known: ReadonlyMap<RoomWxid, number>): RoomWxid[] => [
  ...listed.filter(wxid => !known.has(wxid)),
  ...listed.filter(wxid => known.has(wxid)),
]

function owedInEarlierTries(reason: SyncReason, signal: AbortSignal): Set<RoomWxid> {
  if (reason !== 'started') return new Set()
  const owed = owedByTries.get(signal) ?? new Set()
  owedByTries.set(signal, owed)
  return owed
}

/**
 * Those that the puppet lists, and those that it listed once and lists no more: whoever is no friend of the bot any more
 * must not stay one. How many were new or different.
 */
async function syncContacts({ deps, bot, signal }: Sync): Promise<number> {
  const listed = await bot.listContacts()
  const present = new Set(listed)
  const { workspaceId, id } = bot.bot
  const known = await listAcquaintances(deps.db, workspaceId, id)
  const all = [...listed, ...known.filter(wxid => !present.has(wxid))]
  let different = 0
  for (let from = 0; from < all.length; from += CONTACTS_PER_READ_MAX) {
    signal.throwIfAborted()
    const contacts = await bot.readContacts(all.slice(from, from + CONTACTS_PER_READ_MAX))
    await bot.keepTurn()
    different += await saveContacts(deps.db, bot.tenure, contacts)
  }
  return different
}

async function syncRooms(
  sync: Sync,
  listed: readonly RoomWxid[],
  begun: number,
): Promise<Pick<SyncReport, 'rooms' | 'unreadable' | 'excessive' | 'entered' | 'changed'>> {
  const { bot, signal } = sync
  const count = { rooms: 0, unreadable: 0, excessive: 0, entered: 0, changed: 0 }
  const failures: unknown[] = []
  const saving = new Set<Promise<unknown>>()
  for await (const { wxid, room, failure } of bot.readRooms(listed)) {
    signal.throwIfAborted()
    if (failures.length > 0) break
    if (!room || !isInside(bot, room)) {
      count[failure instanceof PuppetExcess ? 'excessive' : 'unreadable']++
      missRoom(sync, wxid, failure)
      continue
    }
    await bot.keepTurn()
    count.rooms++
    const save: Promise<unknown> = keepInSync(sync, { room, begun })
      .then(saved => {
        if (!saved || isTold(sync, wxid)) return
        if (saved.entered) count.entered++
        else if (saved.revision !== sync.revisions.get(wxid)) count.changed++
      })
      .catch(failure => failures.push(failure))
      .finally(() => saving.delete(save))
    saving.add(save)
    if (saving.size >= SAVES_AT_ONCE_MAX) await Promise.race(saving)
  }
  await Promise.all(saving)
  if (failures.length > 0) throw failures[0]
  return count
}

/** One that hangs, or is too much, waits for its next event or reconcile: each look at it holds up everything else. */
function missRoom(sync: Sync, wxid: RoomWxid, failure: ReadOfMany['failure']): void {
  const { deps, bot } = sync
  if (failure instanceof PuppetExcess) warnOfExcess(deps, bot, wxid, failure)
  else deps.log.warn({ bot: bot.bot.id, room: wxid }, 'the puppet lists a room that it does not show whole')
  deps.late.note(bot.tenure, wxid, occasionOf(sync, wxid))
  if (!failure) bot.lookLater(wxid)
}

/** A room that a request saved while the sync was under way is read once more, so that it too is owed. */
async function keepInSync(sync: Sync, first: ReadRoom): Promise<SavedRoom | null> {
  const { deps, bot } = sync
  const { wxid } = first.room
  let read: ReadRoom | null = first
  for (let reads = 1; read && reads <= READS_PER_ROOM_MAX; reads++) {
    const saved = await keepRoom(deps, bot, read, occasionOf(sync, wxid))
    if (saved) {
      sync.owed.add(wxid)
      return saved
    }
    const begun = deps.recency.begin()
    const room = await bot.readRoom(wxid)
    read = room && isInside(bot, room) ? { room, begun } : null
  }
  return null
}

const isTold = ({ bot, reason }: Sync, wxid: RoomWxid): boolean =>
  reason === 'periodic' && bot.hasHintOf(wxid)

function occasionOf(sync: Sync, wxid: RoomWxid): Occasion {
  const { reason, revisions, owed } = sync
  if (isTold(sync, wxid)) return { why: 'witnessed' }
  if (reason === 'reconciled' || reason === 'periodic' || owed.has(wxid))
    return { why: 'reconciled', revision: revisions.get(wxid) }
  return { why: reason }
}

/**
 * A known room that the puppet no longer lists was left, unless the puppet still shows the bot in it: puppets are
 * known to list rooms late, so each missing room is looked at by itself. One that hangs stays as it was.
 */
async function forgetMissingRooms(
  { deps, bot, signal, revisions }: Sync,
  listed: readonly RoomWxid[],
): Promise<number> {
  const present = new Set(listed)
  let left = 0
  for (const roomWxid of [...revisions.keys()].filter(known => !present.has(known))) {
    signal.throwIfAborted()
    const begun = deps.recency.begin()
    if (await isSeenInside(bot, roomWxid)) continue
    if (await forgetRoom(deps, bot, roomWxid, begun)) left++
  }
  return left
}

async function isSeenInside(bot: HostedBot, roomWxid: RoomWxid): Promise<boolean> {
  try {
    const room = await bot.readRoom(roomWxid)
    return room !== null && isInside(bot, room)
  } catch (failure) {
    // No answer, or far too long a one, proves nothing; the next sync asks again.
    if (failure instanceof PuppetTimeout || failure instanceof PuppetExcess) return true
    throw failure
  }
}

const isInside = (bot: HostedBot, room: ReadRoom['room']): boolean =>
  bot.account !== null && hasMember(room, bot.account.wxid)
