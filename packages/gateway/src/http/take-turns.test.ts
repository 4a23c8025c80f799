import { expect, test } from 'vitest'
import { createTurns } from './take-turns.ts'

function desk() {
  let next: (() => void) | null = null
  const done: string[] = []
  const turns = createTurns(call => {
    next = call
  })
  return {
    done,
    ask: (whose: string, name: string) => turns.ask(whose, () => void done.push(name)),
    turn() {
      const call = next
      next = null
      call?.()
    },
  }
}

test('G-21 of many requests that come at once four are begun in a turn of the event loop', () => {
  const { ask, done, turn } = desk()
  for (let n = 0; n < 10; n++) ask('heavy', `heavy ${n}`)
  expect(done).toHaveLength(4)
  turn()
  expect(done).toHaveLength(8)
  turn()
  expect(done).toEqual(Array.from({ length: 10 }, (_, n) => `heavy ${n}`))
  turn()
  ask('heavy', 'later')
  expect(done.at(-1)).toBe('later')
})

test('G-21 those who wait take turns: a neighbour’s request is begun before all of another’s', () => {
  const { ask, done, turn } = desk()
  for (let n = 0; n < 100; n++) ask('heavy', `heavy ${n}`)
  ask('light', 'light')
  turn()
  expect(done.indexOf('light')).toBeLessThan(8)
})
