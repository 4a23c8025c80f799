import type { FindingRecord } from '@qunhub/wire'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const findingAnswers = {
  'list-findings': ({ findings }, width) => renderTable(findings, columns, width),
} satisfies Answers

const KINDS: Readonly<Record<FindingRecord['kind'], string>> = {
  bot: '机器人 bot',
  room: '群 room',
  contact: '联系人 contact',
  callback: '回调 callback',
  request: '请求 request',
  tag: '标签 tag',
  token: 'token',
}

const columns: readonly Column<FindingRecord>[] = [
  { title: '种类 kind', cell: finding => KINDS[finding.kind] },
  { title: 'ID', cell: finding => finding.id, whole: true },
  { title: '名字 name', cell: finding => finding.name },
  { title: '说明 about', cell: finding => finding.about },
]
