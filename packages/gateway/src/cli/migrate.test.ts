import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readMasterKey } from '../master-key.ts'
import { openStore } from '../store/database/open-store.ts'

let desk: Desk

beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

const migrate = async () => JSON.parse((await desk.cli('migrate --json')).stdout) as Record<string, unknown>

test('CLI-22 a gateway that runs keeps its data to itself', async () => {
  await desk.openDoor()
  const { exitCode, stderr } = await desk.cli('migrate')
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining(`in use by process ${process.pid} (qunhub serve)`),
  })
})

test('CLI-22 data of a newer Qunhub is refused', async () => {
  await desk.cli('migrate')
  const store = await openStore({ dataDir: desk.dataDir })
  const newer = store.db.query
    .insertInto('schema_version')
    .values({ version: 999, name: 'later', applied_at: 0 })
  await store.db.write(tx => tx.run(newer.compile()))
  await store.close()
  expect(await desk.cli('migrate')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('use a newer Qunhub'),
  })
  expect(await desk.cli('token list')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('use a newer Qunhub'),
  })
})

test('CLI-22 data from before the first release is refused by every command, in Chinese first', async () => {
  await desk.cli('workspace add 甲')
  const store = await openStore({ dataDir: desk.dataDir })
  await store.db.write(tx =>
    tx.run(tx.query.updateTable('schema_version').set({ name: 'first-tables' }).compile()),
  )
  await store.close()
  for (const args of ['migrate', 'token list', 'serve']) {
    expect(await desk.cli(args)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/数据由首个发布版之前的 Qunhub 写入.*4d81cca.*docs\/release-notes\.md/),
    })
  }
})

test('CLI-23 it makes a new store with its key, and a second time there is nothing to do', async () => {
  expect(await migrate()).toEqual({
    dataDir: desk.dataDir,
    outcome: 'created',
    schema: expect.any(Number),
    steps: expect.arrayContaining(['first-schema']),
  })
  expect(await readFile(join(desk.dataDir, 'secret.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
  expect(await migrate()).toMatchObject({ outcome: 'current', steps: [] })
})

test('CLI-23 an older store is not migrated on the way by other commands, only by this one', async () => {
  await readMasterKey({ dataDir: desk.dataDir, secretKey: undefined })
  // The oldest store of all: a crash came between the file and its first table.
  await writeFile(join(desk.dataDir, 'qunhub.sqlite'), '')
  expect(await desk.cli('token list')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('run qunhub migrate'),
  })
  expect(await migrate()).toMatchObject({ outcome: 'migrated' })
  expect(await desk.cli('workspace list')).toMatchObject({ exitCode: 0 })
})
