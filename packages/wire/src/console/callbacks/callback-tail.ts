import { z } from 'zod'
import { instant, verb, wholeNumber, workspaceChoice } from '../door/verb.ts'
import { CALLBACK_NAME, CallbackRecord, callbackId, callbackRefusals, WEBHOOK_ID } from './callback.ts'

const CALLBACKS_PER_READ_DEFAULT = 20
/** Each comes with its body, which may have 150 KB; so fewer come where they have more than 1 MiB together. */
const CALLBACKS_PER_READ_MAX = 100

export const callbackTailVerbs = {
  'list-callbacks-after': verb({
    summary:
      '跟着看回调: 一产生、一投递就显示; 只看, 什么都不改 / Follow callbacks as they are owed and delivered; it only looks',
    role: 'viewer',
    byToken: true,
    command: 'callback listen',
    examples: [
      ['从现在起 / from now on', 'qunhub callback listen'],
      [
        '从两小时前起, 并签名转发到本机的程序 / since two hours ago, each posted on to a program here, signed',
        'qunhub callback listen --since 2h --forward-to http://127.0.0.1:8080/callbacks',
      ],
      [
        '接着上次看到的 / on from the one that was seen last',
        'qunhub callback listen --after msg_YELuWBIAZGgSvsHAea1GySJB',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      after: z
        .union([callbackId(), z.string().regex(WEBHOOK_ID, { error: CALLBACK_NAME })], {
          error: CALLBACK_NAME,
        })
        .optional()
        .meta({
          description:
            '从这个回调之后看起, 它的编号或 webhook-id / look on from behind this callback, by its number or webhook-id',
        }),
      from: instant().optional().meta({
        description: '或从此时产生的看起 / or from those that were owed since then',
      }),
      limit: wholeNumber(1, CALLBACKS_PER_READ_MAX).default(CALLBACKS_PER_READ_DEFAULT).meta({
        description:
          '一次最多几个; 内容合计超过 1 MiB 时更少 / so many at once at most; fewer where their bodies have more than 1 MiB',
      }),
    }),
    output: z.object({
      callbacks: z
        .array(CallbackRecord.extend({ body: z.string() }))
        .meta({ description: '之后产生的, 旧的在前 / those behind it, oldest first' }),
      recent: z.array(CallbackRecord).meta({
        description:
          '在它之前最近的, 新的在前, 现在的样子 / the latest up to it, newest first, as they are now',
      }),
      more: z.boolean().meta({ description: '后面还有 / whether there are more behind' }),
    }),
    refusals: callbackRefusals,
  }),
} as const
