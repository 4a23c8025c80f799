import { expect, test } from 'vitest'
import { columnWidth, foldToColumns } from './column-width.ts'

test('CLI-125 a line is folded at spaces and between Chinese characters, never through an id or before a closing mark', () => {
  expect(foldToColumns('大街小巷, 大街小巷。VIP', 8)).toEqual(['大街小', '巷, 大街', '小巷。', 'VIP'])
  expect(foldToColumns('see 5dbe8287184b7cb41f52674e now', 10)).toEqual([
    'see',
    '5dbe8287184b7cb41f52674e',
    'now',
  ])
  expect(foldToColumns('a b', Number.POSITIVE_INFINITY)).toEqual(['a b'])
  expect(foldToColumns('', 8)).toEqual([''])
})

test.each([8, 20, 40])('CLI-125 every line keeps within %i columns, and no word is lost', columns => {
  const text = '比数据库慢 42 秒, 签名会被拒绝 / 42 s behind the store: they will be refused 🎉🎉🎉🎉🎉🎉'
  const lines = foldToColumns(text, columns)
  expect(lines.filter(line => columnWidth(line) > columns)).toEqual([])
  expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
})
