import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MasterKeyMissing, MasterKeyUnreadable, readMasterKey, warningOfOpenKey } from './master-key.ts'

let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-key-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const keyFile = () => join(dataDir, 'secret.key')
const read = (secretKey?: Buffer) => readMasterKey({ dataDir, secretKey })

test('OP-1 a store whose key is missing is refused, and no new key is made', async () => {
  await writeFile(join(dataDir, 'qunhub.sqlite'), '')
  await expect(read()).rejects.toThrow(MasterKeyMissing)
  await expect(read()).rejects.toThrow(/QUNHUB_SECRET_KEY/)
  expect(await readdir(dataDir)).toEqual(['qunhub.sqlite'])
})

test.each(['', 'abc', 'g'.repeat(64), 'a'.repeat(63)])(
  'OP-1 a damaged key file is refused: %j',
  async text => {
    await writeFile(keyFile(), text)
    await expect(read()).rejects.toThrow(MasterKeyUnreadable)
    expect(await readFile(keyFile(), 'utf8')).toBe(text)
  },
)

test('OP-2 a new store gets a key that only its owner may read, and keeps it', async () => {
  const first = await read()
  expect((await stat(keyFile())).mode & 0o777).toBe(0o600)
  expect(await readFile(keyFile(), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
  expect((await read()).hashToken('a')).toEqual(first.hashToken('a'))
  expect(await readdir(dataDir)).toEqual(['secret.key'])
})

test('OP-2 a data directory that does not exist yet is made for the owner only', async () => {
  const nested = join(dataDir, 'deep', 'data')
  await readMasterKey({ dataDir: nested, secretKey: undefined })
  expect((await stat(nested)).mode & 0o777).toBe(0o700)
})

test('OP-3 a configured key that differs from the one in the directory is refused: the data belongs to that one', async () => {
  await read()
  await expect(read(Buffer.alloc(32, 7))).rejects.toThrow(MasterKeyUnreadable)
})

test('OP-3 a configured key needs no file and leaves none; the same key may stand in one', async () => {
  const configured = await read(Buffer.alloc(32, 7))
  expect(await readdir(dataDir)).toEqual([])
  await writeFile(join(dataDir, 'secret.key'), `${'07'.repeat(32)}\n`)
  expect((await read(Buffer.alloc(32, 7))).hashToken('a')).toEqual(configured.hashToken('a'))
})

test.runIf(process.platform !== 'win32')(
  'OP-4 a key file that others may read is warned of, and read all the same',
  async () => {
    expect(await warningOfOpenKey({ dataDir })).toBeNull()
    await read()
    expect(await warningOfOpenKey({ dataDir })).toBeNull()
    await chmod(keyFile(), 0o644)
    expect(await warningOfOpenKey({ dataDir })).toMatch(/0644, 应为 0600.*chmod 600/)
    await read()
  },
)
