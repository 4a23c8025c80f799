import { AssertionError } from 'node:assert/strict'
import { BotState, ContactWxid, UserId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { BotAccount, BotSession } from '../model/bot.ts'
import { waitAfter } from './back-off.ts'
import { move } from './session.ts'

const account: BotAccount = {
  wxid: ContactWxid.parse('1688000000000001'),
  userId: UserId.parse('xiaobei'),
  nickName: '小北',
  avatarUrl: '',
  kind: 'wecom',
}

/** One of each; a state that is missing here does not compile. */
const sessions: { readonly [S in BotSession['state']]: BotSession & { readonly state: S } } = {
  new: { state: 'new' },
  connecting: { state: 'connecting', since: 0 },
  'awaiting-scan': {
    ...{ state: 'awaiting-scan', since: 0, givenAt: 0, scan: 'waiting' },
    qrcode: 'https://login.example/1',
  },
  online: { state: 'online', since: 0, account },
  reconnecting: { state: 'reconnecting', since: 0, attempt: 1, reason: 'UNAVAILABLE', nextTryAt: 250 },
  offline: { state: 'offline', since: 0, reason: 'UNAVAILABLE' },
  'logged-out': { state: 'logged-out', since: 0, reason: '手机端退出' },
  'wrong-account': { state: 'wrong-account', since: 0, account, reason: 'another account is logged in' },
  occupied: { state: 'occupied', since: 0, nextTryAt: 30_000 },
}

// Columns in the order of the rows: new, connecting, awaiting-scan, online, reconnecting, offline, logged-out, wrong-account, occupied.
const table = [
  ['new          ', '. x . . . . . . .'],
  ['connecting   ', '. . x x x x x x x'],
  ['awaiting-scan', '. . x x x x x x x'],
  ['online       ', '. . x x x x x x x'],
  ['reconnecting ', '. . x x x x x x x'],
  ['offline      ', '. . x x x x x x x'],
  ['logged-out   ', '. . x x x x x x x'],
  ['wrong-account', '. . x x x x x x x'],
  ['occupied     ', '. . x x x x x x .'],
] as const
const all = Object.values(sessions)

test('BOT-30 the contract names every state of a bot, and no other', () => {
  expect(BotState.options).toEqual(Object.keys(sessions))
})

const moves = table.flatMap(([name, row], from) => {
  expect(name.trim()).toBe(all[from]!.state)
  return row.split(' ').map((mark, to) => ({ from: all[from]!, to: all[to]!, isLegal: mark === 'x' }))
})

test.each(moves.filter(({ isLegal }) => !isLegal))(
  'BOT-30 a bot that is $from.state does not become $to.state',
  ({ from, to }) => {
    expect(() => move(from, to)).toThrow(AssertionError)
  },
)

test.each(moves.filter(({ isLegal }) => isLegal))(
  'BOT-31 a bot that is $from.state may become $to.state',
  ({ from, to }) => {
    expect(move(from, to)).toBe(to)
  },
)

test('BOT-31 the table speaks of every state', () => {
  expect(moves).toHaveLength(all.length ** 2)
})

test.each([
  [0, [250, 250, 500, 1000, 2000, 2500, 2500]],
  [0.999, [250, 500, 1000, 2000, 4000, 5000, 5000]],
])('BOT-32 with chance %d the waits between tries are %j ms', (fraction, waits) => {
  const random = { fraction: () => fraction, bytes: () => Buffer.alloc(0) }
  const waited = waits.map((_, failures) => waitAfter(failures + 1, { min: 250, max: 5000 }, random))
  expect(waited.map(ms => Math.round(ms / 10) * 10)).toEqual(waits)
})
