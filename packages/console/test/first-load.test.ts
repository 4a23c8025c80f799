import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const home = resolve(import.meta.dirname, '..')
const FIRST_LOAD_BYTES_MAX = 320 * 1024

const require = createRequire(import.meta.url)
const KIT = ['@mantine/core/styles.css', '@mantine/notifications/styles.css']
const classesIn = (text: string) => new Set(text.match(/\bm_[0-9a-f]{6,}\b/g))

test('UI-1 what is loaded before the first page shows is at most 320 KB, gzipped', () => {
  execFileSync(process.execPath, [resolve(home, 'build.mjs')])
  const page = readFileSync(resolve(home, 'dist/index.html'), 'utf8')
  const files = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(match => match[1]!)
  expect(files.length).toBeGreaterThan(2)
  const bytes = files.map(file => statSync(resolve(home, 'dist', `${file}.gz`)).size)
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(FIRST_LOAD_BYTES_MAX)
  // React as it is for people: what it checks for developers is in no file, whoever has built them.
  const scripts = files.filter(file => file.endsWith('.js'))
  for (const file of scripts)
    expect(readFileSync(resolve(home, 'dist', file), 'utf8')).not.toContain('is using incorrect casing')
  // The policy forbids what stands in the page itself.
  expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/)
})

test('UI-96 whatever of the kit is used has its styles', () => {
  execFileSync(process.execPath, [resolve(home, 'build.mjs')])
  const built = (ending: string) =>
    classesIn(
      globSync(`dist/assets/*.${ending}`, { cwd: home })
        .map(file => readFileSync(resolve(home, file), 'utf8'))
        .join(),
    )
  const styled = classesIn(KIT.map(file => readFileSync(require.resolve(file), 'utf8')).join())
  const used = built('js').intersection(styled)
  expect(used.size).toBeGreaterThan(80)
  expect([...used.difference(built('css'))]).toEqual([])
})
