import { z } from 'zod'
import { WorkspaceId } from '../model/ids.ts'
import { CallbackMember } from '../model/member.ts'
import { roomHead } from '../model/room.ts'

/** The flat body of both callbacks of the page; the keys stand in the order in which they travel (CB). */
export const ChatroomBody = z
  .object({
    ...roomHead,
    members: z.array(CallbackMember),
    group: WorkspaceId.meta({ description: '群聊所属小组 id / id of the workspace' }),
    syncedTime: z
      .int()
      .meta({ description: 'bot 获取到同步信息的时间, 毫秒 / when the bot learned of it, in milliseconds' }),
  })
  .meta({ id: 'ChatroomBody' })

export type ChatroomBody = z.infer<typeof ChatroomBody>

/** One kind of callback. `path` is appended to the customer's callback base (CB-5). */
export interface CallbackDeclaration {
  readonly kind: string
  readonly path: `/${string}`
  readonly summary: string
  readonly body: z.ZodType
}
