import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { askTogether } from './ask-together.ts'

function questions() {
  const put: ((answer: string | Error) => void)[] = []
  const clock = new ManualClock()
  const ask = askTogether<string>(
    clock,
    () =>
      new Promise((resolve, reject) => {
        put.push(answer => (answer instanceof Error ? reject(answer) : resolve(answer)))
      }),
  )
  return { put, ask, clock }
}

test('LT-9 whoever asks while a question is under way shares the next one, and never the one before', async () => {
  const { put, ask } = questions()
  const first = ask()
  const others = [ask(), ask()]
  expect(put).toHaveLength(1)
  put[0]!('old')
  expect(await first).toBe('old')
  await yieldToLoop()
  expect(put).toHaveLength(2)
  const later = ask()
  put[1]!('new')
  expect(await Promise.all(others)).toEqual(['new', 'new'])
  await yieldToLoop()
  put[2]!('newest')
  expect(await later).toBe('newest')
})

test('LT-9 a question that fails fails for those who shared it alone', async () => {
  const { put, ask } = questions()
  const first = ask()
  const second = ask()
  put[0]!(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await yieldToLoop()
  put[1]!('back')
  expect(await second).toBe('back')
})

test('LT-9 where many shared a question the next one waits a little for those who are about to come', async () => {
  const { put, ask } = questions()
  const first = ask()
  const many = Array.from({ length: 4 }, ask)
  put[0]!('for one')
  await first
  await yieldToLoop()
  expect(put).toHaveLength(2)
  const next = ask()
  put[1]!('for four')
  await Promise.all(many)
  await yieldToLoop()
  expect(put).toHaveLength(2)
  const joining = ask()
  while (put.length < 3) await yieldToLoop()
  put[2]!('for both')
  expect(await Promise.all([next, joining])).toEqual(['for both', 'for both'])
})

test('LT-9 a question that hangs holds up whoever comes later for 200 ms at most', async () => {
  const { put, ask, clock } = questions()
  const hanging = ask()
  const second = ask()
  await yieldToLoop()
  expect(put).toHaveLength(1)
  clock.advance(200)
  await yieldToLoop()
  put[1]!('well')
  expect(await second).toBe('well')
  put[0]!('late')
  expect(await hanging).toBe('late')
})
