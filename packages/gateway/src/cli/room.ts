import type { ChatRecord } from '@qunhub/wire'
import { wholeNumber } from './read/whole-number.ts'
import type { Declare } from './run-cli.ts'
import { type Column, renderTable } from './show/table.ts'
import { verbCommand } from './verb-command.ts'

export const roomCommands: Declare = (program, shell, exitWith) => {
  const room = program.command('room').description('群 / rooms, as the bots see them')

  verbCommand(room.command('list'), 'list-chats', {
    shell,
    exitWith,
    show: ({ chats, next }) =>
      [
        renderTable(chats, columns),
        ...(next === null
          ? []
          : [`还有更多: 加 --after ${next} 看下一页 / there are more: --after ${next} shows the next page`]),
      ].join('\n'),
  })
    .option('--bot <bot>', 'botId 或 userId / bot id or userId')
    .option('--topic <text>', '群名包含的文字 / part of the topic')
    .option('--after <chatId>', '从此 chatId 之后 / behind this chatId')
    .option('--limit <count>', '最多条数, 默认 100 / at most so many, by default 100', wholeNumber)
}

const columns: readonly Column<ChatRecord>[] = [
  { title: 'chatId', cell: chat => chat.chatId, whole: true },
  { title: 'roomWxid', cell: chat => chat.roomWxid, whole: true },
  { title: '群名 topic', cell: chat => chat.topic },
  { title: '人数 members', cell: chat => chat.memberCount },
  { title: '托管账号 bot', cell: chat => chat.botNickName ?? chat.botId },
]
