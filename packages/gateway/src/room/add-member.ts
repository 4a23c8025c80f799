import { isDeepStrictEqual } from 'node:util'
import type { ContactWxid, addMember as declaration, RefusalOf, RequestOf, RoomWxid } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'
import { ROOM_MEMBERS_CARD_MIN, ROOM_MEMBERS_MAX } from '../model/limits.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { hasMember, type Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure, type PuppetFailure } from '../puppet/puppet-failures.ts'
import { StoreError } from '../store/database/store-error.ts'
import { findContacts } from '../store/rooms/find-contacts.ts'
import { findWorkspace } from '../store/workspaces/workspaces.ts'
import { SECOND_MS, sleep } from '../system/clock.ts'
import { chooseBot } from './choose-bot.ts'
import { lookAgain } from './look-again.ts'
import { lookIntoRoom } from './look-into-room.ts'
import { canBeLookedAt } from './look-when-back.ts'
import type { Caller, RoomDeps } from './room-deps.ts'

export type AddMemberRequest = Omit<RequestOf<typeof declaration>, 'token'>
export type AddMemberRefusal = RefusalOf<typeof declaration>

/** How an addition was found to have gone. `seen`: the contact was seen in the room. `asked`: the puppet was told. */
export type Added = 'seen' | 'asked'

/** What a workspace that has its additions verified waits for each; a request may say otherwise (AM-25). */
const VERIFY_WAIT_MS = 10 * SECOND_MS
const LOOK_MS = 500

/**
 * POST /room/addMember. Fewer than 40 members: the contact is pulled in. 40 or more: it is sent a card and becomes a
 * member when it accepts (AM-20). Refusals are checked in the order of the table (G-10).
 *
 * `waitMs`: a pull succeeds only if the contact is seen in the room within this time, counted from now (AM-25). `cameAt`:
 * see {@link AddOnce}.
 */
export async function addMember(
  ask: AddMemberRequest,
  { workspaceId }: Caller,
  deps: RoomDeps,
  { waitMs, cameAt }: { readonly waitMs?: number | undefined; readonly cameAt: number },
): Promise<Result<Added, AddMemberRefusal>> {
  const begun = deps.clock.now()
  const chosen = chooseBot(deps.roster, workspaceId, ask.botUserId)
  if (!chosen.ok) return chosen
  const bot = chosen.value
  if (bot.account?.kind === 'wechat') return refuse('not-wecom')
  if (bot.session.state !== 'online') return refuse('bot-offline')

  const [workspace, whom] = await Promise.all([
    findWorkspace(deps.db, workspaceId),
    findNamed(bot, ask.contactWxid, deps),
  ])
  const verifyMs = waitMs ?? (workspace?.verifyAdditions ? VERIFY_WAIT_MS : null)
  const mode = {
    seeUntil: verifyMs === null ? null : begun + verifyMs,
    paced: workspace?.paceAdditions ?? false,
  }

  // Two names of one contact are one addition (AM-24).
  return deps.addOnce(`${bot.bot.id}\n${ask.roomWxid}\n${whom.wxid}`, cameAt, () =>
    add(bot, ask.roomWxid, whom, mode, deps),
  )
}

/** Who is to be added, with what the store has of him. */
interface Whom {
  readonly wxid: ContactWxid
  readonly known: Contact | null
}

/** `seeUntil`: the moment until which a pull has to be seen; null: the puppet's word counts. */
interface Mode {
  readonly seeUntil: number | null
  readonly paced: boolean
}

async function add(
  bot: HostedBot,
  roomWxid: RoomWxid,
  whom: Whom,
  mode: Mode,
  deps: RoomDeps,
): Promise<Result<Added, AddMemberRefusal>> {
  // Asked for beside the room, because the answers of the puppet are nearly all of the time that an addition takes. What is
  // read of him is kept whatever becomes of the request; who is refused for the room waits for nothing of it.
  const today = readToday(bot, whom, deps)
  // Where it is wanted its failure is heard there; where the room is refused first, nobody awaits it.
  today.catch(() => {})
  const look = await lookIntoRoom(deps, bot, roomWxid)
  if (look.found === 'unknown' || look.found === 'unreadable') return refuse('room-load-failed')
  if (look.found === 'outside') return refuse('bot-not-in-room')
  const added = await addTo(look.room, bot, { ...whom, today }, mode, deps)
  // Nothing newer was kept.
  if (!added.ok || added.value !== 'seen') await deps.chatroom.keepFound(bot, look)
  return added
}

async function addTo(
  room: Room,
  bot: HostedBot,
  { wxid, today }: { readonly wxid: ContactWxid; readonly today: ReturnType<typeof readToday> },
  { seeUntil, paced }: Mode,
  deps: RoomDeps,
): Promise<Result<Added, AddMemberRefusal>> {
  if (!room.external) return refuse('room-internal')

  if (hasMember(room, wxid)) return refuse('already-member')
  const contact = await today
  // Nobody can say whether it is a friend: that is the puppet's failure, and no stranger.
  if (contact === 'unread') return refuse('add-failed')
  if (contact && hasMember(room, contact.wxid)) return refuse('already-member')
  if (!contact || !(contact.isFriend || contact.coworker)) return refuse('not-friend')
  if (room.members.length >= ROOM_MEMBERS_MAX) return refuse('room-full')

  const myTurn = await deps.pace.turn(bot.bot.id, paced)
  if (!myTurn) return refuse('add-failed')

  // What cannot be written down afterwards is not asked for (ST-140).
  await deps.db.requireWritable()
  // Whether a card will be accepted is for its receiver to say: nothing to wait for.
  if (room.members.length >= ROOM_MEMBERS_CARD_MIN) return sendCard(bot, room.wxid, contact.wxid, deps)
  const pull = () => pullIn(bot, room, contact.wxid, seeUntil, deps)
  return deps.chatroom.acting(bot, room.wxid, pull)
}

async function sendCard(
  bot: HostedBot,
  roomWxid: RoomWxid,
  contactWxid: ContactWxid,
  deps: RoomDeps,
): Promise<Result<Added, AddMemberRefusal>> {
  const failure = await askPuppet(bot, roomWxid, contactWxid, 'card', deps)
  return failure ? refuse('add-failed') : done('asked')
}

async function pullIn(
  bot: HostedBot,
  room: Room,
  contactWxid: ContactWxid,
  seeUntil: number | null,
  deps: RoomDeps,
): Promise<Result<Added, AddMemberRefusal>> {
  const failure = await askPuppet(bot, room.wxid, contactWxid, 'pull', deps)
  // It may have happened all the same: look before reporting.
  if (failure && !(await canBeLookedAt(deps.clock, bot, failure))) return refuse('add-failed')
  if (await seeMember(bot, room, contactWxid, seeUntil, deps)) return done('seen')
  return failure || seeUntil !== null ? refuse('add-failed') : done('asked')
}

/** Null when the puppet says that it did it. */
async function askPuppet(
  bot: HostedBot,
  roomWxid: RoomWxid,
  contactWxid: ContactWxid,
  how: 'pull' | 'card',
  deps: RoomDeps,
): Promise<PuppetFailure | null> {
  try {
    await bot.addMember(roomWxid, contactWxid, how)
    return null
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn(
      { bot: bot.bot.id, room: roomWxid, failure: failure.name },
      'the puppet did not add a member',
    )
    return failure
  }
}

/**
 * Reads the room again and keeps it, so that the store shows the new member at once (AM-21): a few times, or until
 * `seeUntil`. Whether it is there.
 */
async function seeMember(
  bot: HostedBot,
  before: Room,
  contactWxid: ContactWxid,
  seeUntil: number | null,
  deps: RoomDeps,
): Promise<boolean> {
  const expected = async () => [...before.members.map(({ contact }) => contact.wxid), contactWxid]
  const look = async () => {
    const seen = await lookIntoRoom(deps, bot, before.wxid, expected)
    return seen.found === 'inside' && hasMember(seen.room, contactWxid) ? seen : null
  }
  let seen = await lookAgain(deps.clock, look)
  while (!seen && seeUntil !== null && deps.clock.now() + LOOK_MS <= seeUntil) {
    await sleep(deps.clock, LOOK_MS)
    seen = await look()
  }
  if (!seen) return false
  await deps.chatroom.keepRoom(bot, seen, 'witnessed')
  return true
}

/** A `wm…` id is accepted too and found by its handle (AM-22), and so is a coworker by his userId. */
async function findNamed(bot: HostedBot, named: ContactWxid, { db }: RoomDeps): Promise<Whom> {
  const { workspaceId, id: botId } = bot.bot
  const [byWxid] = await findContacts(db, workspaceId, botId, { wxids: [named] })
  if (byWxid) return { wxid: named, known: byWxid }
  const [byHandle] = await findContacts(db, workspaceId, botId, { handles: [named] })
  if (byHandle) return { wxid: byHandle.wxid, known: byHandle }
  const [byUserId, another] = await findContacts(db, workspaceId, botId, { userIds: [named] })
  return byUserId && !another ? { wxid: byUserId.wxid, known: byUserId } : { wxid: named, known: null }
}

/**
 * Who is meant, with today's friendship: the puppet knows it better than the store, which keeps it. Null: nobody knows it.
 * Unread: the store does not know it, and the puppet did not say. Another hosted account of the workspace is an ordinary
 * coworker (AM-22).
 */
async function readToday(
  bot: HostedBot,
  { wxid, known }: Whom,
  deps: RoomDeps,
): Promise<Contact | 'unread' | null> {
  try {
    const begun = deps.chatroom.begin()
    const today = await bot.readContact(wxid, { fresh: true, isKept: true })
    if (today && !isDeepStrictEqual(today, known)) await keepContact(bot, { contact: today, begun }, deps)
    return today ?? known
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    return known ?? 'unread'
  }
}

/** That it cannot be kept is no reason to answer anything else. */
async function keepContact(
  bot: HostedBot,
  read: { readonly contact: Contact; readonly begun: number },
  deps: RoomDeps,
): Promise<void> {
  try {
    await deps.chatroom.keepContact(bot, read)
  } catch (failure) {
    if (!(failure instanceof StoreError)) throw failure
    deps.log.warn({ bot: bot.bot.id, err: failure }, 'a contact that a request read was not kept')
  }
}
