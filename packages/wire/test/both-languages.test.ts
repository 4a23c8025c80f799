import { expect, test } from 'vitest'
import { openApi } from '../src/index.ts'

test('OA-9 whatever the OpenAPI document says of a field, an answer or a callback is said in both', () => {
  const said: string[] = []
  JSON.stringify(openApi({ server: '/', version: '1' }), (key, value) => {
    if (['description', 'summary'].includes(key) && typeof value === 'string') said.push(value)
    return value
  })
  const ofPeople = said.filter(words => !words.startsWith('| 错误码'))
  expect(ofPeople.length).toBeGreaterThan(100)
  expect(ofPeople.filter(words => /\p{Script=Han}/u.test(words) && !/\/ [^/]*[a-z]{3}/.test(words))).toEqual(
    [],
  )
})
