import { z } from 'zod'
import type { CallbackDeclaration } from '../chatroom/body.ts'
import { WorkspaceId } from '../model/ids.ts'

export const TestBody = z
  .object({
    test: z.literal(true).meta({ description: '总是 true: 只是测试 / always true: a test and nothing else' }),
    message: z.string().meta({ description: '给人看的一句话 / a sentence for people' }),
    group: WorkspaceId.meta({ description: '谁的测试: 小组 id / whose test it is: the workspace' }),
    timestamp: z
      .string()
      .regex(/^\d+$/)
      .meta({
        description: '发出的时间, 毫秒, 字符串 / when it was sent, milliseconds',
        examples: ['1795000000000'],
      }),
  })
  .meta({ id: 'TestBody' })

/**
 * POST <base>/callback/test: somebody tries whether the receiver takes what we sign (CB-20). It is a kind of its own, names no
 * room and no person, and is never owed: it stands in no outbox, so it is none of {@link callbacks}.
 */
export const testCallback = {
  kind: 'callback/test',
  path: '/callback/test',
  summary: '测试回调, 不是事件 / A test, and no event',
  body: TestBody,
} as const satisfies CallbackDeclaration

export type TestBody = z.infer<typeof TestBody>
