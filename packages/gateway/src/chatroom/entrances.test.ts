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

test('CB-3 a bot that is in since later than was known has come again; where the puppet does not say, nobody knows', () => {
  const entrances = createEntrances()
  const tenure = { botId: 'b', fence: 1 }
  expect(entrances.cameAgain(tenure, 'R:1', 100)).toBe(false)
  entrances.noteSince(tenure, 'R:1', 100, false)
  expect(entrances.cameAgain(tenure, 'R:1', null)).toBe(false)
  expect(entrances.cameAgain(tenure, 'R:1', 100)).toBe(false)
  expect(entrances.cameAgain(tenure, 'R:1', 101)).toBe(true)
  // Seen by somebody who owed nothing for it, it is still to be told.
  entrances.noteSince(tenure, 'R:1', 101, false)
  expect(entrances.cameAgain(tenure, 'R:1', 101)).toBe(true)
  entrances.noteSince(tenure, 'R:1', 101, true)
  expect(entrances.cameAgain(tenure, 'R:1', 101)).toBe(false)
  expect(entrances.cameAgain({ ...tenure, fence: 2 }, 'R:1', 102)).toBe(false)
})
