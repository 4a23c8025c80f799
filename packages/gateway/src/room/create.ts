import assert from 'node:assert/strict'
import type { ChatId, create as declaration, RefusalOf, RequestOf, RoomWxid } from '@qunhub/wire'
import type { BotAccount } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { chatIdOf, type Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure, PuppetRefused } from '../puppet/puppet-failures.ts'
import { type Attempt, ONLY_ATTEMPT } from './answer-memory.ts'
import { chooseBot } from './choose-bot.ts'
import { type AskedRoom, findNewRoom, noteRooms, type RoomsBefore } from './find-new-room.ts'
import { gatherInvitees } from './gather-invitees.ts'
import { lookAgain } from './look-again.ts'
import { lookIntoRoom } from './look-into-room.ts'
import { canBeLookedAt } from './look-when-back.ts'
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
  attempt: Attempt = ONLY_ATTEMPT,
): Promise<Result<CreatedRoom, CreateRefusal>> {
  const chosen = chooseBot(deps.roster, workspaceId, ask.botUserId)
  if (!chosen.ok) return chosen
  const bot = chosen.value
  if (bot.account?.kind === 'wechat') return refuse('not-wecom')
  if (bot.session.state !== 'online') return refuse('bot-offline')

  const invitees = await gatherInvitees(ask, bot, deps)
  if (!invitees.ok) return invitees
  const asked = { invitees: invitees.value, topic: ask.name ?? '' }

  const roomWxid = await deps.creations.take(bot, asked.invitees, () =>
    attempt.earlier
      ? findEarlier(bot, asked, attempt.earlier, attempt, deps)
      : askPuppet(bot, asked, attempt, deps),
  )
  if (!roomWxid) return refuse('create-failed')
  await keepNewRoom(bot, roomWxid, asked, attempt, deps)
  if (ask.greeting && (await attempt.mayGreet())) await greet(bot, roomWxid, ask.greeting, deps)
  assert(bot.account, 'an online bot has an account')
  return done({ chatId: chatIdOf(workspaceId, bot.account.wxid, roomWxid), roomWxid })
}

/** The new room's wxid, or null when there is none. */
async function askPuppet(
  bot: HostedBot,
  asked: AskedRoom,
  attempt: Attempt,
  deps: RoomDeps,
): Promise<RoomWxid | null> {
  const before = await noteRooms(bot, deps)
  if (!before) return null
  // What cannot be written down afterwards is not asked for (ST-140).
  await deps.db.requireWritable()
  await attempt.note(bot.tenure, before)
  try {
    const roomWxid = await bot.createRoom(
      asked.invitees.map(contact => contact.wxid),
      asked.topic,
    )
    deps.creations.answerWith(bot, roomWxid)
    return roomWxid
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn({ bot: bot.bot.id, failure: failure.name }, 'the puppet did not create a room')
    // It may have happened all the same. It is never repeated: two rooms cannot be taken back.
    const canLook = await canBeLookedAt(deps.clock, bot, failure)
    const found = canLook ? await findNewRoom(bot, asked, before, deps) : null
    // After a timeout it may still show up.
    if (!found && !(failure instanceof PuppetRefused)) attempt.doubt()
    return found
  }
}

/** An earlier try asked, and its answer was lost with a process or a node. */
async function findEarlier(
  bot: HostedBot,
  asked: AskedRoom,
  before: RoomsBefore,
  attempt: Attempt,
  deps: RoomDeps,
): Promise<RoomWxid | null> {
  deps.log.warn({ bot: bot.bot.id }, 'what came of an earlier create is looked for; none is asked for again')
  const found = await findNewRoom(bot, asked, before, deps)
  // It may still show up.
  if (!found) attempt.doubt()
  return found
}

/** Saves the room as the puppet shows it, or, while it does not, as it must be: the bot and everybody invited (CR-24). */
async function keepNewRoom(
  bot: HostedBot,
  roomWxid: RoomWxid,
  asked: AskedRoom,
  { earlier }: Attempt,
  deps: RoomDeps,
): Promise<void> {
  // Of an earlier try's room the customer may have heard already.
  const why = earlier ? 'witnessed' : 'created'
  // Older than every look below: whatever anybody sees of the room is better than what was asked for.
  const begun = deps.chatroom.begin()
  const invited = roomAsAsked(bot, roomWxid, asked).members.map(({ contact }) => contact.wxid)
  const kept = await lookAgain(deps.clock, async () => {
    const look = await lookIntoRoom(deps, bot, roomWxid, async () => invited)
    return look.found === 'inside' ? deps.chatroom.keepRoom(bot, look, why) : null
  })
  if (kept) return
  deps.log.warn(
    { bot: bot.bot.id, room: roomWxid },
    'a new room cannot be read yet; kept as it was asked for',
  )
  await deps.chatroom.keepRoom(bot, { room: roomAsAsked(bot, roomWxid, asked), begun }, why)
}

/** Whom the store knows, it knows as well as we do, and by now perhaps better. */
const AS_ASKED = { roomAlias: null, unread: true } as const

const roomAsAsked = (bot: HostedBot, wxid: RoomWxid, { invitees, topic }: AskedRoom): Room => {
  assert(bot.account, 'an online bot has an account')
  return {
    wxid,
    topic,
    avatarUrl: '',
    ownerId: bot.account.wxid,
    external: invitees.some(contact => !contact.coworker),
    wecomChatId: null,
    members: [asContact(bot.account), ...invitees].map(contact => ({ contact, ...AS_ASKED })),
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
async function greet(bot: HostedBot, roomWxid: RoomWxid, greeting: string, deps: RoomDeps): Promise<void> {
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
