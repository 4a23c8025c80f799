import type { ContactRecord } from '@qunhub/wire'
import { importCommand } from '../import-contacts.ts'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const contactAnswers = {
  'list-contacts': ({ contacts, next }, width) =>
    [
      renderTable(contacts, columns, width),
      ...(next === null
        ? []
        : [`还有更多: 加 --after ${next} 看下一页 / there are more: --after ${next} shows the next page`]),
    ].join('\n'),
  'resolve-contacts': ({ asked, resolved }) =>
    `询问 ${asked}, 得到 ${resolved} / asked ${asked}, resolved ${resolved}`,
  'import-contacts': importCommand,
} satisfies Answers

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
