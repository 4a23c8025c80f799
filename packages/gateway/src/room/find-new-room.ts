/**
 * How a create whose answer nobody heard is found out: the bot's rooms are compared with those that there were before.
 *
 * Ours is a room that was not there before, that the bot owns, with exactly the people who were asked for, and under the
 * name that was asked for. Two creates of the same people would each see the other's room as its own, so they take turns
 * (`creation-turns.ts`), and a room that one of them has answered with is nobody else's.
 */
import type { RoomWxid } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'
import { hasMember, type Room } from '../model/room.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure, PuppetExcess } from '../puppet/puppet-failures.ts'
import { listChatsOfBot } from '../store/rooms/rooms.ts'
import { isInAnAnswer } from '../store/workspaces/idempotency.ts'
import { lookAgain } from './look-again.ts'
import type { RoomDeps } from './room-deps.ts'

/** Which rooms the bot was in before the puppet was asked. Small, because the store knows nearly all of them. */
export interface RoomsBefore {
  /** Chats of the bot up to this ordinal were in the store. */
  readonly lastOrdinal: number
  /** The puppet listed these, and the store did not know them yet. */
  readonly unkept: readonly RoomWxid[]
}

/** Whom and what a room was asked for with. */
export interface AskedRoom {
  readonly invitees: readonly Contact[]
  /** Empty: any name fits, because WeCom makes one up. */
  readonly topic: string
}

/** Null when the puppet does not say: whatever is created then could not be told from what was there. */
export async function noteRooms(bot: HostedBot, deps: RoomDeps): Promise<RoomsBefore | null> {
  try {
    // Whichever is read first: what was there before both is in one of them.
    const [listed, known] = await Promise.all([
      bot.listRooms(),
      listChatsOfBot(deps.db, bot.bot.workspaceId, bot.bot.id),
    ])
    const kept = new Set(known.map(chat => chat.roomWxid))
    return {
      lastOrdinal: Math.max(0, ...known.map(chat => chat.ordinal)),
      unkept: listed.filter(wxid => !kept.has(wxid)),
    }
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    deps.log.warn({ bot: bot.bot.id, failure: failure.name }, 'the rooms before a create could not be listed')
    return null
  }
}

/** The room that appeared since; null when there is none, or nobody could look. Whoever gets it has it for himself. */
export const findNewRoom = (
  bot: HostedBot,
  asked: AskedRoom,
  before: RoomsBefore,
  deps: RoomDeps,
): Promise<RoomWxid | null> =>
  lookAgain(deps.clock, async () => {
    try {
      for (const wxid of await listNewRooms(bot, before, deps)) {
        const room = await readOrPass(bot, wxid)
        if (!room || !isAsAsked(room, bot, asked)) continue
        if (await isSomebodyElses(bot, wxid, deps)) continue
        if (deps.creations.answerWith(bot, wxid)) return wxid
      }
    } catch (failure) {
      if (!isPuppetFailure(failure)) throw failure
    }
    return null
  })

/** One with far more in it than anybody asked for is not ours, and must not hide the one that is. */
async function readOrPass(bot: HostedBot, wxid: RoomWxid): Promise<Room | null> {
  try {
    return await bot.readRoom(wxid, { fresh: true })
  } catch (failure) {
    if (failure instanceof PuppetExcess) return null
    throw failure
  }
}

async function listNewRooms(bot: HostedBot, before: RoomsBefore, deps: RoomDeps): Promise<RoomWxid[]> {
  const listed = await bot.listRooms()
  const known = await listChatsOfBot(deps.db, bot.bot.workspaceId, bot.bot.id)
  const old = new Set(before.unkept)
  for (const chat of known) if (chat.ordinal <= before.lastOrdinal) old.add(chat.roomWxid)
  return listed.filter(wxid => !old.has(wxid))
}

/** The answer to another key, perhaps by a node that runs the bot no more. */
const isSomebodyElses = (bot: HostedBot, wxid: RoomWxid, deps: RoomDeps): Promise<boolean> =>
  isInAnAnswer(deps.db, bot.bot.workspaceId, JSON.stringify({ roomWxid: wxid }).slice(1, -1))

const isAsAsked = (room: Room, bot: HostedBot, { invitees, topic }: AskedRoom): boolean =>
  room.ownerId === bot.account?.wxid &&
  (topic === '' || room.topic === topic) &&
  room.members.length === invitees.length + 1 &&
  invitees.every(contact => hasMember(room, contact.wxid))
