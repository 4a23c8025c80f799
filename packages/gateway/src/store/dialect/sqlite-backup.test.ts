import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backUpFile, bytesToCopy, TargetFull } from './sqlite/back-up-file.ts'
import { closeCopied, lookIntoFile, openToCopy, openToLook } from './sqlite/look-into-file.ts'
import { nameWhole } from './sqlite/name-whole.ts'

const ROWS = 500
const LONG = 'x'.repeat(2000)

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qunhub-backup-'))
  file = join(folder, 'qunhub.sqlite')
  write(`
    pragma journal_mode = wal;
    create table schema_version (version integer, applied_at integer);
    insert into schema_version values (4, 0);
    create table workspace (created_at integer);
    create table callback (owed_at integer);
    create table bot_move (at integer);
    create table told (id integer primary key, of text, words text);
    with recursive n(n) as (select 1 union all select n + 1 from n where n < ${ROWS})
      insert into told select n, 'before', '${LONG}' from n;`)
})
afterEach(() => rm(folder, { recursive: true }))

/** As a gateway or a command that comes and goes: at its end the log is in the file. */
function write(sql: string): void {
  const db = new DatabaseSync(file)
  db.exec(sql)
  db.exec('pragma wal_checkpoint(truncate)')
  db.close()
}

test('CLI-130 with no gateway at its beginning, a backup is of one moment all the same: what is written and checkpointed under it is not in it, and nothing stays beside the store', async () => {
  const source = openToCopy(file)
  source.exec('begin')
  const of = (id: number) => source.prepare('select of from told where id = ?').get(id)?.['of']
  expect(of(1)).toBe('before')
  write(`update told set of = 'after'`)
  expect([of(2), of(ROWS / 2), of(ROWS)]).toEqual(['before', 'before', 'before'])
  source.exec('commit')
  expect(of(ROWS)).toBe('after')
  closeCopied(source, file)

  const watching = { onCopying() {}, onChecking() {} }
  const { schema } = await backUpFile(file, join(folder, 'copy.sqlite'), watching)
  expect(schema).toBe(4)
  write(`update told set of = 'later'`)
  expect((await readdir(folder)).toSorted()).toEqual(['copy.sqlite', 'qunhub.sqlite'])
})

test('CLI-130 nothing stays beside a store that nobody wrote in; a log that somebody left is left as it is', async () => {
  closeCopied(openToCopy(file), file)
  await backUpFile(file, join(folder, 'first.sqlite'), { onCopying() {}, onChecking() {} })
  expect((await readdir(folder)).toSorted()).toEqual(['first.sqlite', 'qunhub.sqlite'])

  const gateway = new DatabaseSync(file)
  gateway.exec(`update told set of = 'in the log' where id = 1`)
  const log = await readFile(`${file}-wal`)
  await backUpFile(file, join(folder, 'second.sqlite'), { onCopying() {}, onChecking() {} })
  expect((await readFile(`${file}-wal`)).equals(log)).toBe(true)
  gateway.close()
  const copy = openToLook(join(folder, 'second.sqlite'))
  expect(copy.prepare('select of from told where id = 1').get()).toEqual({ of: 'in the log' })
  copy.close()
})

test.each([{ code: 'ERR_SQLITE_ERROR', errcode: 13 }, { code: 'ENOSPC' }, { code: 'EDQUOT' }])(
  'CLI-130 of a copy that finds no room (%o) nothing stays, and it is told which disk is full',
  async said => {
    const copying = async (_file: string, draft: string) => {
      for (const path of [draft, `${draft}-journal`]) await writeFile(path, 'half of it')
      throw Object.assign(new Error('database or disk is full'), said)
    }
    const target = join(folder, 'copy.sqlite')
    const made = backUpFile(file, target, { onCopying() {}, onChecking() {} }, copying)
    await expect(made).rejects.toThrow(TargetFull)
    expect(await readdir(folder)).toEqual(['qunhub.sqlite'])
  },
)

test('CLI-130 a copy needs as much as the file and its log hold together', async () => {
  const { length } = await readFile(file)
  expect(await bytesToCopy(file)).toBe(length)
  const gateway = new DatabaseSync(file)
  gateway.exec(`update told set of = 'in the log'`)
  const log = await readFile(`${file}-wal`)
  expect(log.length).toBeGreaterThan(0)
  expect(await bytesToCopy(file)).toBe(length + log.length)
  gateway.close()
})

test('CLI-130 on a file system without hard links it is copied under its name, over nothing that is there', async () => {
  const [draft, target] = [join(folder, 'draft'), join(folder, 'target')]
  await writeFile(draft, 'whole')
  for (const code of ['EPERM', 'ENOTSUP']) {
    const linkless = () => Promise.reject(Object.assign(new Error(code), { code }))
    await nameWhole(draft, target, linkless)
    expect(await readFile(target, 'utf8')).toBe('whole')
    await writeFile(target, 'mine')
    await expect(nameWhole(draft, target, linkless)).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(target, 'utf8')).toBe('mine')
    await rm(target)
  }
})

test('CLI-120 what looks damaged because somebody wrote under the look is looked at once more; what is damaged is told', async () => {
  const torn = join(folder, 'torn.sqlite')
  const bytes = await readFile(file)
  await writeFile(torn, bytes.fill(0xff, bytes.length - 20_000))
  let looks = 0
  const facts = lookIntoFile(file, path => openToLook(looks++ === 0 ? torn : path))
  expect(facts).toMatchObject({ schema: 4, damage: [] })
  expect(looks).toBe(2)
  expect(lookIntoFile(torn).damage).not.toEqual([])
})
