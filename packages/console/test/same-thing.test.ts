import { expect, test } from 'vitest'
import { declaredOf } from '../src/frame/declared.ts'
import { apiLine, commandLine } from '../src/frame/same-thing.ts'

test('UI-8 what a form does is shown as a command and as a call, without secrets', () => {
  const replay = declaredOf('start-replay')
  const filter = { workspace: 'w1', state: 'parked', from: Date.UTC(2026, 10, 29), dryRun: true }
  expect(commandLine(replay, filter)).toBe(
    'qunhub callback replay-range --workspace w1 --state parked --from 2026-11-29T00:00:00.000Z --dry-run',
  )
  expect(apiLine('https://q.example', 'start-replay', replay, filter)).toBe(
    `curl -X POST https://q.example/manage/start-replay -H 'Authorization: Bearer …' -d '{"state":"parked","from":1795910400000,"dryRun":true}'`,
  )
  expect(commandLine(declaredOf('replay-callbacks'), { workspace: 'w1', ids: [4, 5] })).toBe(
    'qunhub callback replay 4 5 --workspace w1',
  )
  expect(commandLine(declaredOf('set-workspace'), { workspace: 'w1', roomLeft: false })).toBe(
    'qunhub workspace set --workspace w1 --room-left off',
  )
  const add = declaredOf('add-bot')
  const bot = { workspace: 'w1', endpoint: '10.0.0.8:18788', token: 'puppet-secret', tls: false }
  expect(commandLine(add, bot)).toBe('qunhub bot add --workspace w1 --endpoint 10.0.0.8:18788 --token-file …')
  expect(apiLine('https://q.example', 'add-bot', add, bot)).toBeUndefined()
})
