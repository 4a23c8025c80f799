import { z } from 'zod'
import type { CallbackDeclaration } from '../chatroom/body.ts'
import { RoomEventMember, roomEventFoot, roomEventHead } from './facts.ts'

export const RoomJoinedBody = z
  .object({ ...roomEventHead, joinedMembers: z.array(RoomEventMember), ...roomEventFoot })
  .meta({ id: 'RoomJoinedBody' })

export type RoomJoinedBody = z.infer<typeof RoomJoinedBody>

/** POST <base>/room/joined: members joined, or the bot itself did (NB-6). */
export const roomJoined = {
  kind: 'room/joined',
  path: '/room/joined',
  summary: '成员入群事件 (工作区开启后) / Members joined (where switched on)',
  body: RoomJoinedBody,
} as const satisfies CallbackDeclaration
