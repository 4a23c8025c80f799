import type { WorkspaceRecord } from '@qunhub/wire'
import { onOrOff, showOnOff } from './read/on-off.ts'
import type { Declare } from './run-cli.ts'
import { showTime } from './show/show-time.ts'
import { type Column, renderTable } from './show/table.ts'
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
    .option(
      '--verify-additions <on|off>',
      '拉人后确认成员已在群内才答 0 / a pull is answered 0 only when the member was seen in the room',
      onOrOff,
    )
    .option(
      '--chatroom-joined <on|off>',
      '回调 chatroom/joined, 默认开 / on by default: the bot entered',
      onOrOff,
    )
    .option(
      '--chatroom-loaded <on|off>',
      '回调 chatroom/loaded, 默认开 / on by default: a room was read',
      onOrOff,
    )
    .option(
      '--joined-on-any-member <on|off>',
      '任何成员入群都回调 chatroom/joined / chatroom/joined whoever joins',
      onOrOff,
    )
    .option('--room-joined <on|off>', '回调 room/joined: 成员入群 / members joined', onOrOff)
    .option('--room-left <on|off>', '回调 room/left: 成员退群 / members left', onOrOff)
    .option('--room-topic <on|off>', '回调 room/topic: 群名变更 / a room was renamed', onOrOff)
}

const columns: readonly Column<WorkspaceRecord>[] = [
  { title: 'ID', cell: workspace => workspace.id, whole: true },
  { title: '名称 name', cell: workspace => workspace.name },
  { title: 'wecomChatId', cell: workspace => showOnOff(workspace.showWecomChatId) },
  { title: '限速 pacing', cell: workspace => showOnOff(workspace.paceAdditions) },
  { title: '确认入群 verified', cell: workspace => showOnOff(workspace.verifyAdditions) },
  { title: 'chatroom/joined', cell: workspace => showOnOff(workspace.chatroomJoined) },
  { title: 'chatroom/loaded', cell: workspace => showOnOff(workspace.chatroomLoaded) },
  { title: '成员入群 any join', cell: workspace => showOnOff(workspace.joinedOnAnyMember) },
  { title: 'room/joined', cell: workspace => showOnOff(workspace.roomJoined) },
  { title: 'room/left', cell: workspace => showOnOff(workspace.roomLeft) },
  { title: 'room/topic', cell: workspace => showOnOff(workspace.roomTopic) },
  { title: '创建于 created', cell: workspace => showTime(workspace.createdAt) },
]
