import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../packages/gateway/src/config/settings.ts'

const page = readFileSync(resolve(import.meta.dirname, '../docs/operate.md'), 'utf8')
const names = Object.keys(settings.shape) as (keyof typeof settings.shape)[]
const defaults: Readonly<Record<string, unknown>> = settings.parse({})

/** A row as it must stand in the table: name, default, and the half of the description in the table's language. */
const rowOf = (name: keyof typeof settings.shape, language: 0 | 1): string => {
  const fallback = defaults[name]
  const cell = fallback === undefined || fallback === '' ? '–' : `\`${String(fallback)}\``
  return `| \`${name}\` | ${cell} | ${halvesOf(name)[language]} |`
}

const halvesOf = (name: keyof typeof settings.shape): string[] =>
  (settings.shape[name].meta()?.description ?? '').split(' / ').map(half => half.trim())

const rowsWithin = (text: string): string[] => text.split('\n').filter(line => /^\| `[A-Z_]+` \|/.test(line))

// The page has two halves, Chinese first; each has the whole table, and the test prints the rows to paste.
const [chinese = '', english = ''] = page.split('\n# Operating Qunhub\n')

test.each(names)('DOC-1 %s says what it is in Chinese and in English', name => {
  expect(halvesOf(name)).toEqual([expect.stringMatching(/\p{Script=Han}/u), expect.stringMatching(/[a-z]/)])
})

test('DOC-2 docs/operate.md lists every setting with its default, in Chinese', () => {
  expect(rowsWithin(chinese)).toEqual(names.map(name => rowOf(name, 0)))
})

test('DOC-2 docs/operate.md lists every setting with its default, in English', () => {
  expect(rowsWithin(english)).toEqual(names.map(name => rowOf(name, 1)))
})
