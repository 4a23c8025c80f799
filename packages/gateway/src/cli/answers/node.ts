import type { NodeRecord } from '@qunhub/wire'
import { type Column, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const nodeAnswers = {
  'list-nodes': ({ live, nodes, free }, width) =>
    [
      renderTable(nodes, columns, width),
      ...(free > 0 ? [`没有节点运行的机器人 / bots that no node runs: ${free}`] : []),
      ...(live ? [] : [NOT_LIVE]),
    ].join('\n'),
} satisfies Answers

const columns: readonly Column<NodeRecord>[] = [
  { title: 'ID', cell: node => node.id, whole: true },
  { title: '地址 address', cell: node => node.address ?? '-', whole: true },
  { title: '机器人 bots', cell: node => node.bots },
  { title: '已连数据库 connected', cell: node => (node.connected ? '是 yes' : '否 no') },
  { title: '应答的 this', cell: node => (node.isThis ? '是 yes' : '') },
]

const NOT_LIVE =
  '这里没有网关应答, 以上为数据库的记录 / no gateway answers here: these are the ones that the store knows'
