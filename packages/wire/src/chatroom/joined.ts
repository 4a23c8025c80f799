import { type CallbackDeclaration, ChatroomBody } from './body.ts'

/** POST <base>/chatroom/joined: the bot itself entered a room while it ran (CB-3). */
export const joined = {
  kind: 'chatroom/joined',
  path: '/chatroom/joined',
  summary: '加入群事件 / The bot entered a room',
  body: ChatroomBody,
} as const satisfies CallbackDeclaration
