import type { BotRecord } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { staleOf, wantsSomebody } from '../src/bots/code-shown.ts'
import { modulesOf, qrPath } from '../src/bots/qr-path.ts'
import {
  idToType,
  isWebAddress,
  nameOf,
  needsSomebody,
  sentenceOf,
  standingOf,
} from '../src/bots/standing.ts'
import { filledIn } from '../src/fields/field.ts'
import { isAtLeast } from '../src/frame/role.ts'
import { todosOf } from '../src/overview/todos.ts'
import { zh } from '../src/words/words.ts'

type Session = BotRecord['session']

const session = (facts: Partial<Session>): Session => ({
  ...{ state: 'online', since: 0, reason: '', qrcode: null, verification: null, deaf: null },
  ...facts,
})
const bot = (id: string, facts: Partial<Session>): BotRecord =>
  ({
    ...{
      id,
      workspaceId: 'w',
      endpoint: '10.0.0.8:18788',
      discovery: null,
      tls: false,
      isPlainAbroad: false,
    },
    ...{ expectedUserId: null, account: null, additionsInLastMinute: 0, createdAt: 0 },
    session: session(facts),
  }) as BotRecord

test('UI-30 a bot that is connected and deaf looks no better than one that is away', () => {
  const deaf = session({ deaf: { since: 0, stage: 'operator' } })
  expect(standingOf(deaf, zh.bots)).toEqual({ tone: 'bad', word: '听不到' })
  expect(sentenceOf(deaf, zh.bots)).toContain('收不到任何事件')
  expect(standingOf(session({}), zh.bots)).toEqual({ tone: 'ok', word: '在线' })
  expect(standingOf(session({ verification: 'code' }), zh.bots).word).toBe('待验证')
  expect([session({}), session({ state: 'connecting' }), deaf].map(needsSomebody)).toEqual([
    false,
    false,
    true,
  ])
})

test('UI-30 a bot goes by its name, else by the account that is expected, else by its id', () => {
  const unnamed = bot('b1', {})
  const account = { wxid: '1688', userId: 'xiaobei', nickName: '小北', kind: 'wecom' } as never
  expect([nameOf(unnamed), idToType(unnamed)]).toEqual(['b1', 'b1'])
  expect(nameOf({ ...unnamed, expectedUserId: 'xiaobei' as never })).toBe('xiaobei')
  expect([nameOf({ ...unnamed, account }), idToType({ ...unnamed, account })]).toEqual(['小北', 'xiaobei'])
})

test('UI-31 a QR code is drawn as what it says, module by module', () => {
  const modules = modulesOf('https://work.weixin.qq.com/x')
  const drawn = modules.map(row => row.map(() => false))
  for (const [, x, y, width] of qrPath(modules).matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    drawn[Number(y)]?.fill(true, Number(x), Number(x) + Number(width))
  expect(drawn).toEqual(modules)
  expect(['', 'x'.repeat(2953), 'x'.repeat(2954)].map(text => modulesOf(text).length)).toEqual([0, 179, 0])
  expect(qrPath([])).toBe('')
})

const AT = Date.UTC(2026, 10, 29)

test('UI-82 a code that may be dead is grey: timed out, paused, not heard of for some time, or its verification is over', () => {
  const code = { text: 'x', givenAt: AT, scan: 'waiting' } as const
  const shown = { qrcode: code, verification: null }
  const heard = { heardAt: AT, failure: null, isPaused: false, now: AT + 10_000 }
  expect(staleOf(shown, heard)).toBeNull()
  expect(staleOf({ ...shown, qrcode: { ...code, text: '', scan: 'timed-out' } }, heard)).toBe('timed-out')
  expect(staleOf({ ...shown, qrcode: null }, heard)).toBe('awaited')
  expect(staleOf(shown, { ...heard, isPaused: true })).toBe('paused')
  expect(staleOf(shown, { ...heard, failure: new Error('away') })).toBe('lost')
  // Shown again after it was hidden, and after the machine slept.
  expect(staleOf(shown, { ...heard, heardAt: null })).toBe('reading')
  expect(staleOf(shown, { ...heard, now: AT + 3_600_000 })).toBe('lost')
  const verification = { until: AT + 10_000 } as never
  expect(staleOf({ ...shown, verification }, heard)).toBe('over')
  expect(staleOf({ ...shown, verification }, { ...heard, now: AT })).toBeNull()
})

test('UI-82 nothing is shown of a login once the account is online, unless a verification is wanted', () => {
  const wants = (state: Session['state'], verification: unknown = null) =>
    wantsSomebody({ state, verification })
  expect(wants('online')).toBe(false)
  expect(wants('online', { by: 'code' })).toBe(true)
  expect((['awaiting-scan', 'logged-out', 'wrong-account'] as const).every(state => wants(state))).toBe(true)
})

test('UI-32 what a puppet calls an address is a link only where it is one of the web', () => {
  expect(['https://a.example/x', 'http://a.example'].map(isWebAddress)).toEqual([true, true])
  for (const text of ['javascript:alert(1)', 'data:text/html,x', ' https://a', 'https://', ''])
    expect(isWebAddress(text), text).toBe(false)
})

test('UI-33 what has to be done: what hurts most first, five at most, each with a place to go', () => {
  const held = { url: 'http://127.0.0.1/', breaker: 'open', openUntil: null } as const
  // The gateway has sorted them, and tells of five.
  const unwell = [
    bot('out1', { state: 'logged-out' }),
    ...[2, 3, 4].map(at => bot(`out${at}`, { state: 'offline' })),
    bot('scan', { state: 'awaiting-scan' }),
  ]
  const [none, many] = [
    { count: 0, atLeast: false },
    { count: 100, atLeast: true },
  ]
  const todos = todosOf(
    { bots: { all: 9, unwell }, address: held, callbacks: { parked: many, quarantined: none } },
    zh,
  )
  expect(todos.map(({ page }) => page)).toEqual([
    'address',
    'bots/out1',
    'bots/out2',
    'bots/out3',
    'bots/out4',
  ])
  const nothing = { bots: { all: 0, unwell: [] }, address: null }
  const [parked, spoiled, ...bare] = todosOf(
    { ...nothing, callbacks: { parked: many, quarantined: many } },
    zh,
  )
  expect(parked).toMatchObject({ what: '100+ 条回调停放', page: 'callbacks', search: { state: 'parked' } })
  expect(spoiled).toMatchObject({ what: '100+ 条回调隔离', search: { state: 'quarantined' } })
  expect(bare.map(({ page }) => page)).toEqual(['bots', 'address'])
  const callbacks = { parked: none, quarantined: none }
  const well = { bots: { all: 1, unwell: [] }, address: { ...held, breaker: 'closed' as const }, callbacks }
  expect(todosOf(well, zh)).toEqual([])
})

test('UI-34 a form sends what was typed: empty is none, and what was left as it was is not said', () => {
  const fields = [
    { name: 'endpoint', label: '', kind: 'text' },
    { name: 'token', label: '', kind: 'secret' },
    { name: 'tls', label: '', kind: 'switch', initial: true },
    { name: 'hours', label: '', kind: 'number', initial: 24, required: true },
  ] as const
  expect(filledIn(fields, { endpoint: ' 10.0.0.9:1 ', token: ' x ', tls: true, hours: 24 })).toEqual({
    ...{ endpoint: '10.0.0.9:1', token: ' x ', hours: 24 },
  })
  expect(filledIn(fields, { endpoint: '  ', token: '', tls: false, hours: 0 })).toEqual({
    tls: false,
    hours: 0,
  })
})

test('UI-35 a button that the role does not carry is shown as such', () => {
  expect(isAtLeast('viewer', 'operator')).toBe(false)
  expect([isAtLeast('operator', 'operator'), isAtLeast('owner', 'viewer')]).toEqual([true, true])
})
