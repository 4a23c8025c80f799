import { AssertionError } from 'node:assert/strict'
import { expect, test } from 'vitest'
import type { BotSession } from '../model/bot.ts'
import { waitAfter } from './back-off.ts'
import { move } from './session.ts'

const NEW: BotSession = { state: 'new' }
const CONNECTING: BotSession = { state: 'connecting', since: 0 }
const OFFLINE: BotSession = { state: 'offline', since: 0, reason: 'UNAVAILABLE' }

test.each([
  [NEW, OFFLINE],
  [NEW, NEW],
  [OFFLINE, NEW],
  [OFFLINE, CONNECTING],
  [CONNECTING, CONNECTING],
])('BOT-30 a bot that is %o does not become %o', (from, to) => {
  expect(() => move(from, to)).toThrow(AssertionError)
})

test('BOT-31 a new bot connects, and whatever comes after that may come', () => {
  expect(move(NEW, CONNECTING)).toBe(CONNECTING)
  expect(move(CONNECTING, OFFLINE)).toBe(OFFLINE)
})

test.each([
  [0, [250, 250, 500, 1000, 2000, 2500, 2500]],
  [0.999, [250, 500, 1000, 2000, 4000, 5000, 5000]],
])('BOT-32 with chance %d the waits between tries are %j ms', (fraction, waits) => {
  const random = { fraction: () => fraction, bytes: () => Buffer.alloc(0) }
  const waited = waits.map((_, failures) => waitAfter(failures + 1, { min: 250, max: 5000 }, random))
  expect(waited.map(ms => Math.round(ms / 10) * 10)).toEqual(waits)
})
