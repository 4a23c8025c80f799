/**
 * An event of a puppet is a hint: its order is not kept, its lists may be incomplete, its inviter empty, and names may
 * stand for ids. So the room or contact is read again and compared, and what happened is derived from the difference.
 */
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { hasMember, type Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { PuppetExcess } from '../puppet/puppet-failures.ts'
import type { BotHint } from '../puppet/roster.ts'
import { SECOND_MS, sleep } from '../system/clock.ts'
import { type ChatroomDeps, forgetRoom, keepContact, keepRoom, type ReadRoom } from './keep-room.ts'
import type { BotNamed } from './occasion.ts'
import { refreshAccount } from './refresh-account.ts'
import type { RequestsInRooms } from './requests-in-rooms.ts'
import { leavesOut } from './survey.ts'
import { warnOfExcess } from './warn-of-excess.ts'

/** WeCom tells of a room before the room is visible to the bot itself, so it is looked at more than once. */
const LOOKS_MAX = 3
const LOOK_AGAIN_MS = 300
const LOOK_AT_THE_LIST_MS = SECOND_MS

export interface FollowingDeps extends ChatroomDeps {
  readonly requests: RequestsInRooms
}

/** Brings the store up to date with what the hint points at, and owes `joined` if the bot turns out to have entered. */
export async function followHint(deps: FollowingDeps, bot: HostedBot, hint: BotHint): Promise<void> {
  switch (hint.kind) {
    case 'room-changed':
      return followRoom(deps, bot, hint)
    case 'contact-changed':
      return followContact(deps, bot, hint.contactWxid)
    case 'room-invite':
      // A card waits for the account's owner to accept it on the phone; the join that follows is a hint of its own.
      deps.log.info({ bot: bot.bot.id, invitation: hint.invitationId }, 'the bot was sent a card')
      return
    default:
      hint satisfies never
  }
}

type RoomHint = Extract<BotHint, { kind: 'room-changed' }>

async function followRoom(deps: FollowingDeps, bot: HostedBot, hint: RoomHint): Promise<void> {
  const { roomWxid, why } = hint
  if (await isKeptByRequest(deps, bot, hint)) return
  // Who is said to have left needs no patience; a room that is looked at again has had it.
  const looks = ['leave', 'late', 'asked'].includes(why) ? 1 : LOOKS_MAX
  const read = await lookUntilInside(deps, bot, roomWxid, looks)
  if (read === 'excess') return
  if (read && isInside(bot, read.room)) {
    const isLeftOut = leavesOut(deps.notes.surveyOf(bot), roomWxid)
    await keepRoom(deps, bot, read, () => ({ why: 'witnessed', ...namedIn(bot, hint.joined) }))
    if (isLeftOut) bot.hurryLook()
    return
  }
  const begun = read?.begun ?? deps.notes.begin()
  const hasLeft = saysThatItLeft(bot, hint)
  const listed = read && hasLeft ? [] : await bot.listRooms()
  if (listed.includes(roomWxid)) {
    deps.log.warn(
      { bot: bot.bot.id, room: roomWxid },
      'a listed room does not show the bot inside; kept as it was, and looked at again later',
    )
    // Requests must not use up what a room that comes late has.
    if (why !== 'asked') bot.lookLater(roomWxid)
  } else if (hasLeft || (read && listed.length > 0)) await forgetRoom(deps, bot, roomWxid, begun)
  else waitForRoom(deps, bot, hint)
}

/** What the event tells is in what a request has read since, unless it tells of the bot itself. */
async function isKeptByRequest(
  { clock, notes, requests }: FollowingDeps,
  bot: HostedBot,
  { roomWxid, joined, left }: RoomHint,
): Promise<boolean> {
  if (namedIn(bot, joined) || namedIn(bot, left) || leavesOut(notes.surveyOf(bot), roomWxid)) return false
  const heard = notes.begin()
  await requests.over(clock, bot.tenure, roomWxid)
  return notes.isKeptSince(bot.tenure, roomWxid, heard)
}

/** Neither listed nor shown whole, and nobody said that the bot has left it: the puppet may not have loaded it yet. */
function waitForRoom(deps: ChatroomDeps, bot: HostedBot, { roomWxid, joined }: RoomHint): void {
  const named = namedIn(bot, joined)
  if (named) {
    deps.notes.missed(bot.tenure, roomWxid, { why: 'witnessed', ...named })
    bot.lookLater(roomWxid)
  }
  bot.lookAgain(LOOK_AT_THE_LIST_MS)
}

/** Whether the bot is among those who are said to have come, or gone; some puppets put names for ids. */
function namedIn(bot: HostedBot, people: readonly string[] = []): { names: BotNamed } | null {
  if (!bot.account) return null
  if (people.includes(bot.account.wxid)) return { names: 'the-bot' }
  return people.includes(bot.account.nickName) ? { names: 'its-name' } : null
}

/** Unless it is said to have come back after that. */
const saysThatItLeft = (bot: HostedBot, { why, joined, left }: RoomHint): boolean =>
  namedIn(bot, left) !== null && (why === 'leave' || namedIn(bot, joined) === null)

const isInside = (bot: HostedBot, room: Room): boolean =>
  bot.account !== null && hasMember(room, bot.account.wxid)

/** As it shows the bot inside, or else as it was last seen; null when it could not be read. */
async function lookUntilInside(
  deps: ChatroomDeps,
  bot: HostedBot,
  roomWxid: RoomWxid,
  looks: number,
): Promise<ReadRoom | 'excess' | null> {
  for (let look = 1; ; look++) {
    const begun = deps.notes.begin()
    const room = await readOrWarn(deps, bot, roomWxid)
    if (room === 'excess') return room
    const isLast = look >= looks
    if (room && (isLast || isInside(bot, room))) return { room, begun }
    if (isLast) return null
    await sleep(deps.clock, LOOK_AGAIN_MS)
  }
}

/** A sync, which stands in for other failures, could not read such a room either. */
async function readOrWarn(
  deps: ChatroomDeps,
  bot: HostedBot,
  wxid: RoomWxid,
): Promise<Room | 'excess' | null> {
  try {
    return await bot.readRoom(wxid, { fresh: true, isKept: true })
  } catch (failure) {
    if (!(failure instanceof PuppetExcess)) throw failure
    warnOfExcess(deps, bot, wxid, failure)
    return 'excess'
  }
}

async function followContact(deps: ChatroomDeps, bot: HostedBot, contactWxid: ContactWxid): Promise<void> {
  if (contactWxid === bot.account?.wxid) await refreshAccount(deps, bot)
  const begun = deps.notes.begin()
  const contact = await bot.readContact(contactWxid, { fresh: true, isKept: true })
  if (contact) await keepContact(deps, bot, { contact, begun })
}
