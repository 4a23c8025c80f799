import type { exit as declaration, RefusalOf, RequestOf, RoomWxid } from '@qunhub/wire'
import { isLoggedIn } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { hasMember, type Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure } from '../puppet/puppet-failures.ts'
import { chooseBot } from './choose-bot.ts'
import { lookAgain } from './look-again.ts'
import { lookIntoRoom } from './look-into-room.ts'
import { canBeLookedAt } from './look-when-back.ts'
import type { Caller, RoomDeps } from './room-deps.ts'

export type ExitRequest = Omit<RequestOf<typeof declaration>, 'token'>
export type ExitRefusal = RefusalOf<typeof declaration>

/**
 * POST /room/exit. Success means that the bot was seen outside; its chat then disappears from every list and its
 * tags are kept for a return (EX-20).
 */
export async function exit(
  ask: ExitRequest,
  { workspaceId }: Caller,
  deps: RoomDeps,
): Promise<Result<void, ExitRefusal>> {
  const chosen = chooseBot(deps.roster, workspaceId, ask.wecomUserId)
  if (!chosen.ok) return chosen
  const bot = chosen.value
  if (!isLoggedIn(bot.session, bot.account)) return refuse('bot-not-logged-in')
  if (bot.account?.kind === 'wechat') return refuse('not-wecom')
  if (bot.session.state !== 'online') return refuse('bot-offline')

  const look = await lookIntoRoom(deps, bot, ask.roomWxid)
  if (look.found === 'unknown') return refuse('room-unknown')
  if (look.found === 'outside') return refuse('bot-not-in-room')
  if (look.found === 'unreadable') return refuse('room-load-failed')
  const left = await leave(look.room, bot, deps)
  // Nothing newer was kept.
  if (!left.ok) await deps.chatroom.keepFound(bot, look)
  return left
}

async function leave(room: Room, bot: HostedBot, deps: RoomDeps): Promise<Result<void, ExitRefusal>> {
  if (room.ownerId === bot.account?.wxid) return refuse('bot-owns-room')

  // What cannot be written down afterwards is not asked for (ST-140).
  await deps.db.requireWritable()
  return askPuppet(bot, room.wxid, deps)
}

async function askPuppet(
  bot: HostedBot,
  roomWxid: RoomWxid,
  deps: RoomDeps,
): Promise<Result<void, ExitRefusal>> {
  let hasAnswered = false
  try {
    await bot.quitRoom(roomWxid)
    hasAnswered = true
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn(
      { bot: bot.bot.id, room: roomWxid, failure: failure.name },
      'the puppet did not leave a room',
    )
    // It may have happened all the same: look before reporting.
    if (!(await canBeLookedAt(deps.clock, bot, failure))) return refuse('exit-failed')
  }
  const seenOutside = await seeOutside(bot, roomWxid, hasAnswered, deps)
  if (seenOutside === null) return refuse('exit-failed')
  await deps.chatroom.forgetRoom(bot, roomWxid, seenOutside)
  return done(undefined)
}

/**
 * When the look began that found the room off the bot's list; null while every look still shows it there. A puppet may
 * report success with the bot still inside, for a moment or for good; and it may list less than there is, so a list counts only
 * if the room does not show the bot either. That the room is not shown at all says that it was left only where the puppet said so
 * itself (`hasAnswered`): one that broke off may have restarted, and know nothing yet.
 */
const seeOutside = (
  bot: HostedBot,
  roomWxid: RoomWxid,
  hasAnswered: boolean,
  deps: RoomDeps,
): Promise<number | null> =>
  lookAgain(deps.clock, async () => {
    const begun = deps.chatroom.begin()
    return (await isOffTheList(bot, roomWxid, hasAnswered)) ? begun : null
  })

async function isOffTheList(bot: HostedBot, roomWxid: RoomWxid, hasAnswered: boolean): Promise<boolean> {
  try {
    const [listed, room] = await Promise.all([
      bot.listRooms(),
      bot.readRoom(roomWxid, { fresh: true, isKept: true }),
    ])
    if (listed.includes(roomWxid)) return false
    if (!room) return hasAnswered
    return bot.account !== null && !hasMember(room, bot.account.wxid)
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    return false
  }
}
