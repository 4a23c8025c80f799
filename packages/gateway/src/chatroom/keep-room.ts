import type { RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../bot/hosted-bot.ts'
import type { OwedCallback } from '../model/callback.ts'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Room } from '../model/room.ts'
import type { Database } from '../store/database.ts'
import { leaveRoom, type SavedRoom, saveRoom } from '../store/rooms.ts'
import { oweJoined, oweLoaded } from './owe.ts'
import type { RoomRecency } from './room-recency.ts'

/**
 * Why a room is saved; it decides what the customer is owed.
 *
 * - `synced`: the bot started, or somebody asked for a sync. Every room is owed as `loaded` (CB-1).
 * - `reconciled`: the stream came back after a loss. Entered unseen → `joined`; changed unseen → `loaded` (CB-2, CB-3).
 * - `witnessed`: an event or an answer of the running bot. Entered → `joined`; any other change is silent (CB-3).
 */
export type Occasion = 'synced' | 'reconciled' | 'witnessed'

export interface ChatroomDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly recency: RoomRecency
  /** Told after a commit that owed something, so that the courier need not wait for its next look. */
  readonly wakeCourier: () => void
}

/** A room together with when its reading began; see {@link RoomRecency}. */
export interface ReadRoom {
  readonly room: Room
  readonly begun: number
}

/**
 * Saves the room as the bot saw it and owes the callback, both in one commit or neither (CB-4).
 * Null when a later read was saved already: then nothing is saved and nothing owed.
 */
export async function keepRoom(
  deps: ChatroomDeps,
  bot: HostedBot,
  { room, begun }: ReadRoom,
  occasion: Occasion,
): Promise<SavedRoom | null> {
  if (!deps.recency.claim(bot.bot.id, room.wxid, begun)) return null
  const at = deps.clock.now()
  const owing: { callback: OwedCallback | null } = { callback: null }
  const saved = await saveRoom(
    deps.db,
    { workspaceId: bot.bot.workspaceId, botId: bot.bot.id, room, at },
    change => {
      owing.callback = oweFor(occasion, change, at)
      return owing.callback
    },
  )
  if (owing.callback) deps.wakeCourier()
  return saved
}

/** The bot was seen outside: its chat disappears from the lists, its tags are kept (EX-20). Whether it was still in. */
export async function forgetRoom(
  deps: ChatroomDeps,
  bot: HostedBot,
  roomWxid: RoomWxid,
  begun: number,
): Promise<boolean> {
  if (!deps.recency.claim(bot.bot.id, roomWxid, begun)) return false
  return leaveRoom(deps.db, bot.bot.workspaceId, bot.bot.id, roomWxid, deps.clock.now())
}

function oweFor(occasion: Occasion, saved: SavedRoom, at: number): OwedCallback | null {
  switch (occasion) {
    case 'synced':
      return oweLoaded(saved.chat, at)
    case 'reconciled':
      if (saved.entered) return oweJoined(saved.chat, at)
      return saved.changed ? oweLoaded(saved.chat, at) : null
    case 'witnessed':
      return saved.entered ? oweJoined(saved.chat, at) : null
    default:
      return occasion satisfies never
  }
}
