import type { WorkspaceRecord } from '@qunhub/wire'
import { onOrOff, showOnOff } from './on-off.ts'
import type { Declare } from './run-cli.ts'
import { showTime } from './show-time.ts'
import { type Column, renderTable } from './table.ts'
import { verbCommand } from './verb-command.ts'

export const workspaceCommands: Declare = (program, shell, exitWith) => {
  const workspace = program.command('workspace').description('工作区 (小组) / workspaces')

  verbCommand(workspace.command('add <name>'), 'add-workspace', {
    shell,
    exitWith,
    show: added => renderTable([added], columns),
  })
  verbCommand(workspace.command('list'), 'list-workspaces', {
    shell,
    exitWith,
    show: ({ workspaces }) => renderTable(workspaces, columns),
  })
  verbCommand(workspace.command('set'), 'set-workspace', {
    shell,
    exitWith,
    show: set => renderTable([set], columns),
  })
    .option('--show-wecom-chat-id <on|off>', '列表返回 wecomChatId / rows carry wecomChatId', onOrOff)
    .option(
      '--pace-additions <on|off>',
      '拉人超过每分钟 50 次时排队 / additions beyond 50 a minute wait their turn',
      onOrOff,
    )
}

const columns: readonly Column<WorkspaceRecord>[] = [
  { title: 'ID', cell: workspace => workspace.id, whole: true },
  { title: '名称 name', cell: workspace => workspace.name },
  { title: 'wecomChatId', cell: workspace => showOnOff(workspace.showWecomChatId) },
  { title: '限速 pacing', cell: workspace => showOnOff(workspace.paceAdditions) },
  { title: '创建于 created', cell: workspace => showTime(workspace.createdAt) },
]
