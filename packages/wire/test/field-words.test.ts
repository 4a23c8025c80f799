import { expect, test } from 'vitest'
import type { z } from 'zod'
import { fieldWords, operatorVerbs } from '../src/index.ts'

const fields = Object.entries(operatorVerbs).flatMap(([verb, { input }]) =>
  Object.entries<z.ZodType>(input.shape).map(([field, schema]) => [`${verb}.${field}`, schema] as const),
)

test('OP-43 every field that a verb takes has its words, Chinese and English', () => {
  expect(fields.length).toBeGreaterThan(100)
  const silent = fields.filter(([, schema]) => {
    const words = fieldWords(schema)
    return !words || !/\p{Script=Han}/u.test(words.chinese) || words.english === ''
  })
  expect(silent.map(([name]) => name)).toEqual([])
})
