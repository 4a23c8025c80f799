import { endpoints, type SimulatedFault, simulatedFaults } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { answerOf } from '../src/simulator/answer-of.ts'
import { causes, stepsOf, whomToAsk } from '../src/simulator/caused.ts'

test('UI-42 a move that is told to the customer leads to its callback, one of an account to its bot', () => {
  expect(
    (['simulate-join', 'simulate-card', 'simulate-crowd', 'simulate-leave'] as const).map(causes),
  ).toEqual(Array.from({ length: 4 }, () => 'callbacks'))
  expect(causes('simulate-account')).toBe('session')
  expect(causes('simulate-message')).toBe('nothing')
  expect(stepsOf('awaiting-scan')).toContain('scanned')
  for (const state of ['online', 'offline', 'logged-out'] as const) {
    expect(stepsOf(state)).not.toContain(state)
    expect(stepsOf(state)).not.toContain('scanned')
  }
})

test('UI-42 other workspaces are asked only while the one that is shown has no callback of the move', () => {
  const asked = (had: Readonly<Record<string, number>>) =>
    whomToAsk('here', ['a', 'b', 'c'], workspace => had[workspace]).join(' ')
  expect(asked({})).toBe('here')
  expect(asked({ here: 1 })).toBe('here')
  expect(asked({ here: 0 })).toBe('here a b c')
  expect(asked({ here: 0, a: 0, b: 2 })).toBe('here b')
  expect(asked({ here: 1, a: 0, b: 2 })).toBe('here')
})

test('UI-42 a fault says what the next call will be answered', () => {
  const answers = Object.fromEntries(
    Object.entries<SimulatedFault>(simulatedFaults).map(([name, fault]) => [
      name,
      answerOf(fault, endpoints)?.code,
    ]),
  )
  expect(answers).toMatchObject({
    ...{ 'add-refused': -7, 'add-unheard': 0, 'create-refused': -9, 'exit-not-done': -10 },
    ...{ 'room-unreadable': -6, 'events-lost': undefined, 'stream-silent': undefined },
  })
})
