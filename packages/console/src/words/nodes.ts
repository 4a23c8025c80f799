import { both } from './both.ts'

/** The words of the page of nodes. */
export const nodesWords = both(
  {
    address: '地址',
    bots: '机器人',
    isThis: '本节点',
    connected: '连着数据库',
    away: '连不上数据库',
    free: (bots: number) => `没有节点运行的机器人：${bots}`,
    none: '没有节点',
  },
  {
    address: 'Address',
    bots: 'Bots',
    isThis: 'this node',
    connected: 'connected to the database',
    away: 'database away',
    free: bots => `Bots that no node runs: ${bots}`,
    none: 'No nodes',
  },
)
