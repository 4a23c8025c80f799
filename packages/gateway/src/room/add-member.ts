import type { addMember as declaration, ContactWxid, RefusalOf, RequestOf, RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../bot/hosted-bot.ts'
import { isPuppetFailure, PuppetTimeout } from '../bot/puppet-failures.ts'
import type { Contact } from '../model/contact.ts'
import { ROOM_MEMBERS_CARD_MIN, ROOM_MEMBERS_MAX } from '../model/limits.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { hasMember } from '../model/room.ts'
import { findContacts } from '../store/contacts.ts'
import { findWorkspace } from '../store/workspaces.ts'
import { chooseBot } from './choose-bot.ts'
import { lookAgain } from './look-again.ts'
import { lookIntoRoom } from './look-into-room.ts'
import type { Caller, RoomDeps } from './room-deps.ts'

export type AddMemberRequest = Omit<RequestOf<typeof declaration>, 'token'>
export type AddMemberRefusal = RefusalOf<typeof declaration>

/**
 * POST /room/addMember. Fewer than 40 members: the contact is pulled in. 40 or more: it is sent a card and becomes a
 * member when it accepts (AM-20). Refusals are checked in the order of the table (G-10).
 */
export async function addMember(
  ask: AddMemberRequest,
  { workspaceId }: Caller,
  deps: RoomDeps,
): Promise<Result<void, AddMemberRefusal>> {
  const chosen = chooseBot(deps.roster, workspaceId, ask.botUserId)
  if (!chosen.ok) return chosen
  const bot = chosen.value
  if (bot.account?.kind === 'wechat') return refuse('not-wecom')
  if (bot.session.state !== 'online') return refuse('bot-offline')

  // Two names of one contact are one addition (AM-24).
  const contactWxid = await wxidOf(bot, ask.contactWxid, deps)
  return deps.addOnce(`${bot.bot.id}\n${ask.roomWxid}\n${contactWxid}`, () =>
    add(bot, { ...ask, contactWxid }, deps),
  )
}

async function add(
  bot: HostedBot,
  ask: AddMemberRequest,
  deps: RoomDeps,
): Promise<Result<void, AddMemberRefusal>> {
  const look = await lookIntoRoom(deps, bot, ask.roomWxid)
  if (look.found === 'unknown' || look.found === 'unreadable') return refuse('room-load-failed')
  if (look.found === 'outside') return refuse('bot-not-in-room')
  const { room } = look
  if (!room.external) return refuse('room-internal')

  if (hasMember(room, ask.contactWxid)) return refuse('already-member')
  const contact = await findContact(bot, ask.contactWxid, deps)
  // Nobody can say whether it is a friend: that is the puppet's failure, and no stranger.
  if (contact === 'unread') return refuse('add-failed')
  if (contact && hasMember(room, contact.wxid)) return refuse('already-member')
  if (!contact || !(contact.isFriend || contact.coworker)) return refuse('not-friend')
  if (room.members.length >= ROOM_MEMBERS_MAX) return refuse('room-full')

  const workspace = await findWorkspace(deps.db, bot.bot.workspaceId)
  const myTurn = await deps.pace.turn(bot.bot.id, workspace?.paceAdditions ?? false)
  if (!myTurn) return refuse('add-failed')

  const how = room.members.length >= ROOM_MEMBERS_CARD_MIN ? 'card' : 'pull'
  return askPuppet(bot, room.wxid, contact.wxid, how, deps)
}

async function askPuppet(
  bot: HostedBot,
  roomWxid: RoomWxid,
  contactWxid: ContactWxid,
  how: 'pull' | 'card',
  deps: RoomDeps,
): Promise<Result<void, AddMemberRefusal>> {
  try {
    await bot.addMember(roomWxid, contactWxid, how)
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn(
      { bot: bot.bot.id, room: roomWxid, failure: failure.name },
      'the puppet did not add a member',
    )
    // A call that timed out may have happened all the same: look before reporting.
    const happened =
      failure instanceof PuppetTimeout &&
      how === 'pull' &&
      (await seeMember(bot, roomWxid, contactWxid, deps))
    return happened ? done(undefined) : refuse('add-failed')
  }
  if (how === 'pull') await seeMember(bot, roomWxid, contactWxid, deps)
  return done(undefined)
}

/** Reads the room again and keeps it, so that the store shows the new member at once (AM-21). Whether it is there. */
async function seeMember(
  bot: HostedBot,
  roomWxid: RoomWxid,
  contactWxid: ContactWxid,
  deps: RoomDeps,
): Promise<boolean> {
  const seen = await lookAgain(deps.clock, async () => {
    const look = await lookIntoRoom(deps, bot, roomWxid)
    return look.found === 'inside' && hasMember(look.room, contactWxid) ? look : null
  })
  if (!seen) return false
  await deps.chatroom.keepRoom(bot, seen, 'witnessed')
  return true
}

/** A `wm…` id is accepted too and found by its handle (AM-22). */
async function wxidOf(bot: HostedBot, named: ContactWxid, deps: RoomDeps): Promise<ContactWxid> {
  const { workspaceId, id: botId } = bot.bot
  const [byWxid] = await findContacts(deps.db, workspaceId, botId, { wxids: [named] })
  if (byWxid) return named
  const [byHandle] = await findContacts(deps.db, workspaceId, botId, { handles: [named] })
  return byHandle?.wxid ?? named
}

/**
 * Who is meant, with today's friendship: the puppet knows it better than the store. Null: nobody knows it. Unread: the
 * store does not know it, and the puppet did not say. Another hosted account of the workspace is an ordinary coworker
 * (AM-22).
 */
async function findContact(
  bot: HostedBot,
  wxid: ContactWxid,
  deps: RoomDeps,
): Promise<Contact | 'unread' | null> {
  const [known = null] = await findContacts(deps.db, bot.bot.workspaceId, bot.bot.id, { wxids: [wxid] })
  try {
    return (await bot.readContact(wxid)) ?? known
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    return known ?? 'unread'
  }
}
