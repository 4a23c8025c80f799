import { both } from './both.ts'

/** The words of the page of nodes. */
export const nodesWords = both(
  {
    address: '地址',
    bots: '机器人',
    isThis: '本节点',
    store: '数据库',
    connected: '连着',
    away: '连不上',
    free: (bots: number) => `没有节点运行的机器人：${bots}`,
    none: '没有节点',
  },
  {
    address: 'Address',
    bots: 'Bots',
    isThis: 'this node',
    store: 'Database',
    connected: 'connected',
    away: 'away',
    free: bots => `Bots that no node runs: ${bots}`,
    none: 'No nodes',
  },
)
