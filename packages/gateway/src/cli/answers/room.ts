import type { ChatRecord, VerbOutput } from '@qunhub/wire'
import { plainText } from '../show/column-width.ts'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const roomAnswers = {
  'exit-room': {
    sure: named =>
      `让机器人 ${named} 退出这个群: 要有人再拉它才能回来。继续? / Let bot ${named} leave the room: only somebody who pulls it in brings it back. Go on?`,
    show: ({ room }) => `已退出 ${room} / left`,
  },
  'sync-room': ({ room }) => `已同步 ${room} / synced`,
  'show-chat': ({ row }) => JSON.stringify(row, null, 2),
  'list-chats': ({ chats, next, total, understood }, width) =>
    [
      ...(understood ? [understoodWords(understood)] : []),
      renderTable(chats, columns, width),
      `共 ${total.count}${total.atLeast ? '+' : ''} / in all`,
      ...(next === null
        ? []
        : [`还有更多: 加 --after ${next} 看下一页 / there are more: --after ${next} shows the next page`]),
    ].join('\n'),
} satisfies Answers

const understoodWords = ({ as, members }: NonNullable<VerbOutput<'list-chats'>['understood']>): string => {
  const who = plainText(members.map(({ name, wxid }) => `${name} ${wxid}`).join(', '))
  const words = {
    chat: 'chatId',
    room: 'roomWxid',
    contact: '成员 / member',
    words: '群名与成员名 / topics and names',
  }
  return `按 ${words[as]} 查找 / understood as${who && `: ${who}`}`
}

const columns: readonly Column<ChatRecord>[] = [
  { title: 'chatId', cell: chat => chat.chatId, whole: true },
  { title: 'roomWxid', cell: chat => chat.roomWxid, whole: true },
  { title: '群名 topic', cell: chat => chat.topic },
  { title: '人数 members', cell: chat => chat.memberCount },
  { title: '标签 tags', cell: chat => chat.tags.map(({ name }) => name).join(', ') },
  { title: '机器人 bot', cell: chat => chat.botNickName ?? chat.botId },
]
