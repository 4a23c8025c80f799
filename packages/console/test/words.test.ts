import { consoleEndpoints, operatorVerbs } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { wordsOfVerb } from '../src/manage/verb-words.ts'
import { zh } from '../src/words/words.ts'

/** Every text of a table of words, whatever stands in it; of those that are made, how they are made. */
const textsOf = (words: unknown): string[] =>
  words !== null && typeof words === 'object' ? Object.values(words).flatMap(textsOf) : [String(words)]

test('UI-89 one thing goes by one word on every screen, and that is the glossary’s', () => {
  const texts = textsOf(zh)
  expect(texts.length).toBeGreaterThan(300)
  // What was said for 回调地址, 机器人 and 工作区 elsewhere, or is said for them by others.
  for (const other of ['接收地址', '接收方地址', '托管账号', '租户', '空间', '操作记录', '操作日志'])
    expect(texts.filter(text => text.includes(other))).toEqual([])
})

test('UI-46 the audit says what was done in words, whatever may stand in it', () => {
  for (const verb of Object.keys(operatorVerbs)) {
    expect(wordsOfVerb(verb, 'zh')).toMatch(/\p{Script=Han}/u)
    expect(wordsOfVerb(verb, 'en')).not.toBe(verb)
  }
  expect(wordsOfVerb('sign-in', 'zh')).toBe(consoleEndpoints.signIn.summary.split(' / ')[0])
  expect(wordsOfVerb('of-a-later-version', 'zh')).toBe('of-a-later-version')
})
