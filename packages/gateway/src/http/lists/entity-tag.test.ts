import { expect, test } from 'vitest'
import { entityTag, hasIt } from './entity-tag.ts'

const chat = (chatId: string, revision: string) => ({ chatId, revision }) as never
const tagOf = (chats: readonly never[], tail = ']}', run = '1.0.0 a') => entityTag(run, { chats, tail })

test('LT-10 a tag is another one for every difference that a list can have, and for every run', () => {
  const tags = [
    tagOf([]),
    tagOf([chat('a', '1')]),
    tagOf([chat('a', '2')]),
    tagOf([chat('a', '1'), chat('b', '1')]),
    tagOf([chat('b', '1'), chat('a', '1')]),
    tagOf([chat('a', '1')], '],"page":{"current":1,"total":2}}'),
    tagOf([chat('a', '1')], ']}', '1.0.0 b'),
  ]
  expect(new Set(tags).size).toBe(tags.length)
  expect(tagOf([chat('a', '1')])).toBe(tags[1])
})

test.each([
  [undefined, false],
  ['', false],
  ['*', true],
  [' * ', true],
  ['"*"', false],
  ['*, "x"', false],
  ['abc', false],
  ['"abd"', false],
  ['"abc', false],
  ['"ab" "c"', false],
  ['"abc"', true],
  ['W/"abc"', true],
  ['"x", W/"y" ,"abc"', true],
])('LT-10 If-None-Match %j: %j', (header, expected) => {
  expect(hasIt(header, '"abc"')).toBe(expected)
})
