import { expect, test } from 'vitest'
import type { BotMove } from '../model/bot.ts'
import { MOVES_WAITING_MAX, MoveTeller } from './move-teller.ts'

const move = (seq: number): BotMove => ({
  from: 'reconnecting',
  to: { state: 'offline', since: 0, reason: `${seq}` },
  at: seq,
  seq,
  missed: 0,
})

test('BOT-105 moves that come while nobody can hear them are all told later, in their order', async () => {
  const storeBack = Promise.withResolvers<void>()
  const told: number[] = []
  const teller = new MoveTeller()
  const tell = async ({ seq }: BotMove) => {
    await storeBack.promise
    told.push(seq)
  }
  for (let seq = 1; seq <= MOVES_WAITING_MAX; seq += 1) teller.add(move(seq), tell)
  storeBack.resolve()
  await teller.idle()
  expect(told).toEqual(Array.from({ length: MOVES_WAITING_MAX }, (_, at) => at + 1))
})

test('BOT-105 beyond a thousand that wait the oldest give way, and the next one says how many are missing', async () => {
  const storeBack = Promise.withResolvers<void>()
  const told: BotMove[] = []
  const teller = new MoveTeller()
  const tell = async (each: BotMove) => {
    await storeBack.promise
    told.push(each)
  }
  // The first is being told already, so it does not wait.
  const many = 1 + MOVES_WAITING_MAX + 7
  for (let seq = 1; seq <= many; seq += 1) teller.add(move(seq), tell)
  storeBack.resolve()
  await teller.idle()
  expect(told.map(({ seq, missed }) => [seq, missed]).slice(0, 3)).toEqual([
    [1, 0],
    [9, 7],
    [10, 0],
  ])
  expect(told.at(-1)).toEqual(move(many))
  expect(told).toHaveLength(1 + MOVES_WAITING_MAX)
})

test('BOT-105 what is added after a rest is told, too', async () => {
  const told: number[] = []
  const teller = new MoveTeller()
  const tell = async ({ seq }: BotMove) => void told.push(seq)
  teller.add(move(1), tell)
  await teller.idle()
  teller.add(move(2), tell)
  await teller.idle()
  expect(told).toEqual([1, 2])
})
