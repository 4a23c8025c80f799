import { both } from './both.ts'

/** The words of the page that tells who did what. */
export const auditWords = both(
  {
    at: '时间',
    who: '谁',
    realms: { machine: '本机命令行', management: '管理令牌', console: '控制台' },
    verb: '操作',
    about: '涉及',
    outcome: '结果',
    done: '完成',
    none: '还没有记录',
    first: '最新的',
  },
  {
    at: 'When',
    who: 'Who',
    realms: { machine: 'command line', management: 'management token', console: 'console' },
    verb: 'Did what',
    about: 'About',
    outcome: 'Outcome',
    done: 'done',
    none: 'Nothing yet',
    first: 'The newest',
  },
)
