import { expect, test } from 'vitest'
import { languageOf, readPreferences } from '../src/preferences/preferences.ts'
import { inLanguage } from '../src/words/in-language.ts'

test.each([
  ['zh-CN', 'zh'],
  ['en-GB', 'en'],
  ['en-US@posix', 'en'],
  ['de', 'zh'],
  ['', 'zh'],
])('UI-4 a browser that speaks %j gets %s', (browser, language) => {
  expect(languageOf(browser)).toBe(language)
})

test('UI-4 what was chosen is kept; what is not understood any more is as usual', () => {
  expect(readPreferences('{"language":"en","zone":"UTC"}', 'zh-CN')).toEqual({ language: 'en', zone: 'UTC' })
  for (const kept of [null, '', 'null', '[]', '{"language":"tlh","zone":7}', '{'])
    expect(readPreferences(kept, 'zh-CN'), String(kept)).toEqual({ language: 'zh', zone: 'local' })
})

test('UI-4 what the gateway says in both languages is shown in one, and else as it is', () => {
  expect(inLanguage('没有 / none', 'zh')).toBe('没有')
  expect(inLanguage('没有 / none', 'en')).toBe('none')
  expect(inLanguage('ECONNREFUSED', 'en')).toBe('ECONNREFUSED')
})
