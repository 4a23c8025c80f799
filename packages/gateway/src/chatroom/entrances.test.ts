import { expect, test } from 'vitest'
import { createEntrances } from './entrances.ts'

const bot = { botId: 'a'.repeat(24), fence: 7 }

test('CB-3 CR-24 an entrance is told once, until the bot has left the room', () => {
  const entrances = createEntrances()
  expect(entrances.tell(bot, 'R:1')).toBe(true)
  expect(entrances.tell(bot, 'R:1')).toBe(false)
  expect(entrances.tell(bot, 'R:2')).toBe(true)
  entrances.forget(bot, 'R:1')
  expect(entrances.tell(bot, 'R:1')).toBe(true)
})

test('CB-3 a bot that comes back from another node, where it left the room, is told of again when it enters', () => {
  const entrances = createEntrances()
  expect(entrances.tell(bot, 'R:1')).toBe(true)
  expect(entrances.tell({ ...bot, fence: 9 }, 'R:1')).toBe(true)
})
