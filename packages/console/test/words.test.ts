import { expect, test } from 'vitest'
import { zh } from '../src/words/words.ts'

/** Every text of a table of words, whatever stands in it; of those that are made, how they are made. */
const textsOf = (words: unknown): string[] =>
  words !== null && typeof words === 'object' ? Object.values(words).flatMap(textsOf) : [String(words)]

test('UI-89 one thing goes by one word on every screen, and that is the glossary’s', () => {
  const texts = textsOf(zh)
  expect(texts.length).toBeGreaterThan(300)
  // What was said for 回调地址, 机器人 and 工作区 elsewhere, or is said for them by others.
  for (const other of ['接收地址', '接收方地址', '托管账号', '租户', '空间'])
    expect(texts.filter(text => text.includes(other))).toEqual([])
})
