import { both } from './both.ts'

export const rateWords = both(
  {
    title: '每分钟回调',
    titleOf: (minutes: number) => (minutes === 1 ? '每分钟回调' : `每 ${minutes} 分钟回调`),
    spans: { '1h': '1 小时', '6h': '6 小时', '1d': '24 小时', '7d': '7 天' },
    span: '时间范围',
    outcomes: { delivered: '送达', retried: '失败再试', parked: '停放', quarantined: '隔离' },
    drag: '在图上拖选一段时间，看这段时间产生的回调；图按投递结束的时间计，之前产生的不在其中。',
    summary: (told: string) => `回调数量的柱状图。${told}。表格在图的下方。`,
    table: '以表格查看',
    at: '时间',
    none: '这段时间没有投递过回调。',
    last: (rows: number) => `只列最近 ${rows} 段`,
    late: '最近几秒的可能还没算进来。',
  },
  {
    title: 'Callbacks a minute',
    titleOf: minutes => (minutes === 1 ? 'Callbacks a minute' : `Callbacks per ${minutes} minutes`),
    spans: { '1h': '1 hour', '6h': '6 hours', '1d': '24 hours', '7d': '7 days' },
    span: 'Range',
    outcomes: {
      delivered: 'delivered',
      retried: 'failed, tried again',
      parked: 'parked',
      quarantined: 'quarantined',
    },
    drag: 'Drag over the chart to see the callbacks that were owed in that time; the chart counts when they ended, and what was owed before is not among them.',
    summary: told => `A bar chart of callbacks. ${told}. The table is below it.`,
    table: 'As a table',
    at: 'When',
    none: 'No callback was sent in this time.',
    last: rows => `Only the last ${rows} are listed`,
    late: 'The last seconds may not be counted yet.',
  },
)
