import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const GROUPS = ['G', 'AM', 'CR', 'EX', 'LT', 'LM', 'RW', 'CB', 'NB'] as const
/** Rules of which docs/rules.md itself says that nothing of them is built. */
const NOT_YET = ['NB-1', 'NB-2', 'NB-3', 'NB-4', 'NB-5']

const rules = [
  ...readFileSync(resolve(root, 'docs/rules.md'), 'utf8').matchAll(/(?:\*\*|^\| )((?:[A-Z]{1,2})-\d+)/gm),
]
  .map(match => match[1]!)
  .filter(rule => GROUPS.some(group => rule.startsWith(`${group}-`)))

/** What stands before a title: `test(`, `describe(`, the `)(` after a table, or the `[` of a table's row. */
const TITLE = /(?:\b(?:test|describe)\(|\)\(|\[)\s*['"`]((?:[A-Z]{1,2}-\d+ )+)/g

// A span such as `AM-1…AM-12` proves none of its rules: whoever writes it looks at their number, not at what they say.
const tests = globSync(['tests/**/*.test.ts', 'packages/*/{src,test}/**/*.{test,contract}.ts'], { cwd: root })
  .filter(file => !file.includes('node_modules'))
  .map(file => readFileSync(resolve(root, file), 'utf8'))
const proved = new Set(
  tests.flatMap(source => [...source.matchAll(TITLE)]).flatMap(match => match[1]!.trim().split(' ')),
)

test('DOC-1 every rule that is built has a test whose title names it', () => {
  expect(new Set(rules).size).toBeGreaterThan(70)
  const unproved = [...new Set(rules)].filter(rule => !NOT_YET.includes(rule) && !proved.has(rule))
  expect(unproved).toEqual([])
})

test('DOC-2 what docs/puppets.md says of puppets is held by tests that it names, each of which there is', () => {
  const page = readFileSync(resolve(root, 'docs/puppets.md'), 'utf8')
  const [, , ...rows] = page.split('\n').filter(line => line.startsWith('| '))
  const named = rows.map(
    row =>
      row
        .split(' | ')
        .at(-1)!
        .match(/\b[A-Z]+-\d+\b/g) ?? [],
  )
  expect(rows.length).toBeGreaterThan(15)
  expect(rows.filter((_row, at) => named[at]!.length === 0)).toEqual([])
  // Tables of tests have their title behind the cases, so that only the quotation mark before the number tells it.
  const isTitle = (rule: string) => new RegExp(`['"\`](?:[A-Z]+-\\d+ )*${rule} `)
  expect(
    [...new Set(named.flat())].filter(rule => !tests.some(source => isTitle(rule).test(source))),
  ).toEqual([])
})
