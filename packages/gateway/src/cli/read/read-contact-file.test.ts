import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readContactFile } from './read-contact-file.ts'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'qunhub-contacts-'))
})
afterAll(() => rm(home, { recursive: true }))

async function read(content: string | Buffer) {
  const path = join(home, 'contacts')
  await writeFile(path, content)
  return readContactFile(path)
}

const malformed = (line: number, field: string, words: string, outcome = 'malformed') => ({
  line,
  contact: null,
  outcome,
  problems: [{ field, message: expect.stringContaining(words) }],
})

test.each<[string, string | Buffer, string]>([
  ['nothing', '', '须有 wxid'],
  ['a header alone', 'wxid,unionId\n', '没有任何联系人'],
  ['no column that names anybody', 'name,unionId\n张三,o1\n', '须有 wxid'],
  ['what is no text', Buffer.from([0x77, 0x78, 0x69, 0x64, 0x0a, 0xff, 0xff]), '不是文本'],
  ['a workbook', Buffer.from('PK\x03\x04\x14', 'latin1'), 'Excel'],
  ['half a JSON', '[{"wxid":"1"', '不是合格的 JSON'],
  ['a JSON object', '{"wxid":"1","unionId":"o1"}', 'JSON 应为数组'],
  ['a JSON object a line', '{"wxid":"1"}\n{"wxid":"2"}\n', 'JSON 应为数组'],
  ['a JSON list of nothing', '[]', '没有任何联系人'],
  ['a JSON list that names nobody', '[{"unionId":"o1"}]', '每一项须有 wxid'],
])('BOT-144 a file that is none says why: %s', async (_what, content, words) => {
  await expect(read(content)).rejects.toThrow(words)
})

test('BOT-144 a file that is not there says so', async () => {
  await expect(readContactFile(join(home, 'nowhere'))).rejects.toThrow('ENOENT')
})

test('BOT-144 CSV as spreadsheets write it: a byte order mark, CRLF, quotes, other names and other columns', async () => {
  const csv =
    '\uFEFF"External_UserID",备注,UnionID,wxid\r\nwm1,"张,三",o1,\r\n\r\n,"他说""好""\n第二行",o2,788\r\n'
  expect(await read(csv)).toEqual([
    { line: 2, contact: { externalUserId: 'wm1', unionId: 'o1', wxid: '' } },
    { line: 5, contact: { externalUserId: '', unionId: 'o2', wxid: '788' } },
  ])
})

test('BOT-144 JSON, with what is no text passed over', async () => {
  const json = JSON.stringify([{ wxid: '788', unionId: 'o1', age: 9 }, { wxid: '789', unionId: 7 }, null])
  expect(await read(json)).toEqual([
    { line: 1, contact: { wxid: '788', unionId: 'o1' } },
    { line: 2, contact: { wxid: '789' } },
    { line: 3, contact: {} },
  ])
})

test.each([
  ['a NUL', '788\0', '不得含 NUL'],
  ['half a character', '788\ud83d', '半个字符'],
  ['more than an id has', 'x'.repeat(129), '最多 128 个字符'],
  ['more than an id has, and a character across the bound', `${'x'.repeat(127)}😀😀`, '最多 128 个字符'],
])(
  'BOT-140 %s makes a line malformed and no other one, and its cell is named',
  async (_what, wxid, words) => {
    const good = { wxid: '789', unionId: 'o1' }
    expect(await read(JSON.stringify([{ wxid, unionId: 'o1' }, good]))).toEqual([
      malformed(1, 'wxid', words),
      { line: 2, contact: good },
    ])
  },
)

test('BOT-140 each cell of a line that cannot be an id is named, by the name that we have for its column', async () => {
  const long = 'x'.repeat(129)
  expect(await read(`External_UserID,UnionID,wxid\n${long},o1,${long}\n`)).toEqual([
    {
      line: 2,
      contact: null,
      outcome: 'malformed',
      problems: [
        { field: 'wxid', message: expect.any(String) },
        { field: 'externalUserId', message: expect.any(String) },
      ],
    },
  ])
})

describe('BOT-270 a quote that is none spoils its own line at most', () => {
  const [lin, mo] = [
    { wxid: '788', unionId: 'o1' },
    { wxid: '789', unionId: 'o2' },
  ]

  test('BOT-270 in the midst of a cell it is a character', async () => {
    expect(await read('wxid,name,unionId\n788,小"明"同学,o1\n789,5" 屏,o2\n')).toEqual([
      { line: 2, contact: lin },
      { line: 3, contact: mo },
    ])
  })

  test.each([
    ['never closed', '788,"小明,o1\n789,小红,o2'],
    ['never closed, and a proper one behind it', '788,"小明,o1\n789,"小红",o2'],
    ['never opened, behind one that was never closed', '788,"小明,o1\n789,小红",o2'],
    ['followed by something', '788,"小"明,o1\n789,小红,o2'],
    ['alone at the end of the line', '788,小明,"\n789,小红,o2'],
  ])('BOT-270 %s: the line is told, and the next one is read', async (_what, lines) => {
    const told = await read(`wxid,name,unionId\n${lines}\n`)
    expect(told).toEqual([malformed(2, 'line', '引号'), { line: 3, contact: mo }])
  })

  test('BOT-270 never does one person get the id of another across lines', async () => {
    const rows = Array.from({ length: 200 }, (_, n) => `78${n},${n % 7 === 0 ? '"' : ''}名${n},o${n}`)
    const told = await read(`wxid,name,unionId\n${rows.join('\n')}\n`)
    expect(told).toHaveLength(200)
    for (const { contact } of told) if (contact) expect(contact.unionId).toBe(`o${contact.wxid!.slice(2)}`)
    expect(told.filter(({ contact }) => contact === null)).toHaveLength(29)
  })

  test('BOT-270 a remark of several lines is one cell', async () => {
    expect(await read('wxid,备注,unionId\n788,"第一行\n第二行, 有逗号 ""引号""\n\n",o1\n789,,o2\n')).toEqual([
      { line: 5, contact: lin },
      { line: 6, contact: mo },
    ])
  })

  test('BOT-270 a cell too many shifts the others, so the line is told; empty ones behind the last shift nothing', async () => {
    expect(await read('wxid,name,unionId\n788,张,三,o1\n789,李,o2,,\n')).toEqual([
      malformed(2, 'line', '有 4 格, 应为 3 格'),
      { line: 3, contact: mo },
    ])
  })
})

test.each([
  ['semicolons', 'wxid;unionId\r\n788;o1\r\n'],
  ['tabs', 'wxid\tunionId\r\n788\to1\r\n'],
  ['a line sep=,', 'sep=,\r\nwxid,unionId\r\n788,o1\r\n'],
  ['a line sep=;', '\uFEFFsep=;\nwxid;unionId\n788;o1\n'],
  ['a line sep=|', '"sep=|"\nwxid|unionId\n788|o1\n'],
  ['full-width commas', 'wxid，unionId\n788，o1\n'],
  ['semicolons, with commas in names', 'name,wxid;wxid;unionId\n张,三;788;o1\n'],
  ['carriage returns alone', 'wxid,unionId\r788,o1\r'],
  ['empty lines before the header', '\n\nwxid,unionId\n788,o1\n'],
  ['rows that somebody has emptied', ',\nwxid,unionId\n,\r\n788,o1\n"",""\n\u200B,\u00A0,\n'],
  ['the mark at the end that old programs write', 'wxid,unionId\r\n788,o1\r\n\u001A'],
  ['such a mark right behind the last cell', 'wxid,unionId\r\n788,o1\u001A\r\n'],
  ['names of columns as people write them', 'WXID,Union ID\n788,o1\n'],
  ['UTF-16 with a byte order mark', Buffer.from('\uFEFFwxid\tunionId\r\n788\to1\r\n', 'utf16le')],
  ['UTF-16 without one', Buffer.from('wxid\tunionId\r\n788\to1\r\n', 'utf16le')],
  [
    'GBK, as Chinese Excel writes it',
    Buffer.concat([
      Buffer.from('wxid,'),
      Buffer.from([0xd0, 0xd5, 0xc3, 0xfb]),
      Buffer.from(',unionId\r\n788,'),
      Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]),
      Buffer.from(',o1\r\n'),
    ]),
  ],
])('BOT-271 a table with %s is read', async (_what, content) => {
  const [only, ...others] = await read(content)
  expect(only).toMatchObject({ contact: { wxid: '788', unionId: 'o1' } })
  expect(others).toEqual([])
})

test('BOT-271 a line with another delimiter than the header is told', async () => {
  expect(await read('wxid,unionId\n788;o1\n789,o2\n')).toEqual([
    malformed(2, 'line', '分隔符'),
    { line: 3, contact: { wxid: '789', unionId: 'o2' } },
  ])
})

describe('BOT-272 what contradicts itself', () => {
  test('BOT-272 two columns of one meaning: the one that is filled counts, two values are none', async () => {
    const csv = 'wxid,unionId,union_id,UnionID\n788,o1,,\n789,,o2,o2\n790,o3,o4,\n'
    expect(await read(csv)).toEqual([
      { line: 2, contact: { wxid: '788', unionId: 'o1' } },
      { line: 3, contact: { wxid: '789', unionId: 'o2' } },
      malformed(4, 'unionId', 'unionId 与 union_id 两列的值不同'),
    ])
    expect(await read('[{"wxid":"788","unionId":"o1","union_id":"o2"}]')).toEqual([
      malformed(1, 'unionId', '两列的值不同'),
    ])
  })

  test('BOT-272 lines of one person that say different things are in conflict, all of them; equal ones are not', async () => {
    const csv = 'wxid,externalUserId,unionId\n788,,o1\n789,wm9,o2\n788,,o3\n,wm9,o2\n,wm9,o5\n790,,o6\n'
    expect(await read(csv)).toEqual([
      malformed(2, 'unionId', '第 4 行', 'conflict'),
      malformed(3, 'unionId', '第 6 行', 'conflict'),
      malformed(4, 'unionId', '第 2 行', 'conflict'),
      malformed(5, 'unionId', '第 6 行', 'conflict'),
      malformed(6, 'unionId', '第 3 行', 'conflict'),
      { line: 7, contact: { wxid: '790', externalUserId: '', unionId: 'o6' } },
    ])
    const twice = 'wxid,externalUserId\n788,wm1\n788,wm2\n'
    expect((await read(twice)).map(line => 'outcome' in line && line.outcome)).toEqual([
      'conflict',
      'conflict',
    ])
    expect(await read('wxid,unionId\n788,o1\n788,o1\n')).toHaveLength(2)
    // Bots of two corps may know one person under two wxids.
    expect((await read('wxid,unionId\n788,o1\n789,o1\n')).every(({ contact }) => contact)).toBe(true)
  })
})

describe('BOT-273 what a spreadsheet made of an id', () => {
  test.each([
    ['an apostrophe', "'7881300000000001"],
    ['a formula', '"=""7881300000000001"""'],
    ['a fraction', '7881300000000001.0'],
    ['thousands', '"7,881,300,000,000,001"'],
    ['blanks that nobody sees', '\u00A07881300000000001\u200B'],
    ['marks of direction', '\u202A\u200E7881300000000001\u200F\u202C'],
    ['marks that hold a direction apart', '\u20687881300000000001\u2069'],
  ])('BOT-273 %s is taken off', async (_what, cell) => {
    expect(await read(`wxid,unionId\n${cell},o1\n`)).toEqual([
      { line: 2, contact: { wxid: '7881300000000001', unionId: 'o1' } },
    ])
  })

  test.each(['7.8813E+15', '7.88E15', '7,88130E+15', '1.68E+15'])(
    'BOT-273 of %s the last digits are lost, and that is said',
    async cell => {
      expect(await read(`wxid,unionId\n"${cell}",o1\n`)).toEqual([malformed(2, 'wxid', '改为数字')])
    },
  )
})
