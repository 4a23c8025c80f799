import type { TagRecord } from '@qunhub/wire'
import type { Declare } from './run-cli.ts'
import { type Column, renderFacts, renderTable } from './show/table.ts'
import { verbCommand } from './verb-command.ts'

export const tagCommands: Declare = (program, shell, exitWith) => {
  const tag = program.command('tag').description('秒回标签 / tags on chats')

  verbCommand(tag.command('add <name>'), 'add-tag', {
    shell,
    exitWith,
    show: added => renderTable([added], columns),
  })
  verbCommand(tag.command('rename <tag> <name>'), 'rename-tag', {
    shell,
    exitWith,
    show: ({ id, name }) =>
      renderFacts([
        ['ID', id],
        ['名称 name', name],
      ]),
  })
  verbCommand(tag.command('remove <tag>'), 'remove-tag', {
    shell,
    exitWith,
    show: ({ id, chats }) => `已删除 ${id}, 从 ${chats} 个群去掉 / removed, and taken off ${chats} chats`,
  })
  verbCommand(tag.command('list'), 'list-tags', {
    shell,
    exitWith,
    show: ({ tags }) => renderTable(tags, columns),
  })
  verbCommand(tag.command('assign <tag> <chats...>'), 'assign-tag', {
    shell,
    exitWith,
    show: ({ chats }) => renderTable(chats, chatColumns),
  })
  verbCommand(tag.command('unassign <tag> <chats...>'), 'unassign-tag', {
    shell,
    exitWith,
    show: ({ chats }) => renderTable(chats, chatColumns),
  })
}

const columns: readonly Column<TagRecord>[] = [
  { title: 'ID', cell: tag => tag.id, whole: true },
  { title: '名称 name', cell: tag => tag.name },
  { title: '群数 chats', cell: tag => tag.roomCount },
]

type Outcome = 'assigned' | 'already' | 'unassigned' | 'not-assigned'

const chatColumns: readonly Column<{ chatId: string; outcome: Outcome }>[] = [
  { title: 'chatId', cell: chat => chat.chatId, whole: true },
  { title: '结果 outcome', cell: chat => outcomeWords[chat.outcome] },
]

const outcomeWords: Readonly<Record<Outcome, string>> = {
  assigned: '已打标签 assigned',
  already: '原本就有 already',
  unassigned: '已去掉 unassigned',
  'not-assigned': '原本没有 not assigned',
}
