import { both } from './both.ts'

/** The words of the page of tokens. */
export const tokensWords = both(
  {
    label: '备注',
    realm: '用途',
    realms: { api: '群聊接口', manage: '管理接口' },
    createdAt: '签发',
    state: '状态',
    inUse: '有效',
    revoked: '已吊销',
    issue: '签发令牌…',
    once: '只显示这一次，请现在就复制：',
    revoke: '吊销…',
    revokeWhy: '立即失效，用它的系统会收到“token 无效”。',
    none: '还没有令牌',
    noneWhy: '你们的系统调用群聊接口时要带上它。',
  },
  {
    label: 'Label',
    realm: 'Opens',
    realms: { api: 'group-chat API', manage: 'management API' },
    createdAt: 'Issued',
    state: 'State',
    inUse: 'valid',
    revoked: 'revoked',
    issue: 'Issue a token…',
    once: 'Shown this once; copy it now:',
    revoke: 'Revoke…',
    revokeWhy: 'It is void at once; whatever uses it hears “token invalid”.',
    none: 'No tokens yet',
    noneWhy: 'Your systems show one when they call the API.',
  },
)
