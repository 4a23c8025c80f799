import { joined, loaded, roomJoined, roomLeft, roomTopic } from '@qunhub/wire'
import type { OwedCallback } from '../model/callback.ts'
import { toChatroomBody } from '../model/room.ts'
import {
  type ChatHead,
  toEventMember,
  toRoomJoinedBody,
  toRoomLeftBody,
  toRoomTopicBody,
  toSelf,
} from '../model/room-event.ts'
import type { LeftChat, SavedRoom } from '../store/rooms/rooms.ts'

/** What a save means to the customer, besides what the save itself found different. */
export interface Meaning {
  /** The bot itself entered while it ran, and nobody was told yet (CB-3). */
  readonly entered: boolean
  /** Owed as `chatroom/loaded` in any case, so whoever else joined is no `chatroom/joined` (CB-3). */
  readonly isStart: boolean
  /** The room was synced (CB-1), or a reconcile found it changed (CB-2). */
  readonly loaded: boolean
}

/**
 * What is owed for one save, as far as the workspace wants to hear it (CB-13), in the order in which the customer hears it: first what happened, then how the room stands
 * now. `at` in milliseconds.
 */
export function oweForSave(
  { chat, joined: others, left, renamed, switches }: SavedRoom,
  { entered, isStart, loaded: isLoaded }: Meaning,
  at: number,
): OwedCallback[] {
  const isJoined = entered || (switches.joinedOnAnyMember && !isStart && others.length > 0)
  const newcomers = [...(entered ? [toSelf(chat.bot, chat.room.members)] : []), ...others.map(toEventMember)]
  const owed: OwedCallback[] = []
  if (switches.chatroomJoined && isJoined) owed.push(owe(joined.kind, chat, toChatroomBody(chat, at)))
  if (switches.roomJoined && newcomers.length > 0)
    owed.push(owe(roomJoined.kind, chat, toRoomJoinedBody(chat, newcomers, at)))
  if (switches.roomLeft && left.length > 0)
    owed.push(owe(roomLeft.kind, chat, toRoomLeftBody(chat, left.map(toEventMember), at)))
  if (switches.roomTopic && renamed) owed.push(owe(roomTopic.kind, chat, toRoomTopicBody(chat, at)))
  if (switches.chatroomLoaded && isLoaded) owed.push(owe(loaded.kind, chat, toChatroomBody(chat, at)))
  return owed
}

/** What is owed when the bot itself has left; asked only where the workspace wants to hear it (NB-6). */
export const oweForLeave = ({ chat, self }: LeftChat, at: number): OwedCallback =>
  owe(roomLeft.kind, chat, toRoomLeftBody(chat, [toSelf(chat.bot, self)], at))

// Rendered once: these bytes are stored, signed and sent, on the first try and on every later one (CB-9).
const owe = (kind: OwedCallback['kind'], chat: ChatHead, body: object): OwedCallback => ({
  kind,
  laneKey: chat.room.wxid,
  body: Buffer.from(JSON.stringify(body)),
})
