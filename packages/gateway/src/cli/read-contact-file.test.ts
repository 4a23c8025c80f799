import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

test.each<[string, string | Buffer, string]>([
  ['nothing', '', '须有 wxid'],
  ['a header alone', 'wxid,unionId\n', '没有任何联系人'],
  ['no column that names anybody', 'name,unionId\n张三,o1\n', '须有 wxid'],
  ['GBK', Buffer.from([0x77, 0x78, 0x69, 0x64, 0x0a, 0xd5, 0xc5]), 'UTF-8'],
  ['a quote that never ends', 'wxid,unionId\n"1,2\n', 'CSV'],
  ['half a JSON', '[{"wxid":"1"', 'JSON'],
  ['a JSON list of nothing', '[]', '没有任何联系人'],
  ['a JSON list that names nobody', '[{"unionId":"o1"}]', '须有 wxid'],
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
      { line: 1, contact: null, problems: [{ field: 'wxid', message: expect.stringContaining(words) }] },
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
      problems: [
        { field: 'wxid', message: expect.any(String) },
        { field: 'externalUserId', message: expect.any(String) },
      ],
    },
  ])
})
