import { joined, loaded } from '@qunhub/wire'
import type { OwedCallback } from '../model/callback.ts'
import { type Chat, toChatroomBody } from '../model/room.ts'

/** `joined`: the bot itself entered the room while it ran (CB-3). */
export const oweJoined = (chat: Chat, syncedTime: number): OwedCallback => owe(joined.kind, chat, syncedTime)

/** `loaded`: the room was synced (CB-1), or a reconcile found it changed (CB-2). */
export const oweLoaded = (chat: Chat, syncedTime: number): OwedCallback => owe(loaded.kind, chat, syncedTime)

// Rendered once: these bytes are stored, signed and sent, on the first try and on every later one (CB-9).
const owe = (kind: OwedCallback['kind'], chat: Chat, syncedTime: number): OwedCallback => ({
  kind,
  laneKey: chat.room.wxid,
  body: Buffer.from(JSON.stringify(toChatroomBody(chat, syncedTime))),
})
