import { type CallbackDeclaration, ChatroomBody } from './body.ts'

/** POST <base>/chatroom/loaded: a room was synced: at the bot's start, on request, or found changed (CB-1, CB-2). */
export const loaded = {
  kind: 'chatroom/loaded',
  path: '/chatroom/loaded',
  summary: '同步到群事件 / A room was synced',
  body: ChatroomBody,
} as const satisfies CallbackDeclaration
