import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { endpoints, generalAnswers } from '@qunhub/wire'
import { expect, test } from 'vitest'

const explain = (...args: string[]) => runCliHere(['explain', ...args].join(' '), {})

test.each([
  ['an endpoint that there is not', ['quit', '-1'], 'addMember'],
  ['a code that the endpoint does not have', ['addMember', '-99'], '-12'],
])('CLI-100 %s is told with what there is, and ends with 2', async (_what, args, there) => {
  const { exitCode, stderr } = await explain(...args)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(there)
})

test('CLI-100 a code is told with its meaning, how to check it and what to do next', async () => {
  const { exitCode, stdout } = await explain('addMember', '-8')
  expect(exitCode).toBe(0)
  for (const words of [
    '和bot不是好友关系',
    'not-friend',
    '含义 means',
    '检查 check',
    '下一步 next',
    '/contact/list',
  ])
    expect(stdout).toContain(words)
})

test.each([
  ['/room/list', '-1', 'roomList -1'],
  ['room/addMember', '-8', 'addMember -8'],
  ['ADDMEMBER', '-8', 'addMember -8'],
  ['/room/exit', '400', 'exit 400'],
  ['listByMember', '429', 'Retry-After'],
])(
  'CLI-100 %s %s: a path will do, and so does a code that any endpoint may answer',
  async (endpoint, code, told) => {
    const { exitCode, stdout } = await explain(endpoint, code)
    expect(exitCode).toBe(0)
    expect(stdout).toContain(told)
  },
)

test('CLI-100 what is the same in both languages, a path, is told once', async () => {
  for (const { name } of endpoints)
    for (const line of (await explain(name, '-9')).stdout.split('\n')) {
      const [chinese, english] = line.replace(/^.*? {2,}/, '').split(' / ')
      if (english !== undefined) expect(english).not.toBe(chinese)
    }
})

test('CLI-100 two refusals of one number are both told', async () => {
  const { stdout } = await explain('create', '-10')
  expect(stdout).toContain('invitees-too-few')
  expect(stdout).toContain('invitees-too-many')
})

test('CLI-100 of an endpoint alone all codes are listed, for programs as JSON', async () => {
  for (const { name, refusals } of endpoints) {
    const { stdout } = await explain(name, '--json')
    const told = JSON.parse(stdout) as {
      code: number
      help: { means: { chinese: string; english: string } }
    }[]
    expect(told.map(({ code }) => code)).toEqual(
      [...Object.values(refusals), ...generalAnswers].map(({ code }) => code),
    )
    for (const { help } of told) expect(Object.values(help.means).every(words => words.length > 3)).toBe(true)
  }
})
