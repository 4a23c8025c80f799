import { both } from './both.ts'

/** The words of the page of people. */
export const peopleWords = both(
  {
    name: '姓名',
    role: '角色',
    signedIn: '上次登录',
    sessions: '登录数',
    never: '还没登录过',
    noPassword: '还没设口令',
    add: '添加人员…',
    setRole: '改角色…',
    code: '重设口令…',
    codeWhy: '得到一个一次性设置码，用它设新口令。',
    remove: '移除…',
    removeWhy: '立即退出其所有登录。',
    once: '一次性设置码，只显示这一次：',
    until: '有效至',
  },
  {
    name: 'Name',
    role: 'Role',
    signedIn: 'Last signed in',
    sessions: 'Sessions',
    never: 'never',
    noPassword: 'no password yet',
    add: 'Add a person…',
    setRole: 'Change the role…',
    code: 'Reset the password…',
    codeWhy: 'You get a one-time setup code that sets a new password.',
    remove: 'Remove…',
    removeWhy: 'All their sessions end at once.',
    once: 'One-time setup code, shown this once:',
    until: 'Good until',
  },
)
