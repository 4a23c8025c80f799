import assert from 'node:assert/strict'
import type { ChatId, create as declaration, RefusalOf, RequestOf, RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../bot/hosted-bot.ts'
import { isPuppetFailure, PuppetTimeout } from '../bot/puppet-failures.ts'
import type { BotAccount } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { chatIdOf, hasMember, type Room } from '../model/room.ts'
import { listChatsOfBot } from '../store/rooms.ts'
import { chooseBot } from './choose-bot.ts'
import { gatherInvitees } from './gather-invitees.ts'
import { lookAgain } from './look-again.ts'
import { lookIntoRoom } from './look-into-room.ts'
import type { Caller, RoomDeps } from './room-deps.ts'

export type CreateRequest = Omit<RequestOf<typeof declaration>, 'token'>
export type CreateRefusal = RefusalOf<typeof declaration>
export interface CreatedRoom {
  readonly chatId: ChatId
  readonly roomWxid: RoomWxid
}

/**
 * POST /room/create: a new room owned by the bot, with coworkers (`userIds`, on top) and 2 to 40 people. The store
 * knows the room and `joined` is owed before the answer leaves (CR-24).
 */
export async function create(
  ask: CreateRequest,
  { workspaceId }: Caller,
  deps: RoomDeps,
): Promise<Result<CreatedRoom, CreateRefusal>> {
  const chosen = chooseBot(deps.roster, workspaceId, ask.botUserId)
  if (!chosen.ok) return chosen
  const bot = chosen.value
  if (bot.account?.kind === 'wechat') return refuse('not-wecom')
  if (bot.session.state !== 'online') return refuse('bot-offline')

  const invitees = await gatherInvitees(ask, bot, deps)
  if (!invitees.ok) return invitees

  const roomWxid = await askPuppet(bot, invitees.value, ask.name ?? '', deps)
  if (!roomWxid) return refuse('create-failed')
  await keepNewRoom(bot, roomWxid, invitees.value, ask.name ?? '', deps)
  await greet(bot, roomWxid, ask.greeting, deps)
  assert(bot.account, 'an online bot has an account')
  return done({ chatId: chatIdOf(workspaceId, bot.account.wxid, roomWxid), roomWxid })
}

/** The new room's wxid, or null when there is none. */
async function askPuppet(
  bot: HostedBot,
  invitees: readonly Contact[],
  topic: string,
  deps: RoomDeps,
): Promise<RoomWxid | null> {
  // Noted before asking: when the call times out, its room's join event may come first and make the room known.
  const known = await listChatsOfBot(deps.db, bot.bot.workspaceId, bot.bot.id)
  try {
    return await bot.createRoom(
      invitees.map(contact => contact.wxid),
      topic,
    )
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn({ bot: bot.bot.id, failure: failure.name }, 'the puppet did not create a room')
    // A call that timed out may have happened all the same. It is never repeated: two rooms cannot be taken back.
    return failure instanceof PuppetTimeout ? findNewRoom(bot, invitees, topic, known) : null
  }
}

/** The room that a timed-out call left behind: one that was not known before, owned by the bot, with these people. */
async function findNewRoom(
  bot: HostedBot,
  invitees: readonly Contact[],
  topic: string,
  known: readonly { readonly roomWxid: RoomWxid }[],
): Promise<RoomWxid | null> {
  const before = new Set(known.map(chat => chat.roomWxid))
  try {
    for (const wxid of (await bot.listRooms()).filter(listed => !before.has(listed))) {
      const room = await bot.readRoom(wxid, { fresh: true })
      if (room && isTheNewRoom(room, bot, invitees, topic)) return wxid
    }
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
  }
  return null
}

const isTheNewRoom = (room: Room, bot: HostedBot, invitees: readonly Contact[], topic: string): boolean =>
  room.ownerId === bot.account?.wxid &&
  (topic === '' || room.topic === topic) &&
  room.members.length === invitees.length + 1 &&
  invitees.every(contact => hasMember(room, contact.wxid))

/** Saves the room as the puppet shows it, or, while it does not, as it must be: the bot and everybody invited (CR-24). */
async function keepNewRoom(
  bot: HostedBot,
  roomWxid: RoomWxid,
  invitees: readonly Contact[],
  topic: string,
  deps: RoomDeps,
): Promise<void> {
  // Older than every look below: whatever anybody sees of the room is better than what was asked for.
  const begun = deps.chatroom.begin()
  const kept = await lookAgain(deps.clock, async () => {
    const look = await lookIntoRoom(deps, bot, roomWxid)
    return look.found === 'inside' ? deps.chatroom.keepRoom(bot, look, 'created') : null
  })
  if (kept) return
  deps.log.warn(
    { bot: bot.bot.id, room: roomWxid },
    'a new room cannot be read yet; kept as it was asked for',
  )
  await deps.chatroom.keepRoom(bot, { room: roomAsAsked(bot, roomWxid, invitees, topic), begun }, 'created')
}

const roomAsAsked = (bot: HostedBot, wxid: RoomWxid, invitees: readonly Contact[], topic: string): Room => {
  assert(bot.account, 'an online bot has an account')
  return {
    wxid,
    topic,
    avatarUrl: '',
    ownerId: bot.account.wxid,
    external: invitees.some(contact => !contact.coworker),
    wecomChatId: null,
    members: [asContact(bot.account), ...invitees].map(contact => ({ contact, roomAlias: null })),
  }
}

const asContact = (account: BotAccount): Contact => ({
  wxid: account.wxid,
  name: account.nickName,
  alias: null,
  avatarUrl: account.avatarUrl,
  gender: 0,
  type: account.kind === 'wecom' ? 3 : 1,
  isFriend: false,
  coworker: account.kind === 'wecom',
  corporation: null,
  handle: account.userId,
  unionId: null,
})

/** CR-22: a greeting that fails does not undo the room. */
async function greet(
  bot: HostedBot,
  roomWxid: RoomWxid,
  greeting: string | null | undefined,
  deps: RoomDeps,
): Promise<void> {
  if (!greeting) return
  try {
    await bot.sendText(roomWxid, greeting)
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn(
      { bot: bot.bot.id, room: roomWxid, failure: failure.name },
      'the greeting was not sent; the room stands',
    )
  }
}
