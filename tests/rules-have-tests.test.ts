import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
/** Where the rules stand. */
const PAGES = [
  ...['docs/rules.md', 'docs/rules-inside.md', 'docs/rules-cli.md'],
  ...['packages/simulator/RULES.md', 'packages/client/RULES.md', 'packages/console/RULES.md'],
]
/** `CR-1…CR-5` names all between. */
const spanned = (first: string, last: string | undefined): string[] => {
  const [group, from] = first.split('-') as [string, string]
  const to = Number(last?.split('-')[1] ?? from)
  return Array.from({ length: to - Number(from) + 1 }, (_, n) => `${group}-${Number(from) + n}`)
}

const rules = PAGES.flatMap(page => [
  ...readFileSync(resolve(root, page), 'utf8').matchAll(
    /(?:\*\*|^\| )([A-Z]{1,4}-\d+)(?:…([A-Z]{1,4}-\d+))?/gm,
  ),
]).flatMap(([, first, last]) => spanned(first!, last))

/** Whatever begins a text with numbers of rules is a title, or the row of a table of them. `UTF-16` is none. */
const TITLE = /['"`]((?:(?!UTF-)[A-Z]{1,4}-\d+ )+)/g

// A span such as `AM-1…AM-12` proves none of its rules: whoever writes it looks at their number, not at what they say.
const tests = globSync(['tests/**/*.test.ts', 'packages/*/{src,test}/**/*.{test,contract}.ts'], { cwd: root })
  .filter(file => !file.includes('node_modules'))
  .map(file => readFileSync(resolve(root, file), 'utf8'))
const proved = new Set(
  tests.flatMap(source => [...source.matchAll(TITLE)]).flatMap(match => match[1]!.trim().split(' ')),
)

test('DOC-1 every number in a test’s title is a rule that is written down', () => {
  expect([...proved].filter(rule => !rules.includes(rule))).toEqual([])
})

test('DOC-1 a number stands for one rule', () => {
  const given = PAGES.flatMap(page => [
    ...readFileSync(resolve(root, page), 'utf8').matchAll(/^(?:- \*\*|\| )([A-Z]{1,4}-\d+)(?=\*\*| \|)/gm),
  ]).map(([, rule]) => rule!)
  expect(given.length).toBeGreaterThan(500)
  expect(given.filter((rule, at) => given.indexOf(rule) !== at)).toEqual([])
})

test('DOC-1 every rule that is built has a test whose title names it', () => {
  expect(new Set(rules).size).toBeGreaterThan(600)
  const unproved = [...new Set(rules)].filter(rule => !proved.has(rule))
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
