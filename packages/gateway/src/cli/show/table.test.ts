import { expect, test } from 'vitest'
import { columnWidth, cutToColumns } from './column-width.ts'
import { type Column, renderFacts, renderTable } from './table.ts'

test.each([
  ['Latin', 'abc', 3],
  ['Chinese', '大街小巷', 8],
  ['Chinese punctuation', '群(一)、「二」', 14],
  ['full-width Latin', 'Ａ１', 4],
  ['Japanese and Korean', 'カナ한글', 8],
  ['an emoji', '🎉', 2],
  ['an emoji by selector', '❤️', 2],
  ['a family of joined emoji', '👨‍👩‍👧', 2],
  ['a flag', '🇨🇳', 2],
  ['an accent made of two', 'e\u0301', 1],
  ['an ellipsis', '…', 1],
])('CLI-1 %s takes as many columns as the terminal gives it', (_what, text, columns) => {
  expect(columnWidth(text)).toBe(columns)
})

test('CLI-1 a text is cut between characters, never through one', () => {
  expect(cutToColumns('大街小巷', 8)).toBe('大街小巷')
  expect(cutToColumns('大街小巷', 7)).toBe('大街小…')
  expect(cutToColumns('大街小巷', 6)).toBe('大街…')
})

test('CLI-2 columns line up below Chinese and Latin names alike', () => {
  const rows = [
    { id: 'a1', topic: '大街小巷', members: 12 },
    { id: 'b22', topic: 'VIP', members: 500 },
  ]
  const table = renderTable(rows, [
    { title: 'ID', cell: row => row.id },
    { title: '群名', cell: row => row.topic },
    { title: '人数', cell: row => row.members },
  ])
  expect(table.split('\n')).toEqual(['ID   群名      人数', 'a1   大街小巷  12', 'b22  VIP       500'])
})

test('CLI-3 a topic with escape sequences, line breaks and bidi overrides cannot move the cursor', () => {
  const table = renderTable(
    [{ topic: '红\u001b[31m包\n\u009b2J\u202Eevil' }],
    [{ title: '群名', cell: row => row.topic }],
  )
  expect(table.split('\n')).toEqual(['群名', '红\uFFFD[31m包\uFFFD\uFFFD2J\uFFFDevil'])
  expect(renderFacts([['群名', 'a\u001b]0;x\u0007']])).toBe('群名  a\uFFFD]0;x\uFFFD')
})

test('CLI-4 a long cell is cut, an id never', () => {
  const long = 'x'.repeat(100)
  expect(renderTable([long], [{ title: 't', cell: row => row }])).toContain(`${'x'.repeat(59)}…`)
  expect(renderTable([long], [{ title: 't', cell: row => row, whole: true }])).toContain(long)
})

const COLUMNS: readonly Column<{ id: string; topic: string; note: string }>[] = [
  { title: 'ID', cell: row => row.id, whole: true },
  { title: '群名 topic', cell: row => row.topic },
  { title: '说明 note', cell: row => row.note },
]
const ROWS = [
  { id: '5dbe8287184b7cb41f52674e', topic: '大街小巷答疑一群', note: 'a bot that was added by hand' },
  { id: '5dbe8287184b7cb41f52674f', topic: 'VIP', note: '-' },
]

test('CLI-127 a table that is wider than the terminal is folded in its widest columns, never through an id', () => {
  expect(renderTable(ROWS, COLUMNS, 56).split('\n')).toEqual([
    'ID                        群名 topic      说明 note',
    '5dbe8287184b7cb41f52674e  大街小巷答疑一  a bot that was',
    '                          群              added by hand',
    '5dbe8287184b7cb41f52674f  VIP             -',
  ])
})

test.each([30, 40, 56, 70, 200])('CLI-127 on %i columns no line is wider, and nothing is lost', width => {
  const lines = renderTable(ROWS, COLUMNS, width).split('\n')
  expect(lines.filter(line => columnWidth(line) > width)).toEqual([])
  for (const { id } of ROWS) expect(lines.join('\n')).toContain(id)
  for (const { topic, note } of ROWS)
    for (const word of [...topic, ...note.split(' ')]) expect(lines.join('')).toContain(word)
})

test('CLI-127 where even that is too wide each row is told fact by fact, and elsewhere than on a terminal nothing is folded', () => {
  expect(renderTable(ROWS.slice(1), COLUMNS, 38).split('\n')).toEqual([
    'ID          5dbe8287184b7cb41f52674f',
    '群名 topic  VIP',
    '说明 note   -',
  ])
  expect(renderTable(ROWS, COLUMNS).split('\n')).toHaveLength(3)
})

test('CLI-127 facts are folded beside their names, or below them where there is no room', () => {
  const facts = [['下一步 next', '先答 2xx, 再处理 / answer 2xx first and work afterwards']] as const
  expect(renderFacts(facts, 40).split('\n')).toEqual([
    '下一步 next  先答 2xx, 再处理 / answer',
    '             2xx first and work',
    '             afterwards',
  ])
  expect(renderFacts(facts, 30).split('\n')).toEqual([
    '下一步 next',
    '  先答 2xx, 再处理 / answer',
    '  2xx first and work',
    '  afterwards',
  ])
  expect(renderFacts(facts)).not.toContain('\n')
})
