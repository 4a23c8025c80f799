import type { RoomWxid, WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../model/callback.ts'
import type { Contact } from '../model/contact.ts'
import type { Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { Database } from '../store/database/database.ts'
import { StoreError } from '../store/database/store-error.ts'
import { saveAcquaintance } from '../store/rooms/contacts.ts'
import type { KeptContacts } from '../store/rooms/kept-contacts.ts'
import { leaveRoom, type SavedRoom, saveRoom } from '../store/rooms/rooms.ts'
import type { Clock } from '../system/clock.ts'
import type { Courtesy } from '../system/courtesy.ts'
import type { Log } from '../system/log.ts'
import { inStart, isNamed, type Occasion, owedFor, withMissed } from './occasion.ts'
import { oweForLeave, oweForSave } from './owe.ts'
import type { RoomNotes } from './room-notes.ts'
import { owedByReRead } from './survey.ts'

export interface ChatroomDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly notes: RoomNotes
  /** All time is the clock's, the store's too; else nodes that share a store tell its time to customers. */
  readonly isTimeTheClocks: boolean
  /** Told after a commit that owed something, so that the courier need not wait for its next poll. */
  readonly wakeCourier: (owedTo?: WorkspaceId) => void
  /** For whom a sync makes room; nobody where it is left out. */
  readonly courtesy?: Courtesy
}

/** A room together with when its reading began; see {@link RoomNotes.mayKeep}. */
export interface ReadRoom {
  readonly room: Room
  readonly begun: number
  /** Of the look that has read it, if it was one. */
  readonly kept?: KeptContacts
}

/** What the latest run of a save owes. */
interface Owing {
  callbacks: OwedCallback[]
  /** The entrance, as `joined`. */
  told: boolean
  /** What it found. */
  last: SavedRoom | null
}

/** What a save of the room means at this moment, and whether the bot came in again unseen. */
interface Meant {
  readonly occasion: Occasion
  readonly cameAgain: boolean
}

function meaningNow(notes: RoomNotes, bot: HostedBot, room: Room, given: Occasion): Meant {
  const { tenure } = bot
  const owed = owedByReRead(notes.surveyOf(bot), room.wxid)
  const meant = withMissed(notes.meaning(tenure, room.wxid, given), owed)
  // Until its start is over, and the room is told, whatever is seen of it is the start's.
  const isOfStart = bot.isStarting && !notes.wasToldInStart(bot, room.wxid)
  const seen = isOfStart ? inStart(meant) : meant
  const cameAgain =
    given.why === 'witnessed' &&
    given.names === 'the-bot' &&
    seen.why !== 'started' &&
    notes.cameAgain(tenure, room)
  // The event tells of an entrance, whatever a sync still owed for the time before it.
  return { occasion: cameAgain ? given : seen, cameAgain }
}

/** Another save of the same room may be owing the same. What `witnessed` and `created` owe, the store and `tellEntrance` keep to once. */
const mayBeOwedTwice = ({ occasion, cameAgain }: Meant): boolean =>
  cameAgain || (occasion.why !== 'witnessed' && occasion.why !== 'created')

/**
 * Saves the room as the bot saw it and owes the callbacks, all in one commit or none (CB-4).
 * Null when a later read was saved already: then nothing is saved and nothing owed. `given` is asked again after every other save that
 * is waited for.
 */
export async function keepRoom(
  deps: ChatroomDeps,
  bot: HostedBot,
  { room, begun, kept }: ReadRoom,
  given: () => Occasion,
): Promise<SavedRoom | null> {
  const { tenure } = bot
  const { notes } = deps
  const mayKeep = () => notes.mayKeep(tenure, room.wxid, begun)
  let meant = meaningNow(notes, bot, room, given())
  while (!mayKeep() || (mayBeOwedTwice(meant) && notes.isWriting(tenure, room.wxid))) {
    // Whoever answers for this read must find in the store what is newer; and only a save that fails leaves to this one what it owed.
    if ((await notes.written(tenure, room.wxid)) && !mayKeep()) return null
    meant = meaningNow(notes, bot, room, given())
  }
  const { occasion, cameAgain } = meant
  if (cameAgain) notes.untellEntrance(tenure, room.wxid)
  const at = deps.clock.now()
  // What a start has listed the bot was in, however late it is shown.
  const isEntrance = isNamed(occasion) || (occasion.why !== 'started' && notes.isEntrance(bot, room, at))
  const owing: Owing = { callbacks: [], told: false, last: null }
  const save = async () => {
    const seen = notes.contacts.newestIn(tenure, room, begun)
    try {
      const saved = await saveRoom(
        deps.db,
        { tenure, self: bot.account?.wxid, room: seen, at, kept },
        change => {
          // The run before was kept after all, although its commit could not say so, and what it owed is owed.
          if (owing.last?.changed && !change.changed) return []
          owing.last = change
          const { joined, loaded } = owedFor(occasion, change, isEntrance)
          // Run again, because nothing of the run before was kept: it told nobody either.
          if (owing.told) notes.untellEntrance(tenure, room.wxid)
          owing.told = (joined || cameAgain) && notes.tellEntrance(tenure, room.wxid)
          const isStart = occasion.why === 'started' || occasion.why === 'returned'
          const meaning = { entered: owing.told, isStart, loaded }
          owing.callbacks = oweForSave(change, meaning, deps.isTimeTheClocks ? at : change.storedAt)
          return owing.callbacks
        },
      )
      const isNews = owing.told || saved.entered || occasion.why === 'started'
      const isWitnessed = occasion.why === 'witnessed'
      notes.kept(bot, room, { revision: saved.revision, isNews, isWitnessed })
      return saved
    } catch (failure) {
      // Nothing was committed, so nobody was told.
      if (owing.told) notes.untellEntrance(tenure, room.wxid)
      throw failure
    }
  }
  const saved = await notes.writing(tenure, { wxid: room.wxid, begun }, save)
  if (owing.callbacks.length > 0) deps.wakeCourier(tenure.workspaceId)
  return saved
}

/** Somebody whom an event tells of, or a request names, as he was read since `begun`. */
export async function keepContact(
  { db, notes }: ChatroomDeps,
  { tenure }: HostedBot,
  { contact, begun }: { readonly contact: Contact; readonly begun: number },
): Promise<void> {
  notes.contacts.note(tenure, contact, begun)
  await saveAcquaintance(db, tenure, notes.contacts.newest(tenure, contact, begun))
}

/** What a request looked at and left as it was: that it cannot be kept is no reason to answer anything else. */
export async function keepFound(deps: ChatroomDeps, bot: HostedBot, read: ReadRoom): Promise<void> {
  try {
    await keepRoom(deps, bot, read, () => ({ why: 'witnessed' }))
  } catch (failure) {
    if (!(failure instanceof StoreError)) throw failure
    const { wxid: room } = read.room
    deps.log.warn({ bot: bot.bot.id, room, err: failure }, 'a room that a request read was not kept')
  }
}

/**
 * The bot was seen outside: its chat disappears from the lists, its tags are kept (EX-20), and `room/left` is owed where
 * it is switched on (NB-6). Whether it was still in.
 */
export async function forgetRoom(
  deps: ChatroomDeps,
  bot: HostedBot,
  roomWxid: RoomWxid,
  begun: number,
): Promise<boolean> {
  while (!deps.notes.mayKeep(bot.tenure, roomWxid, begun)) {
    if (await deps.notes.written(bot.tenure, roomWxid)) return false
  }
  deps.notes.left(bot.tenure, roomWxid)
  const at = deps.clock.now()
  const owing = { isOwing: false }
  const leave = () =>
    leaveRoom(deps.db, bot.tenure, roomWxid, at, left => {
      owing.isOwing = true
      return oweForLeave(left, deps.isTimeTheClocks ? at : left.storedAt)
    })
  const wasIn = await deps.notes.writing(bot.tenure, { wxid: roomWxid, begun }, leave)
  if (owing.isOwing) deps.wakeCourier(bot.tenure.workspaceId)
  return wasIn
}
