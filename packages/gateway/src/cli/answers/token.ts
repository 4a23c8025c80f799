import type { TokenRecord } from '@qunhub/wire'
import { showTime } from '../show/show-time.ts'
import { type Column, renderFacts, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const tokenAnswers = {
  'issue-token': (issued, width) =>
    `${renderFacts(
      [
        ['token', issued.token],
        ['ID', issued.id],
        ['工作区 workspace', issued.workspaceId],
        ['用于 realm', issued.realm],
      ],
      width,
    )}\n只显示这一次, 请妥善保存 / shown only this once: keep it safe`,
  'list-tokens': ({ tokens }, width) => renderTable(tokens, columns, width),
  'revoke-token': revoked => `已吊销 / revoked: ${revoked.id}`,
} satisfies Answers

const columns: readonly Column<TokenRecord>[] = [
  { title: 'ID', cell: token => token.id, whole: true },
  { title: '备注 label', cell: token => token.label },
  { title: '用于 realm', cell: token => token.realm },
  { title: '签发于 issued', cell: token => showTime(token.createdAt) },
  { title: '吊销于 revoked', cell: token => showTime(token.revokedAt) },
]
