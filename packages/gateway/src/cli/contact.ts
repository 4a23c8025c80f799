import type { ContactRecord } from '@qunhub/wire'
import { importCommand } from './import-contacts.ts'
import { wholeNumber } from './read/whole-number.ts'
import type { Declare } from './run-cli.ts'
import { type Column, renderTable } from './show/table.ts'
import { verbCommand } from './verb-command.ts'

export const contactCommands: Declare = (program, shell, exitWith) => {
  const contact = program.command('contact').description('联系人 / contacts')

  verbCommand(contact.command('list'), 'list-contacts', {
    shell,
    exitWith,
    show: ({ contacts, next }) =>
      [
        renderTable(contacts, columns),
        ...(next === null
          ? []
          : [`还有更多: 加 --after ${next} 看下一页 / there are more: --after ${next} shows the next page`]),
      ].join('\n'),
  })
    .option('--bot <bot>', '某个机器人认识的 / whom this bot knows')
    .option(
      '--id <id>',
      'wxid、userId、externalUserId 或 unionId / a wxid, userId, externalUserId or unionId',
    )
    .option('--after <wxid>', '从此 wxid 之后 / behind this wxid')
    .option('--limit <count>', '最多几个, 默认 100 / at most so many, by default 100', wholeNumber)

  verbCommand(contact.command('resolve'), 'resolve-contacts', {
    shell,
    exitWith,
    show: ({ asked, resolved }) => `询问 ${asked}, 得到 ${resolved} / asked ${asked}, resolved ${resolved}`,
  }).option(
    '--limit <count>',
    '最多询问几个, 默认 100 / ask for at most so many, by default 100',
    wholeNumber,
  )

  importCommand(contact, shell, exitWith)
}

const columns: readonly Column<ContactRecord>[] = [
  { title: 'wxid', cell: contact => contact.wxid, whole: true },
  { title: '名称 name', cell: contact => contact.name },
  { title: 'userId', cell: contact => contact.userId ?? '-', whole: true },
  { title: 'externalUserId', cell: contact => contact.externalUserId ?? '-', whole: true },
  { title: 'unionId', cell: contact => contact.unionId ?? '-', whole: true },
  {
    title: '关系 is',
    cell: contact => (contact.coworker ? '同事 coworker' : contact.isFriend ? '好友 friend' : '-'),
  },
  { title: '机器人 bot', cell: contact => contact.botId, whole: true },
]
