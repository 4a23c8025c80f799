import type { RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../bot/hosted-bot.ts'
import type { OwedCallback } from '../model/callback.ts'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Room } from '../model/room.ts'
import type { Database } from '../store/database.ts'
import { leaveRoom, type SavedRoom, saveRoom } from '../store/rooms.ts'
import type { Entrances } from './entrances.ts'
import type { LateRooms } from './late-rooms.ts'
import { oweForLeave, oweForSave } from './owe.ts'
import type { RoomRecency } from './room-recency.ts'
import type { Starts } from './starts.ts'
import { noteKept, type Surveys } from './survey.ts'

/**
 * Why a room is saved; it decides what the customer is owed.
 *
 * - `started`: the bot is starting, and this room was not told yet. `loaded`, also where it was entered meanwhile (CB-1, CB-14).
 *   It is what every other occasion but `created` means in a start.
 * - `asked`: somebody asked for a sync. `loaded` for every room; before it `joined`, if the bot entered unseen (CB-3).
 * - `reconciled`: the stream came back after a loss. Entered unseen → `joined`; changed since `revision` → `loaded`
 *   (CB-2, CB-3).
 * - `returned`: the account was logged out for a moment. Entered meanwhile, or changed → `loaded` (CB-1).
 * - `witnessed`: an event or an answer of the running bot. Entered → `joined`; any other change is silent (CB-3).
 *   `names`: the event says that the bot joined, by its id, or by what may be its name.
 * - `created`: a request made the room. `joined`, whoever saved it first (CR-24).
 *
 * A room that the bot turns out to be in, and that no event has named it in, may be one that it was in all along and that the
 * puppet shows late: then it is `loaded` and never `joined`; see {@link Starts}.
 *
 * What else happened to a room that the bot was in is owed on each occasion, where the workspace has it switched on: who
 * joined, who left, a new topic (NB-6), and `joined` for any member, but for a start, which says `loaded` (CB-3).
 */
export type Occasion =
  | { readonly why: 'asked' | 'created' }
  | { readonly why: 'started'; readonly names?: BotNamed }
  | { readonly why: 'witnessed'; readonly names?: BotNamed }
  /** `revision`: the chat's when the reconcile began; undefined when the bot was not known to be in it. */
  | { readonly why: 'reconciled' | 'returned'; readonly revision: number | undefined }

/** How an event names the bot among those who joined. */
export type BotNamed = 'the-bot' | 'its-name'

export interface ChatroomDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly recency: RoomRecency
  readonly entrances: Entrances
  readonly late: LateRooms
  readonly starts: Starts
  readonly surveys: Surveys
  /** All time is the clock's, the store's too; else nodes that share a store tell its time to customers. */
  readonly isTimeTheClocks: boolean
  /** Told after a commit that owed something, so that the courier need not wait for its next look. */
  readonly wakeCourier: () => void
}

/** A room together with when its reading began; see {@link RoomRecency}. */
export interface ReadRoom {
  readonly room: Room
  readonly begun: number
}

/**
 * Saves the room as the bot saw it and owes the callbacks, all in one commit or none (CB-4).
 * Null when a later read was saved already: then nothing is saved and nothing owed.
 */
export async function keepRoom(
  deps: ChatroomDeps,
  bot: HostedBot,
  { room, begun }: ReadRoom,
  given: Occasion,
): Promise<SavedRoom | null> {
  const { tenure } = bot
  const { botId } = tenure
  if (!deps.recency.claim(botId, room.wxid, begun)) return null
  const occasion = inStart(deps, bot, room.wxid, deps.late.meaning(tenure, room.wxid, given))
  const joinedAt = room.joinedAt ?? null
  const cameAgain =
    occasion.why === 'witnessed' &&
    occasion.names === 'the-bot' &&
    deps.entrances.cameAgain(tenure, room.wxid, joinedAt)
  if (cameAgain) deps.entrances.forget(tenure, room.wxid)
  const at = deps.clock.now()
  // What a start has listed the bot was in, however late it is shown.
  const isEntrance =
    isNamed(occasion) || (occasion.why !== 'started' && deps.starts.isEntrance(bot, room, at))
  const owing: { callbacks: OwedCallback[]; told: boolean } = { callbacks: [], told: false }
  try {
    const saved = await saveRoom(deps.db, { tenure, room, at }, change => {
      const { joined, loaded } = owedFor(occasion, change, isEntrance)
      // Run again, because nothing of the run before was kept: it told nobody either.
      if (owing.told) deps.entrances.forget(tenure, room.wxid)
      owing.told = (joined || cameAgain) && deps.entrances.tell(tenure, room.wxid)
      const isStart = occasion.why === 'started' || occasion.why === 'returned'
      const meaning = { entered: owing.told, isStart, loaded }
      owing.callbacks = oweForSave(change, meaning, deps.isTimeTheClocks ? at : change.storedAt)
      return owing.callbacks
    })
    deps.late.forget(tenure, room.wxid)
    deps.starts.told(bot, room.wxid)
    noteKept(deps.surveys, bot, room.wxid, saved.revision)
    const isNews = owing.told || saved.entered || occasion.why === 'started'
    deps.entrances.noteSince(tenure, room.wxid, joinedAt, isNews)
    if (owing.callbacks.length > 0) deps.wakeCourier()
    return saved
  } catch (failure) {
    // Nothing was committed, so nobody was told.
    if (owing.told) deps.entrances.forget(tenure, room.wxid)
    throw failure
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
  if (!deps.recency.claim(bot.bot.id, roomWxid, begun)) return false
  deps.entrances.forget(bot.tenure, roomWxid)
  deps.late.forget(bot.tenure, roomWxid)
  const at = deps.clock.now()
  const owing = { isOwing: false }
  const wasIn = await leaveRoom(deps.db, bot.tenure, roomWxid, at, left => {
    owing.isOwing = true
    return oweForLeave(left, deps.isTimeTheClocks ? at : left.storedAt)
  })
  if (owing.isOwing) deps.wakeCourier()
  return wasIn
}

/** Until its start is over, and the room is told, whatever is seen of it is the start's. */
function inStart({ starts }: ChatroomDeps, bot: HostedBot, roomWxid: RoomWxid, occasion: Occasion): Occasion {
  if (!bot.isStarting || occasion.why === 'created' || starts.hasTold(bot, roomWxid)) return occasion
  return { why: 'started', ...('names' in occasion && occasion.names && { names: occasion.names }) }
}

const isNamed = (occasion: Occasion): boolean => 'names' in occasion && occasion.names !== undefined

function owedFor(
  occasion: Occasion,
  { entered, revision }: SavedRoom,
  isEntrance: boolean,
): { joined: boolean; loaded: boolean } {
  const joined = entered && isEntrance
  switch (occasion.why) {
    case 'started':
      return { joined, loaded: !joined }
    case 'asked':
      return { joined, loaded: true }
    case 'reconciled':
      return { joined, loaded: !joined && revision !== occasion.revision }
    case 'returned':
      return { joined: false, loaded: revision !== occasion.revision }
    case 'witnessed':
      return { joined, loaded: entered && !joined }
    case 'created':
      return { joined: true, loaded: false }
    default:
      return occasion satisfies never
  }
}
