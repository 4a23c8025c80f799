/**
 * A sync reads everything a bot's puppet knows and makes the store agree: first who the bot is, then the contacts, because a member's
 * friendship is a contact's fact, then each room, those first that nobody knows yet, then what is missing. Before the puppet
 * is asked how something is, it is asked to forget how it was.
 *
 * A room that the puppet lists and does not show whole (without its members, without the bot, or not at all) says nothing:
 * it stays as it was. So does one that it does not list although the bot is known to be in it, unless it shows it without the
 * bot; a list that its rooms contradict is none. The puppet is then looked at again (`survey.ts`). A room with more in it than
 * is read stays as it was, too, and is told by a word of its own.
 *
 * Rooms are saved as they arrive, collected for a moment so that some share a commit (`saves.ts`). A sync that is called off stops
 * between two rooms. One that fails is tried again by whoever asked; the rooms that a start had owed by then are not owed twice.
 */

import type { RoomWxid } from '@qunhub/wire'
import { FreshContacts } from '../puppet/fresh-contacts.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { PuppetExcess, PuppetTimeout, PuppetUnsettled } from '../puppet/puppet-failures.ts'
import { saveContacts } from '../store/rooms/contacts.ts'
import { listAcquaintances } from '../store/rooms/find-contacts.ts'
import { listChatsOfBot } from '../store/rooms/rooms.ts'
import type { ChatroomDeps } from './keep-room.ts'
import { refreshAccount } from './refresh-account.ts'
import type { Sync } from './saves.ts'
import {
  isLookedThrough,
  nextLookMs,
  noteList,
  type Survey,
  type SurveyOf,
  type SyncReason,
} from './survey.ts'
import { syncMissing } from './sync-missing.ts'
import { syncListed } from './sync-rooms.ts'

/** Contacts asked for in one go. */
const CONTACTS_PER_READ_MAX = 500

export interface SyncReport {
  readonly rooms: number
  /** The puppet listed these rooms but did not show them whole; they stay as they were. */
  readonly unreadable: number
  /** These have more members, or more of something else, than is read; they stay as they were, too. */
  readonly excessive: number
  /** The bot should be in these, and the puppet neither lists nor shows them; or it lists them not and shows the bot inside. */
  readonly doubtful: number
  /** Of `doubtful`: asked for them, the puppet did not answer in time. That contradicts nothing. */
  readonly hanging: number
  readonly left: number
  /** Of `rooms`: the bot was not known to be in them. */
  readonly entered: number
  /** Of `rooms`: known, and different from what was known when the sync began. */
  readonly changed: number
  /** New or different ones. */
  readonly contacts: number
  /** When the list was read. */
  readonly listedAt: number
  /** A start would be over: the list is not contradicted, or the puppet has no more to show (CB-14). */
  readonly isStartOver: boolean
}

/** What the puppet does not show, or shows too much of, once the sync is done that read all the rest; for an operator who waits. */
export function requireWhole({ excessive, doubtful, hanging }: SyncReport): void {
  if (excessive > 0) throw new PuppetExcess(`${excessive} rooms have more in them than is read`)
  const contradicted = doubtful - hanging
  if (contradicted > 0)
    throw new PuppetUnsettled(`${contradicted} rooms are contradicted by the list of rooms`)
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
  await askWhoItIs(deps, bot, reason)
  const { survey, rooms } = await beginSync(deps, bot, { reason, signal })
  const report = await look({ deps, bot, survey, signal, fresh: new FreshContacts() }, rooms)
  deps.log.info({ workspace: bot.bot.workspaceId, bot: bot.bot.id, reason, ...report }, 'bot synced')
  return report
}

/** A puppet that does not say who the bot is may still say all of its rooms. Whoever has asked for the sync is told. */
async function askWhoItIs(deps: ChatroomDeps, bot: HostedBot, reason: SyncReason): Promise<void> {
  try {
    await refreshAccount(deps, bot)
  } catch (failure) {
    if (reason === 'asked' || !(failure instanceof PuppetTimeout)) throw failure
    deps.log.warn(
      { bot: bot.bot.id, err: failure },
      'who the bot is was not told in time; its rooms are read',
    )
  }
}

/**
 * Notes how the bot's rooms are known. To be called before a sync waits as well: whatever is saved from now on, it finds changed
 * (CB-2), for it goes on with what was noted before.
 */
export async function beginSync(
  { db, notes }: ChatroomDeps,
  bot: HostedBot,
  of: SurveyOf,
): Promise<{ survey: Survey; rooms: RoomWxid[] }> {
  const survey = notes.beginSurvey(bot, of)
  const known = await listChatsOfBot(db, bot.bot.workspaceId, bot.bot.id)
  // What was told while they were read is known better.
  for (const { roomWxid, revision } of known)
    if (!survey.revisions.has(roomWxid)) survey.revisions.set(roomWxid, revision)
  survey.isNoted = true
  return { survey, rooms: known.map(chat => chat.roomWxid) }
}

/** Goes on with the latest sync: looks whether the puppet shows more by now. Null when it has nothing to add. */
export async function lookAgain(
  deps: ChatroomDeps,
  bot: HostedBot,
  signal: AbortSignal,
): Promise<SyncReport | null> {
  const survey = deps.notes.surveyOf(bot)
  if (survey?.signal !== signal) return null
  const known = await listChatsOfBot(deps.db, bot.bot.workspaceId, bot.bot.id)
  const report = await look(
    { deps, bot, survey, signal, fresh: new FreshContacts() },
    known.map(chat => chat.roomWxid),
  )
  if (report.rooms + report.left + report.contacts > 0)
    deps.log.info({ workspace: bot.bot.workspaceId, bot: bot.bot.id, ...report }, 'a look again found more')
  return report
}

async function look(sync: Sync, known: readonly RoomWxid[]): Promise<SyncReport> {
  const { deps, bot, survey } = sync
  const contacts = await syncContacts(sync)
  const begun = deps.notes.begin()
  const listedAt = deps.clock.now()
  const listed = await bot.listRooms()
  const hasGrown = noteList(survey, listed)
  const synced = await syncListed(sync, listed, { known: new Set(known), begun })
  const missing = await syncMissing(sync, known)

  const left = synced.left + missing.left
  const isInVain = !hasGrown && synced.rooms + missing.rooms + left + contacts === 0
  survey.vainLooks = isInVain && survey.looks > 0 ? survey.vainLooks + 1 : 0
  survey.looks++
  const isWhole = missing.doubtful === 0 && (listed.length > 0 || (known.length === 0 && !bot.isStarting))
  survey.isOver ||= isWhole || isLookedThrough(survey)
  const isDone = isWhole && synced.unreadable === 0 && survey.reason === 'periodic'
  const waitMs = isDone ? null : nextLookMs(survey, known.length, deps.clock.now())
  if (waitMs !== null) bot.lookAgain(waitMs)
  return {
    ...{ ...synced, rooms: synced.rooms + missing.rooms, entered: synced.entered + missing.entered },
    ...{
      changed: synced.changed + missing.changed,
      left,
      doubtful: missing.doubtful,
      hanging: missing.hanging,
    },
    ...{ contacts, listedAt, isStartOver: isWhole || isLookedThrough(survey) },
  }
}

/**
 * Those that the puppet lists, and those that it listed once and lists no more: whoever is no friend of the bot any more
 * must not stay one. How many were new or different.
 */
async function syncContacts({ deps, bot, survey, signal, fresh }: Sync): Promise<number> {
  const listed = await bot.listContacts()
  if (survey.looks > 0 && listed.length === survey.contacts) return 0
  survey.contacts = listed.length
  const present = new Set(listed)
  const { workspaceId, id } = bot.bot
  const known = await listAcquaintances(deps.db, workspaceId, id)
  const all = [...listed, ...known.filter(wxid => !present.has(wxid))]
  let different = 0
  for (let from = 0; from < all.length; from += CONTACTS_PER_READ_MAX) {
    signal.throwIfAborted()
    const begun = deps.notes.begin()
    const contacts = await bot.readContacts(all.slice(from, from + CONTACTS_PER_READ_MAX), {
      fresh: true,
      isKept: true,
    })
    await bot.keepTurn()
    const newest = contacts.map(contact => deps.notes.contacts.newest(bot.tenure, contact, begun))
    different += await saveContacts(deps.db, bot.tenure, newest)
    fresh.note(contacts.map(({ wxid }) => wxid))
  }
  return different
}

/** What a bot that has started finds itself in from now on, it has entered. */
export function endStart({ notes }: ChatroomDeps, bot: HostedBot, { listedAt }: SyncReport): void {
  if (bot.isStarting) notes.endStart(bot, listedAt)
  bot.endStart()
}
