import type { PersonRecord } from '@qunhub/wire'
import { showTime } from '../show/show-time.ts'
import { type Column, renderFacts, renderTable } from '../show/table.ts'
import type { Answers } from './answer.ts'

export const personAnswers = {
  'list-people': ({ people }, width) => renderTable(people, columns, width),
  'add-person': ({ person, ...issued }, width) =>
    `${renderTable([person], columns, width)}\n${showCode(issued)}`,
  'set-role': (person, width) => renderTable([person], columns, width),
  'remove-person': {
    show: ({ id }) => `已移除 / removed: ${id}`,
    sure: named => `移除 ${named}? / remove ${named}?`,
  },
  'issue-setup-code': issued => showCode(issued),
} satisfies Answers

const showCode = ({ code, codeExpiresAt }: { code: string; codeExpiresAt: number }): string =>
  `${renderFacts([
    ['设置码 setup code', code],
    ['有效至 valid until', showTime(codeExpiresAt)],
  ])}\n只显示这一次; 在控制台的登录页填写, 用一次即失效 / shown only this once: enter it where the console asks one to sign in; it works once`

const columns: readonly Column<PersonRecord>[] = [
  { title: 'ID', cell: person => person.id, whole: true },
  { title: '姓名 name', cell: person => person.name },
  { title: '角色 role', cell: person => person.role },
  { title: '口令 password', cell: person => (person.hasPassword ? '有 / yes' : '无 / none') },
  { title: '登录数 sessions', cell: person => String(person.sessions) },
  { title: '上次登录 signed in', cell: person => showTime(person.signedInAt) },
  { title: '添加于 added', cell: person => showTime(person.createdAt) },
]
