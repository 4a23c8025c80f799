import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const GROUPS = ['G', 'AM', 'CR', 'EX', 'LT', 'LM', 'RW', 'CB'] as const
/** Rules of which docs/rules.md itself says that nothing of them is built. */
const NOT_YET = ['CB-7', 'CB-11']

const rules = [
  ...readFileSync(resolve(root, 'docs/rules.md'), 'utf8').matchAll(/(?:\*\*|^\| )((?:[A-Z]{1,2})-\d+)/gm),
]
  .map(match => match[1]!)
  .filter(rule => GROUPS.some(group => rule.startsWith(`${group}-`)))

// Titles are the strings that begin with a rule's number.
const titles = globSync(['tests/**/*.test.ts', 'packages/*/{src,test}/**/*.{test,contract}.ts'], {
  cwd: root,
})
  .filter(file => !file.includes('node_modules'))
  .flatMap(file => [
    ...readFileSync(resolve(root, file), 'utf8').matchAll(/['"`]((?:[A-Z]{1,2}-\d+[ …])[^'"`]*)/g),
  ])
  .map(match => match[1]!)

const isProved = (rule: string): boolean =>
  titles.some(title =>
    [...title.matchAll(/[A-Z]{1,2}-\d+(?:…[A-Z]{1,2}-\d+)?/g)].some(([named]) => covers(named, rule)),
  )

/** `AM-9`, or a span such as `AM-1…AM-12`. */
function covers(named: string, rule: string): boolean {
  const [from, to = from] = named.split('…') as [string, string?]
  const [group, number] = rule.split('-') as [string, string]
  const within = (end: string) => end.split('-')[0] === group
  return (
    within(from) && Number(from.split('-')[1]) <= Number(number) && Number(number) <= Number(to.split('-')[1])
  )
}

test('DOC-1 every rule that is built has a test whose title names it', () => {
  expect(new Set(rules).size).toBeGreaterThan(70)
  const unproved = [...new Set(rules)].filter(rule => !NOT_YET.includes(rule) && !isProved(rule))
  expect(unproved).toEqual([])
})
