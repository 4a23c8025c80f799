import { expect, test } from 'vitest'
import { idOrNull, NAME_CODE_POINTS_MAX, shownOrNull, shownText, urlOf } from './puppet-text.ts'

const MAX = NAME_CODE_POINTS_MAX

test.each([
  ['as long as may be', '群'.repeat(MAX), '群'.repeat(MAX)],
  ['one more', '群'.repeat(MAX + 1), '群'.repeat(MAX)],
  ['as many code points as may be, in twice the units', '𠮷'.repeat(MAX), '𠮷'.repeat(MAX)],
  ['one more code point', '𠮷'.repeat(MAX + 1), '𠮷'.repeat(MAX)],
  ['pairs at odd indexes', `x${'𠮷'.repeat(MAX)}`, `x${'𠮷'.repeat(MAX - 1)}`],
  ['unclean as well', `\0\uD800${'群'.repeat(MAX)}`, `\uFFFD\uFFFD${'群'.repeat(MAX - 2)}`],
  ['5 MB', '群'.repeat(5_000_000), '群'.repeat(MAX)],
])('BOT-230 a text for people is cut between two code points: %s', (_what, text, shown) => {
  expect(shownText(text)).toBe(shown)
  expect(shownText(text).isWellFormed()).toBe(true)
})

test('BOT-230 nothing said is null, and an id or an address that is too long is none', () => {
  expect(shownOrNull('')).toBeNull()
  expect(shownOrNull('群')).toBe('群')
  expect(['', 'w'.repeat(129)].map(idOrNull)).toEqual([null, null])
  expect(idOrNull('w'.repeat(128))).toBe('w'.repeat(128))
  expect(urlOf(`https://${'x'.repeat(1017)}`)).toBe('')
  expect(urlOf(`https://${'x'.repeat(1016)}`)).toHaveLength(1024)
})
