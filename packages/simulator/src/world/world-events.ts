import type { BotState, Message, Wxid } from './world-state.ts'

/** What happened in the world, told to whoever listens: above all the puppet server. */
export type WorldEvent =
  | { type: 'room-join'; roomWxid: Wxid; joined: Wxid[]; inviterId: Wxid | null; at: number }
  | { type: 'room-leave'; roomWxid: Wxid; left: Wxid[]; removerId: Wxid; at: number }
  | { type: 'room-topic'; roomWxid: Wxid; changerId: Wxid; oldTopic: string; newTopic: string; at: number }
  | { type: 'room-owner'; roomWxid: Wxid }
  | { type: 'room-invite'; invitationId: string; contactWxid: Wxid }
  | { type: 'member-alias'; roomWxid: Wxid; wxid: Wxid }
  | { type: 'contact-changed'; wxid: Wxid }
  | { type: 'friendship'; botWxid: Wxid; contactWxid: Wxid }
  | { type: 'message'; message: Message }
  | { type: 'scan'; wxid: Wxid }
  | { type: 'verification'; wxid: Wxid }
  | { type: 'bot-state'; wxid: Wxid; state: BotState; before: BotState }

export type WorldListener = (event: WorldEvent) => void
