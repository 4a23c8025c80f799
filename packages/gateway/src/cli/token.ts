import type { TokenRecord } from '@qunhub/wire'
import type { Declare } from './run-cli.ts'
import { showTime } from './show/show-time.ts'
import { type Column, renderFacts, renderTable } from './show/table.ts'
import { verbCommand } from './verb-command.ts'

export const tokenCommands: Declare = (program, shell, exitWith) => {
  const token = program.command('token').description('调用 API 的 token / tokens of the API')

  verbCommand(token.command('issue'), 'issue-token', {
    shell,
    exitWith,
    show: issued =>
      `${renderFacts([
        ['token', issued.token],
        ['ID', issued.id],
        ['工作区 workspace', issued.workspaceId],
        ['用于 realm', issued.realm],
      ])}\n只显示这一次, 请妥善保存 / shown only this once: keep it safe`,
  })
    .option('--label <text>', '用途备注 / what it is for')
    .option(
      '--realm <realm>',
      'api: 群聊接口 (默认); manage: 管理接口 / api: the group-chat API (default); manage: the management API',
    )
  verbCommand(token.command('list'), 'list-tokens', {
    shell,
    exitWith,
    show: ({ tokens }) => renderTable(tokens, columns),
  })
  verbCommand(token.command('revoke <id>'), 'revoke-token', {
    shell,
    exitWith,
    show: revoked => `已吊销 / revoked: ${revoked.id}`,
  })
}

const columns: readonly Column<TokenRecord>[] = [
  { title: 'ID', cell: token => token.id, whole: true },
  { title: '备注 label', cell: token => token.label },
  { title: '用于 realm', cell: token => token.realm },
  { title: '签发于 issued', cell: token => showTime(token.createdAt) },
  { title: '吊销于 revoked', cell: token => showTime(token.revokedAt) },
]
