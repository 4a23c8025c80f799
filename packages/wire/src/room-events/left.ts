import { z } from 'zod'
import type { CallbackDeclaration } from '../chatroom/body.ts'
import { RoomEventMember, roomEventFoot, roomEventHead } from './facts.ts'

export const RoomLeftBody = z
  .object({ ...roomEventHead, leftMembers: z.array(RoomEventMember), ...roomEventFoot })
  .meta({ id: 'RoomLeftBody' })

export type RoomLeftBody = z.infer<typeof RoomLeftBody>

/** POST <base>/room/left: members left or were removed, or the bot itself (NB-6). */
export const roomLeft = {
  kind: 'room/left',
  path: '/room/left',
  summary: '成员退群事件 (工作区开启后) / Members left (where switched on)',
  body: RoomLeftBody,
} as const satisfies CallbackDeclaration
