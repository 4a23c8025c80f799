import { both } from './both.ts'

export const passwordWords = both(
  {
    change: '修改口令…',
    title: '修改口令',
    why: '别处的登录会全部退出，这里的继续有效。',
    current: '现在的口令',
    fresh: '新口令',
    again: '再输一次新口令',
    differs: '两次输入的不一样',
    hint: '12 到 256 个字符',
    submit: '修改口令',
    changed: '口令已改，别处的登录都已退出。',
  },
  {
    change: 'Change the password…',
    title: 'Change the password',
    why: 'All other sessions of yours end; this one goes on.',
    current: 'Present password',
    fresh: 'New password',
    again: 'New password once more',
    differs: 'The two differ',
    hint: '12 to 256 characters',
    submit: 'Change the password',
    changed: 'The password is changed, and all other sessions have ended.',
  },
)
