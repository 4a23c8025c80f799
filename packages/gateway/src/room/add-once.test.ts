import { expect, test } from 'vitest'
import { done, refuse } from '../model/result.ts'
import { createAddOnce } from './add-once.ts'

const KEY = 'bot\nroom\ncontact'

function openAddOnce() {
  let time = 0
  let asked = 0
  const addOnce = createAddOnce(() => time)
  return {
    addOnce,
    at: (now: number) => {
      time = now
    },
    add: async () => {
      asked++
      return done('asked' as const)
    },
    asked: () => asked,
  }
}

test('AM-24 a call that came while the first was under way, and was held up on its way, asks nobody again', async () => {
  const { addOnce, at, add, asked } = openAddOnce()
  at(20)
  expect(await addOnce(KEY, 10, add)).toEqual(done('asked'))
  at(35)
  expect(await addOnce(KEY, 19, add)).toEqual(refuse('already-member'))
  expect(asked()).toBe(1)
})

test('AM-24 a call that came after the first had ended is one of its own', async () => {
  const { addOnce, at, add, asked } = openAddOnce()
  at(20)
  await addOnce(KEY, 10, add)
  at(21)
  expect(await addOnce(KEY, 20, add)).toEqual(done('asked'))
  expect(await addOnce('bot\nroom\nanother', 1, add)).toEqual(done('asked'))
  expect(asked()).toBe(3)
})

test('AM-24 it answers the first one’s refusal, and one that broke off hides nobody', async () => {
  const { addOnce, at, add } = openAddOnce()
  at(20)
  await addOnce(KEY, 10, async () => refuse('add-failed'))
  expect(await addOnce(KEY, 11, add)).toEqual(refuse('add-failed'))
  const broken = async () => {
    throw new Error('the store is away')
  }
  await expect(addOnce('bot\nroom\nanother', 10, broken)).rejects.toThrow('away')
  expect(await addOnce('bot\nroom\nanother', 11, add)).toEqual(done('asked'))
})

test('AM-24 what has ended is remembered for a while, and no more of it than there is room for', async () => {
  const { addOnce, at, add, asked } = openAddOnce()
  at(100)
  await addOnce(KEY, 0, add)
  at(20_000)
  await addOnce('bot\nroom\nanother', 19_999, add)
  // Nobody is on its way for so long.
  await addOnce(KEY, 50, add)
  expect(asked()).toBe(3)
})
