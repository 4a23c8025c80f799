import { contactsIn, partsOf, readContacts, reportOf } from '@qunhub/wire/contact-file'
import { expect, test } from 'vitest'
import { type ImportRun, runImport } from '../src/contacts/import-run.ts'
import { reportCsv } from '../src/contacts/report-csv.ts'

const SHARING = { contactsIn, partsOf, reportOf }
const bytes = (text: string) => new TextEncoder().encode(text)
const updated = { outcome: 'updated', bots: 1 } as const

test('UI-86 ten thousand lines go out part by part; what cannot be sent keeps no other line back', async () => {
  const rows = Array.from({ length: 10_000 }, (_, at) => (at === 7 ? '=,' : `788${at},o${at}`))
  const lines = readContacts(bytes(`\uFEFFwxid,unionId\n${rows.join('\n')}\n1,2,3\n`))
  const sent: number[] = []
  let told: Parameters<ImportRun['tell']>[0] = []
  const send = async (contacts: object[]) => {
    sent.push(contacts.length)
    return contacts.map(() => updated)
  }
  await runImport(
    { lines, send, left: new AbortController().signal, tell: report => (told = report) },
    SHARING,
  )
  expect(Math.max(...sent)).toBeLessThanOrEqual(500)
  expect(told).toHaveLength(10_001)
  expect(told.at(-1)).toMatchObject({ line: 10_002, outcome: 'malformed' })
  expect(told.filter(({ outcome }) => outcome === 'updated')).toHaveLength(10_000)
})

test('UI-86 what was told stays when it breaks off or is stopped', async () => {
  const lines = readContacts(
    bytes(`wxid,unionId\n${Array.from({ length: 1200 }, (_, at) => `788${at},o1`).join('\n')}`),
  )
  let told: Parameters<ImportRun['tell']>[0] = []
  const stopping = new AbortController()
  const run = (send: ImportRun['send'], left = new AbortController().signal) =>
    runImport({ lines, send, left, tell: report => (told = report) }, SHARING)
  let asked = 0
  await expect(
    run(async contacts => {
      asked += 1
      if (asked === 2) throw new Error('away')
      return contacts.map(() => updated)
    }),
  ).rejects.toThrow('away')
  expect(told).toHaveLength(500)
  await expect(
    run(async contacts => {
      stopping.abort()
      return contacts.map(() => updated)
    }, stopping.signal),
  ).rejects.toThrow()
  expect(told).toHaveLength(500)
})

test('UI-87 the report says of each line what became of it and why, and no spreadsheet spoils an id or runs a cell', () => {
  const lines = readContacts(bytes('wxid,unionId\n7881300000000001,o1\n"=cmd()",o2\n'))
  const why = { field: 'unionId', message: 'must be "o", then more' } as const
  const csv = reportCsv(
    [
      { line: 2, outcome: 'malformed', bots: 0, problems: [why] },
      { line: 3, outcome: 'unknown', bots: 0 },
    ],
    lines,
  )
  expect(csv.split('\r\n')).toEqual([
    '\uFEFFline,outcome,bots,why,wxid,externalUserId,unionId',
    '2,malformed,0,"unionId: must be ""o"", then more","=""7881300000000001""",,o1',
    "3,unknown,0,,'=cmd(),,o2",
    '',
  ])
  // It can be mended and imported again as it is.
  expect(readContacts(bytes(csv)).map(({ contact }) => contact?.wxid)).toEqual(['7881300000000001', '=cmd()'])
})
