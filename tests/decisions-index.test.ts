import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const folder = resolve(import.meta.dirname, '../docs/decisions')
const index = readFileSync(resolve(folder, 'README.md'), 'utf8')
const pages = globSync('[0-9]*.md', { cwd: folder })

test('DOC-4 the index names every decision page once, in order, and none that there is not', () => {
  const listed = [...index.matchAll(/^\| \[(\d{4})\]\((.+?)\)/gm)].map(([, number, page]) => ({
    number,
    page,
  }))
  expect(listed.map(({ page }) => page)).toEqual(pages.toSorted())
  for (const { number, page } of listed) expect(page).toMatch(new RegExp(`^${number}-`))
})

test('DOC-4 a page that a later one corrects says so at its head, and the index says it alike', () => {
  const corrected = [...index.matchAll(/^\| \[\d{4}\]\((.+?)\).*in part as (.+) says \|$/gm)]
  expect(corrected.length).toBeGreaterThan(5)
  for (const [, page, later] of corrected) {
    const [head] = readFileSync(resolve(folder, page!), 'utf8').split('\n## ')
    for (const [link] of later!.matchAll(/\[\d{4}\]\([^)]+\)/g)) expect(head).toContain(link)
  }
})
