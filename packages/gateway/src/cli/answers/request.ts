import type { RequestRecord, VerbOutput } from '@qunhub/wire'
import { showTime } from '../show/show-time.ts'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const requestAnswers = {
  'list-requests': ({ requests, next }) =>
    [
      renderTable(requests, columns),
      ...(next === null ? [] : [`还有更多 / there are more: --before ${next}`]),
    ].join('\n'),
  'try-request': {
    show: ({ status, code, ms, requestId, answer, isWhole }) =>
      [
        `HTTP ${status}  code ${code ?? '-'}  ${ms} ms  ${requestId ?? ''}`.trimEnd(),
        answer,
        ...(isWhole ? [] : ['… 太长, 只给出开头 / too long: this is its beginning']),
      ].join('\n'),
    isBad: ({ status, code }) => status !== 200 || (code ?? 0) !== 0,
  },
  'show-callback-rate': ({ steps }) => renderTable(steps, steppedColumns),
} satisfies Answers

const columns: readonly Column<RequestRecord>[] = [
  { title: '时间 at', cell: request => showTime(request.at) },
  { title: '接口 endpoint', cell: request => request.endpoint, whole: true },
  { title: '状态 status', cell: request => request.status },
  { title: 'code', cell: request => request.code ?? '-' },
  { title: 'token', cell: request => request.tokenLabel || request.tokenId },
  { title: '毫秒 ms', cell: request => request.ms },
  { title: '请求号 request', cell: request => request.requestId, whole: true },
]

const steppedColumns: readonly Column<VerbOutput<'show-callback-rate'>['steps'][number]>[] = [
  { title: '时间 at', cell: step => showTime(step.at) },
  { title: '成功 delivered', cell: step => step.delivered },
  { title: '再试 retried', cell: step => step.retried },
  { title: '停放 parked', cell: step => step.parked },
  { title: '隔离 quarantined', cell: step => step.quarantined },
]
