import type { AuditRecord } from '@qunhub/wire'
import { showTime } from '../show/show-time.ts'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const auditAnswers = {
  'list-audit': ({ entries, next }, width) =>
    [
      renderTable(entries, columns, width),
      ...(next === null ? [] : [`还有更多 / there are more: --before ${next}`]),
    ].join('\n'),
} satisfies Answers

const columns: readonly Column<AuditRecord>[] = [
  { title: '时间 at', cell: entry => showTime(entry.at) },
  { title: '来路 realm', cell: entry => entry.realm },
  { title: '谁 who', cell: entry => entry.who || (entry.whoId ?? '-') },
  { title: '操作 verb', cell: entry => entry.verb, whole: true },
  { title: '结果 outcome', cell: entry => entry.outcome },
  { title: '工作区 workspace', cell: entry => entry.workspaceId ?? '-' },
  { title: '对象 about', cell: entry => JSON.stringify(entry.about) },
]
