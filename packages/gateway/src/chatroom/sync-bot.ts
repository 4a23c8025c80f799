/**
 * A sync reads everything a bot's puppet knows and makes the store agree: first the contacts, because a member's
 * friendship is a contact's fact, then each room, then what is missing.
 *
 * Rooms are saved as they arrive, a few at a time, so that the commits of one turn share one fsync and the event
 * loop is never held for long. A sync that is called off stops between two rooms; the next one begins anew.
 */
import type { RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../bot/hosted-bot.ts'
import { hasMember } from '../model/room.ts'
import { saveContacts } from '../store/contacts.ts'
import { listChatsOfBot } from '../store/rooms.ts'
import { type ChatroomDeps, forgetRoom, keepRoom, type Occasion, type ReadRoom } from './keep-room.ts'

/** Rooms whose commits may be under way together. */
const SAVES_AT_ONCE_MAX = 16
/** Contacts asked for in one go. */
const CONTACTS_PER_READ_MAX = 500

export interface SyncReport {
  readonly rooms: number
  /** The puppet listed these rooms but could not load them; they stay as they were. */
  readonly unreadable: number
  readonly left: number
}

/**
 * Makes the store agree with the bot's puppet and owes what {@link Occasion} says.
 * Throws what the puppet or the store throws; whoever asked decides when to try again.
 */
export async function syncBot(
  deps: ChatroomDeps,
  bot: HostedBot,
  occasion: Exclude<Occasion, 'witnessed'>,
  signal: AbortSignal,
): Promise<SyncReport> {
  await syncContacts(deps, bot, signal)
  const begun = deps.recency.begin()
  const listed = await bot.listRooms()
  const { rooms, unreadable } = await syncRooms(deps, bot, listed, begun, occasion, signal)
  const left = await forgetMissingRooms(deps, bot, listed, signal)
  const report = { rooms, unreadable, left }
  deps.log.info({ workspace: bot.bot.workspaceId, bot: bot.bot.id, occasion, ...report }, 'bot synced')
  return report
}

async function syncContacts(deps: ChatroomDeps, bot: HostedBot, signal: AbortSignal): Promise<void> {
  const listed = await bot.listContacts()
  for (let from = 0; from < listed.length; from += CONTACTS_PER_READ_MAX) {
    signal.throwIfAborted()
    const contacts = await bot.readContacts(listed.slice(from, from + CONTACTS_PER_READ_MAX))
    await saveContacts(deps.db, bot.bot.workspaceId, bot.bot.id, contacts)
  }
}

async function syncRooms(
  deps: ChatroomDeps,
  bot: HostedBot,
  listed: readonly RoomWxid[],
  begun: number,
  occasion: Occasion,
  signal: AbortSignal,
): Promise<Pick<SyncReport, 'rooms' | 'unreadable'>> {
  let rooms = 0
  let unreadable = 0
  const failures: unknown[] = []
  const saving = new Set<Promise<unknown>>()
  for await (const { wxid, room } of bot.readRooms(listed)) {
    signal.throwIfAborted()
    if (failures.length > 0) break
    if (!room) {
      unreadable++
      deps.log.warn({ bot: bot.bot.id, room: wxid }, 'the puppet lists a room that it cannot load')
      continue
    }
    rooms++
    const save: Promise<unknown> = keepOrReadAgain(deps, bot, { room, begun }, occasion)
      .catch(failure => failures.push(failure))
      .finally(() => saving.delete(save))
    saving.add(save)
    if (saving.size >= SAVES_AT_ONCE_MAX) await Promise.race(saving)
  }
  await Promise.all(saving)
  if (failures.length > 0) throw failures[0]
  return { rooms, unreadable }
}

/** A room that a request saved while the sync was under way is read once more, so that it too is owed. */
async function keepOrReadAgain(
  deps: ChatroomDeps,
  bot: HostedBot,
  read: ReadRoom,
  occasion: Occasion,
): Promise<void> {
  if (await keepRoom(deps, bot, read, occasion)) return
  const begun = deps.recency.begin()
  const room = await bot.readRoom(read.room.wxid)
  if (room && isInside(bot, room)) await keepRoom(deps, bot, { room, begun }, occasion)
}

/**
 * A known room that the puppet no longer lists was left, unless the puppet still shows the bot in it: puppets are
 * known to list rooms late, so each missing room is looked at by itself.
 */
async function forgetMissingRooms(
  deps: ChatroomDeps,
  bot: HostedBot,
  listed: readonly RoomWxid[],
  signal: AbortSignal,
): Promise<number> {
  const present = new Set<string>(listed)
  const known = await listChatsOfBot(deps.db, bot.bot.workspaceId, bot.bot.id)
  let left = 0
  for (const { roomWxid } of known.filter(chat => !present.has(chat.roomWxid))) {
    signal.throwIfAborted()
    const begun = deps.recency.begin()
    const room = await bot.readRoom(roomWxid)
    if (room && isInside(bot, room)) continue
    if (await forgetRoom(deps, bot, roomWxid, begun)) left++
  }
  return left
}

const isInside = (bot: HostedBot, room: ReadRoom['room']): boolean =>
  bot.account !== null && hasMember(room, bot.account.wxid)
