import type { MatchRecord } from '@qunhub/wire'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const matchAnswers = {
  'list-matches': ({ matches, moreRooms }, width) =>
    [renderTable(matches, columns, width), ...(moreRooms ? [MORE_ROOMS] : [])].join('\n'),
} satisfies Answers

const MORE_ROOMS =
  '可能还有别的群: 用 qunhub room list --search 接着找 / there may be more rooms: qunhub room list --search looks on'

const KINDS: Readonly<Record<MatchRecord['kind'], string>> = {
  bot: '机器人 bot',
  room: '群 room',
  contact: '联系人 contact',
  callback: '回调 callback',
  request: '请求 request',
  tag: '标签 tag',
  token: 'token',
}

const columns: readonly Column<MatchRecord>[] = [
  { title: '种类 kind', cell: match => KINDS[match.kind] },
  { title: 'ID', cell: match => match.id, whole: true },
  { title: '名字 name', cell: match => match.name },
  { title: '说明 about', cell: match => match.about },
]
