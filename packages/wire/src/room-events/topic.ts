import { z } from 'zod'
import type { CallbackDeclaration } from '../chatroom/body.ts'
import { roomEventFoot, roomEventHead } from './facts.ts'

/** `topic` is the new one. */
export const RoomTopicBody = z.object({ ...roomEventHead, ...roomEventFoot }).meta({ id: 'RoomTopicBody' })

export type RoomTopicBody = z.infer<typeof RoomTopicBody>

/** POST <base>/room/topic: a room that the bot is in has a new name (NB-6). */
export const roomTopic = {
  kind: 'room/topic',
  path: '/room/topic',
  summary: '群名变更事件 (工作区开启后) / A room was renamed (where switched on)',
  body: RoomTopicBody,
} as const satisfies CallbackDeclaration
