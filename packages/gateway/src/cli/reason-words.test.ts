import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { reasonWords } from '@qunhub/wire/words'
import { expect, test } from 'vitest'

/** Wherever the driver names one: as a fact, handed to whoever tells it, or as a constant of a lower-case sentence. */
const REASONS = /(?:\breason: |nobody\(|#goOffline\(|const [A-Z_]+ = )'([a-z][^']* [^']*)'/g

const source = globSync('*.ts', { cwd: resolve(import.meta.dirname, '../puppet') })
  .filter(file => !file.endsWith('.test.ts'))
  .map(file => readFileSync(resolve(import.meta.dirname, '../puppet', file), 'utf8'))
const named = [...new Set(source.flatMap(text => [...text.matchAll(REASONS)].map(([, reason]) => reason!)))]

test('CLI-74 every reason that the driver names is told in Chinese first', () => {
  expect(named.length).toBeGreaterThan(12)
  expect(named.filter(reason => !/^\p{Script=Han}|^puppet /u.test(reasonWords(reason)))).toEqual([])
})

test.each([
  [
    'no puppet service answers there, but HTTP 403',
    '该地址没有 puppet 服务, 只应答 HTTP 403 / no puppet service answers there, but HTTP 403',
  ],
  ['the puppet refused the token', 'puppet 拒绝了 token / the puppet refused the token'],
  [
    'UNAVAILABLE; the account was logged out before',
    '连不上, 此前账号已退出登录 / UNAVAILABLE; the account was logged out before',
  ],
  ['the discovery authority answered 503', '发现服务应答 503 / the discovery authority answered 503'],
  ['another account is logged in: lin', '登录的是另一个账号 lin / another account is logged in: lin'],
  ['在手机上退出', '在手机上退出'],
  ['kicked; by the phone', 'kicked; by the phone'],
  ['constructor', 'constructor'],
  ['', ''],
])('CLI-74 %j is told as %j', (reason, words) => {
  expect(reasonWords(reason)).toBe(words)
})
