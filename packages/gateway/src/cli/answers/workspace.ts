import type { WorkspaceRecord } from '@qunhub/wire'
import { showOnOff } from '../read/on-off.ts'
import { showTime } from '../show/show-time.ts'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const workspaceAnswers = {
  'add-workspace': (added, width) => renderTable([added], columns, width),
  'list-workspaces': ({ workspaces }, width) => renderTable(workspaces, columns, width),
  'set-workspace': (set, width) => renderTable([set], columns, width),
} satisfies Answers

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
