import { both } from './both.ts'

/** The words of the first page. */
export const overviewWords = both(
  {
    botsOnline: '机器人在线',
    of: (all: number) => `/ ${all}`,
    deaf: (bots: number) => `${bots} 听不到`,
    scan: (bots: number) => `${bots} 待扫码`,
    away: (bots: number) => `${bots} 不在线`,
    waiting: '回调 · 等待',
    oldest: (span: string) => `最早的等了 ${span}`,
    parked: '回调 · 停放',
    lastHour: '一小时内送达',
    retried: (count: string) => `${count} 次失败再试`,
    parkedNow: (count: string) => `${count} 条停放`,
    parkedWhy: '不再自动重试，等人处理',
    address: '回调地址',
    noAddress: '未设置',
    todo: '需要处理',
    allWell: '一切正常',
    allWellWhy: (waiting: string) =>
      waiting === '0'
        ? '机器人都在线，没有等待或停放的回调。'
        : `机器人都在线，没有停放的回调；${waiting} 条正在投递。`,
    look: '查看',
    all: '全部',
    todos: {
      breaker: '回调地址已暂停投递',
      breakerWhy: '接收方连续失败；恢复后会自动试探，也可以立即恢复。',
      parked: (count: string) => `${count} 条回调停放`,
      parkedWhy: '查明原因后重放。',
      quarantined: (count: string) => `${count} 条回调隔离`,
      quarantinedWhy: '网关自己发不出去，请看它的日志。',
      noBot: { tag: '待添加', what: '还没有机器人', why: '添加一个 puppet，再扫码登录。' },
      noAddress: { tag: '待设置', what: '还没有回调地址', why: '设置之前不产生回调。' },
    },
    steps: '开始使用',
    stepOf: {
      bot: '添加机器人',
      online: '扫码登录',
      address: '设置回调地址',
      delivered: '第一条回调送达',
    },
  },
  {
    botsOnline: 'Bots online',
    of: all => `/ ${all}`,
    deaf: bots => `${bots} deaf`,
    scan: bots => `${bots} to be scanned`,
    away: bots => `${bots} away`,
    waiting: 'Callbacks · waiting',
    oldest: span => `the oldest for ${span}`,
    parked: 'Callbacks · parked',
    lastHour: 'Delivered within the hour',
    retried: count => `${count} failed, tried again`,
    parkedNow: count => `${count} parked`,
    parkedWhy: 'not tried any more; somebody has to look',
    address: 'Callback base',
    noAddress: 'not set',
    todo: 'To be done',
    allWell: 'All is well',
    allWellWhy: waiting =>
      waiting === '0'
        ? 'All bots are online; no callback waits or is parked.'
        : `All bots are online; no callback is parked; ${waiting} are on their way.`,
    look: 'Look',
    all: 'All',
    todos: {
      breaker: 'The callback base is held',
      breakerWhy: 'The receiver failed again and again. It is probed by itself, or resumed by you.',
      parked: count => `${count} callbacks are parked`,
      parkedWhy: 'Find out why, then replay them.',
      quarantined: count => `${count} callbacks are quarantined`,
      quarantinedWhy: 'The gateway itself cannot send them: see its log.',
      noBot: { tag: 'to add', what: 'There is no bot yet', why: 'Add a puppet, then log it in by a scan.' },
      noAddress: {
        tag: 'to set',
        what: 'There is no callback base yet',
        why: 'Until there is one, no callbacks are owed.',
      },
    },
    steps: 'First steps',
    stepOf: {
      bot: 'Add a bot',
      online: 'Log it in by a scan',
      address: 'Set the callback base',
      delivered: 'The first callback is delivered',
    },
  },
)
