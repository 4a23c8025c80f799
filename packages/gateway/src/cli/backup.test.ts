import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let desk: Desk
let folder: string
beforeEach(async () => {
  desk = await openDesk()
  folder = join(dirname(desk.dataDir), 'backups')
  await mkdir(folder)
})
afterEach(() => desk.close())

describe.each([
  ['with no gateway', async () => {}],
  ['beside a gateway that works', () => desk.openDoor()],
])('%s', (_how, begin) => {
  test('CLI-130 `backup`: one whole file for its owner only, checked, with its hash, and the master key is named', async () => {
    const { id } = await desk.json('add-workspace', 'workspace add 甲')
    await begin()
    await desk.cli('tag add VIP')
    const { exitCode, stdout, stderr } = await desk.cli(`backup ${folder}/a.sqlite --json`)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const made = JSON.parse(stdout)
    expect(made).toMatchObject({
      file: `${folder}/a.sqlite`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      masterKey: { kind: 'file', where: `${desk.dataDir}/secret.key` },
    })
    const { size, mode } = await stat(made.file)
    expect({ size, mode: mode & 0o777 }).toEqual({ size: made.bytes, mode: 0o600 })
    expect(await readdir(folder)).toEqual(['a.sqlite'])

    // What was written a moment ago is in it, out of the log that a bare copy would lack.
    const restored = join(folder, 'restored')
    await mkdir(restored)
    await writeFile(join(restored, 'qunhub.sqlite'), await readFile(made.file))
    await writeFile(join(restored, 'secret.key'), await readFile(join(desk.dataDir, 'secret.key')), {
      mode: 0o600,
    })
    const env = { QUNHUB_DATA_DIR: restored }
    expect(JSON.parse((await runCliHere('tag list --json', env)).stdout).tags).toMatchObject([
      { name: 'VIP' },
    ])
    expect(JSON.parse((await runCliHere('workspace list --json', env)).stdout).workspaces).toMatchObject([
      { id },
    ])
  })
})

test('CLI-130 in a directory it is named by the time; nothing that is there is ever written over', async () => {
  await desk.cli('workspace add 甲')
  const first = await desk.cli(`backup ${folder}`)
  expect(first).toMatchObject({ exitCode: 0, stderr: '' })
  expect(first.stdout).toMatch(/主密钥 master key +不在副本里.*secret\.key/)
  const [name] = await readdir(folder)
  expect(name).toMatch(/^qunhub-\d{4}-\d\d-\d\dT\d{6}Z\.sqlite$/)
  await writeFile(join(folder, 'mine'), 'keep me')
  for (const target of [join(folder, 'mine'), join(desk.dataDir, 'qunhub.sqlite')]) {
    const refused = await desk.cli(`backup ${target} --json`)
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(JSON.parse(refused.stderr)).toMatchObject({ refused: 'target-exists' })
  }
  expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('keep me')
  const nowhere = await desk.cli(`backup ${folder}/no/such/file --json`)
  expect(JSON.parse(nowhere.stderr)).toMatchObject({ refused: 'target-missing' })
})

test('CLI-130 no store, a damaged one, or no master key: said in words, and no file that would look like a backup', async () => {
  expect(await desk.cli(`backup ${folder}`)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('没有数据'),
  })
  await desk.cli('workspace add 甲')
  await rm(join(desk.dataDir, 'secret.key'))
  const keyless = await desk.cli(`backup ${folder}/keyless --json`)
  expect(keyless).toMatchObject({ exitCode: 1 })
  expect(JSON.parse(keyless.stdout)).toMatchObject({ masterKey: { kind: 'missing' } })
  const named = await desk.cli(`backup ${folder}/named --json`, { QUNHUB_SECRET_KEY: 'a'.repeat(64) })
  expect(JSON.parse(named.stdout)).toMatchObject({ masterKey: { kind: 'setting' } })

  await using file = await open(join(desk.dataDir, 'qunhub.sqlite'), 'r+')
  const { size } = await file.stat()
  const half = Math.floor(size / 2)
  await file.write(Buffer.alloc(half, 0xff), 0, half, half)
  const damaged = await desk.cli(`backup ${folder}/damaged`)
  expect(damaged).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/已损坏/) })
  expect((await readdir(folder)).toSorted()).toEqual(['keyless', 'named'])
})

test('CLI-131 of PostgreSQL it says by which of its own tools, and repeats neither user nor password', async () => {
  const refused = await desk.cli(`backup ${folder}`, {
    DATABASE_URL: 'postgres://canary:secret@db.example:5432/qunhub',
  })
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
  expect(refused.stderr).toMatch(
    /db\.example:5432\/qunhub[\s\S]*pg_dump[\s\S]*pg_restore[\s\S]*pg_basebackup/,
  )
  expect(refused.stderr).not.toMatch(/canary|secret@/)
  expect(await readdir(folder)).toEqual([])
})
