import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { askTogether } from './ask-together.ts'

function questions() {
  const put: ((answer: string | Error) => void)[] = []
  const clock = new ManualClock()
  const ask = askTogether<string>(
    clock,
    key =>
      new Promise((resolve, reject) => {
        put.push(answer => (answer instanceof Error ? reject(answer) : resolve(`${key}: ${answer}`)))
      }),
  )
  return { put, ask, clock }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

test('LT-9 whoever asks while a question is under way shares the next one, and never the one before', async () => {
  const { put, ask } = questions()
  const first = ask('a')
  const others = [ask('a'), ask('a')]
  expect(put).toHaveLength(1)
  put[0]!('old')
  expect(await first).toBe('a: old')
  await settled()
  expect(put).toHaveLength(2)
  const later = ask('a')
  put[1]!('new')
  expect(await Promise.all(others)).toEqual(['a: new', 'a: new'])
  await settled()
  put[2]!('newest')
  expect(await later).toBe('a: newest')
})

test('LT-9 a question that fails fails for those who shared it alone', async () => {
  const { put, ask } = questions()
  const first = ask('a')
  const second = ask('a')
  const another = ask('b')
  put[1]!('b')
  expect(await another).toBe('b: b')
  put[0]!(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await settled()
  put[2]!('back')
  expect(await second).toBe('a: back')
})

test('LT-9 a question that hangs holds up whoever comes later for 200 ms at most', async () => {
  const { put, ask, clock } = questions()
  const hanging = ask('a')
  const second = ask('a')
  await settled()
  expect(put).toHaveLength(1)
  clock.advance(200)
  await settled()
  put[1]!('well')
  expect(await second).toBe('a: well')
  put[0]!('late')
  expect(await hanging).toBe('a: late')
})
