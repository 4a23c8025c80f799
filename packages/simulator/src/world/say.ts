import { mintMessageId } from './mint-ids.ts'
import { MESSAGES_MAX } from './platform-limits.ts'
import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { Message, Wxid } from './world-state.ts'

/** Somebody speaks: in a room of its own, or to one person. Bots that can hear it are told. */
export function say(world: World, from: Wxid, conversationId: Wxid, text: string): Message {
  world.person(from)
  if (!world.knows(conversationId)) world.memberOf(world.room(conversationId), from)

  const message: Message = {
    id: mintMessageId(world.chance),
    roomWxid: conversationId,
    from,
    text,
    at: world.clock.now(),
  }
  world.messages.push(message)
  if (world.messages.length > MESSAGES_MAX) world.messages.shift()
  world.tell({ type: 'message', message })
  return message
}

/** To whom somebody speaks who does not say to whom: the first bot that has it as a friend or coworker. */
export function botThatKnows(world: World, wxid: Wxid): Wxid {
  world.person(wxid)
  const bot = world.bots.values().find(each => each.wxid !== wxid && world.canInvite(each, wxid))
  if (!bot) throw new WeComRefused('not-friend', wxid)
  return bot.wxid
}

/** Whether a bot takes part in the conversation: it spoke, was spoken to, or is in the room. */
export const hears = (world: World, bot: Wxid, { from, roomWxid }: Message): boolean =>
  from === bot || roomWxid === bot || (world.rooms.get(roomWxid)?.members.has(bot) ?? false)
