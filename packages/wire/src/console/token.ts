import { z } from 'zod'
import { WorkspaceId } from '../model/ids.ts'
import { text } from '../model/text.ts'
import { anyId, instant, verb, workspaceChoice, workspaceRefusals } from './door/verb.ts'

const LABEL_LENGTH_MAX = 100

/** What a token opens: `api` the group-chat page, `manage` the management of its workspace; never both. */
export const TokenRealm = z.enum(['api', 'manage'])

export type TokenRealm = z.infer<typeof TokenRealm>

/** A token as lists show it: never the secret itself, of which only an HMAC is kept. */
export const TokenRecord = z
  .object({
    id: z.string(),
    label: z.string(),
    realm: TokenRealm,
    createdAt: instant(),
    revokedAt: instant().nullable(),
  })
  .meta({ id: 'TokenRecord' })

export type TokenRecord = z.infer<typeof TokenRecord>

export const tokenVerbs = {
  'issue-token': verb({
    summary: '签发 token, 只显示一次 / Issue a token; it is shown once',
    role: 'owner',
    byToken: false,
    command: 'token issue',
    examples: [
      ['给 CRM 一个群聊接口的 token / a token of the API for a CRM', 'qunhub token issue --label crm'],
      ['管理接口的 token / a token of the management API', 'qunhub token issue --realm manage --label ops'],
    ],
    input: z.object({
      ...workspaceChoice,
      label: text(LABEL_LENGTH_MAX)
        .default('')
        .meta({ description: '备注, 便于辨认 / what it is for, so that people know it again' }),
      realm: TokenRealm.default('api').meta({
        description:
          'api 群聊接口, manage 管理接口 / what it opens: api is the group-chat page, manage the management of the workspace',
      }),
    }),
    output: z.object({
      id: z.string(),
      workspaceId: WorkspaceId,
      label: z.string(),
      realm: TokenRealm,
      token: z.string(),
    }),
    refusals: workspaceRefusals,
  }),
  'list-tokens': verb({
    summary: '列出 token (不含密文) / List the tokens, not their secrets',
    role: 'viewer',
    byToken: false,
    command: 'token list',
    examples: [['签发过哪些 token, 含已吊销的 / which were issued, revoked ones too', 'qunhub token list']],
    input: z.object(workspaceChoice),
    output: z.object({ tokens: z.array(TokenRecord) }),
    refusals: workspaceRefusals,
  }),
  'revoke-token': verb({
    summary: '吊销 token / Revoke a token',
    role: 'owner',
    byToken: false,
    command: 'token revoke <id>',
    examples: [['吊销, 按备注或 id / revoke one, by its label or its id', 'qunhub token revoke crm']],
    input: z.object({
      ...workspaceChoice,
      id: anyId().meta({
        description: 'token 的 id 或备注, 不是 token 本身 / id or label of the token, not the token itself',
      }),
    }),
    output: z.object({ id: z.string(), revokedAt: instant() }),
    refusals: {
      ...workspaceRefusals,
      'token-ambiguous': '多个 token 备注相同, 请用 id / several tokens have this label; give the id',
      'token-unknown':
        '该工作区没有这个 token, 或已吊销, 用 qunhub token list 查看 / the workspace has no such token, or it is revoked; see: qunhub token list',
    },
  }),
} as const
