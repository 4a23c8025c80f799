import { expect, test } from 'vitest'
import { createArrivals } from './arrivals.ts'

function door() {
  let next: (() => void) | null = null
  let now = 0
  const done: string[] = []
  const arrivals = createArrivals({
    inNextTick: call => {
      next = call
    },
    elapsed: () => now,
  })
  return {
    done,
    come: () => arrivals.came(),
    ask: (name: string, atMostMs = 100) => arrivals.letThemIn(atMostMs, () => void done.push(name)),
    endTick(tookMs = 1) {
      now += tookMs
      const call = next
      next = null
      call?.()
    },
  }
}

test('G-21 nothing waits when nobody is coming', () => {
  const { ask, come, endTick, done } = door()
  ask('before')
  come()
  endTick()
  endTick()
  ask('after')
  expect(done).toEqual(['before', 'after'])
})

test('G-21 while connections come in, one a tick, what can wait does so until a tick in which none came', () => {
  const { ask, come, endTick, done } = door()
  for (let n = 0; n < 50; n++) {
    come()
    ask(`first ${n}`)
    endTick()
  }
  expect(done).toEqual([])
  endTick()
  expect(done).toEqual(Array.from({ length: 50 }, (_, n) => `first ${n}`))
})

test('G-21 who opens connections without end holds nothing up for longer than it may wait', () => {
  const { ask, come, endTick, done } = door()
  come()
  ask('a list', 10)
  ask('a newcomer', 100)
  const ticksUntil = (length: number) => {
    let ticks = 0
    for (; done.length < length && ticks < 1000; ticks++) {
      come()
      endTick()
    }
    return ticks
  }
  expect([ticksUntil(1), ticksUntil(2)]).toEqual([10, 90])
  expect(done).toEqual(['a list', 'a newcomer'])
})
