/**
 * An event of a puppet is a hint: its order is not kept, its lists may be incomplete, its inviter empty, and names may
 * stand for ids. So the room or contact is read again and compared, and what happened is derived from the difference.
 */
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import type { HostedBot } from '../bot/hosted-bot.ts'
import { PuppetExcess } from '../bot/puppet-failures.ts'
import type { BotHint } from '../bot/roster.ts'
import { sleep } from '../model/clock.ts'
import { hasMember, type Room } from '../model/room.ts'
import { saveContacts } from '../store/contacts.ts'
import { listChatsOfBot } from '../store/rooms.ts'
import { refreshAccount } from './refresh-account.ts'
import { type ChatroomDeps, forgetRoom, keepRoom, type ReadRoom } from './keep-room.ts'
import { listRooms } from './list-rooms.ts'
import { warnOfExcess } from './warn-of-excess.ts'

/** WeCom tells of a room before the room is visible to the bot itself, so it is looked at more than once. */
const LOOKS_MAX = 3
const LOOK_AGAIN_MS = 300

/** Brings the store up to date with what the hint points at, and owes `joined` if the bot turns out to have entered. */
export async function followHint(deps: ChatroomDeps, bot: HostedBot, hint: BotHint): Promise<void> {
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

async function followRoom(
  deps: ChatroomDeps,
  bot: HostedBot,
  { roomWxid, why, joined = [] }: RoomHint,
): Promise<void> {
  // Who is said to have left needs no patience; a late room has had it.
  const looks = why === 'leave' || why === 'late' ? 1 : LOOKS_MAX
  const read = await lookUntilInside(deps, bot, roomWxid, looks)
  if (read === 'excess') return
  if (read) {
    const namesBot = bot.account !== null && joined.includes(bot.account.wxid)
    await keepRoom(deps, bot, read, { why: 'witnessed', namesBot })
    return
  }
  // Not inside, or not to be loaded. Only a room that is also off the bot's list was really left.
  const begun = deps.recency.begin()
  const known = await listChatsOfBot(deps.db, bot.bot.workspaceId, bot.bot.id)
  const listed = await listRooms(deps, bot, known.length)
  if (listed.includes(roomWxid)) {
    deps.log.warn(
      { bot: bot.bot.id, room: roomWxid },
      'a listed room does not show the bot inside; kept as it was, and looked at again later',
    )
    bot.lookLater(roomWxid)
    return
  }
  await forgetRoom(deps, bot, roomWxid, begun)
}

async function lookUntilInside(
  deps: ChatroomDeps,
  bot: HostedBot,
  roomWxid: RoomWxid,
  looks: number,
): Promise<ReadRoom | 'excess' | null> {
  for (let look = 1; ; look++) {
    const begun = deps.recency.begin()
    const room = await readOrWarn(deps, bot, roomWxid)
    if (room === 'excess') return room
    if (room && bot.account && hasMember(room, bot.account.wxid)) return { room, begun }
    if (look >= looks) return null
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
    return await bot.readRoom(wxid, { fresh: true })
  } catch (failure) {
    if (!(failure instanceof PuppetExcess)) throw failure
    warnOfExcess(deps, bot, wxid, failure)
    return 'excess'
  }
}

async function followContact(deps: ChatroomDeps, bot: HostedBot, contactWxid: ContactWxid): Promise<void> {
  if (contactWxid === bot.account?.wxid) await refreshAccount(deps, bot)
  const contact = await bot.readContact(contactWxid)
  if (contact) await saveContacts(deps.db, bot.tenure, [contact])
}
