import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { chatIdOf, hasMember, type Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure } from '../puppet/puppet-failures.ts'
import { StoreError } from '../store/database/store-error.ts'
import { memberIdsOf, whoKnowsRoom } from '../store/rooms/rooms.ts'
import type { RoomDeps } from './room-deps.ts'

/** What a bot finds when it looks into a room, right now and not in the store. */
export type Look =
  | { readonly found: 'inside'; readonly room: Room; readonly begun: number }
  /** The workspace knows the room, but this bot is not (or no longer) in it. */
  | { readonly found: 'outside' }
  /** No bot of the workspace has ever been in it. A foreign room looks exactly like this (G-11). */
  | { readonly found: 'unknown' }
  /** The bot should be in it, but its puppet cannot load it. */
  | { readonly found: 'unreadable' }

/**
 * Reads the room from the puppet; the store only tells "unknown" from "outside" and "unreadable". Whoever looks keeps what he finds
 * inside, or something newer: that the puppet has forgotten the room for this is followed by nobody (BOT-250). Where it
 * contradicts the store, the room is looked at once more as if an event had come.
 *
 * `expected`: see {@link Reading}; else those whom the store has in it, which is right unless nobody has told of a change.
 */
export async function lookIntoRoom(
  deps: RoomDeps,
  bot: HostedBot,
  roomWxid: RoomWxid,
  expected = () => keptMembers(deps, bot, roomWxid),
): Promise<Look> {
  const begun = deps.chatroom.begin()
  const room = await readOrNull(deps, bot, roomWxid, expected)
  if (room && bot.account && hasMember(room, bot.account.wxid)) return { found: 'inside', room, begun }

  const knowers = await whoKnowsRoom(deps.db, bot.bot.workspaceId, roomWxid)
  if (knowers.length === 0) return { found: 'unknown' }
  const shouldBeInside = knowers.some(knower => knower.botId === bot.bot.id && !knower.left)
  if (shouldBeInside) bot.lookLater(roomWxid, 'asked')
  return shouldBeInside && !room ? { found: 'unreadable' } : { found: 'outside' }
}

async function readOrNull(
  deps: RoomDeps,
  bot: HostedBot,
  roomWxid: RoomWxid,
  expected: () => Promise<readonly ContactWxid[]>,
): Promise<Room | null> {
  try {
    return await bot.readRoom(roomWxid, { fresh: true, isKept: true, expected })
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn({ bot: bot.bot.id, room: roomWxid, failure: failure.name }, 'a room could not be read')
    return null
  }
}

/** Nobody, where the store does not say: then they are asked for behind the room. */
async function keptMembers(
  { db }: RoomDeps,
  { account, bot }: HostedBot,
  roomWxid: RoomWxid,
): Promise<ContactWxid[]> {
  if (!account) return []
  try {
    return await memberIdsOf(db, bot.workspaceId, chatIdOf(bot.workspaceId, account.wxid, roomWxid))
  } catch (failure) {
    if (!(failure instanceof StoreError)) throw failure
    return []
  }
}
