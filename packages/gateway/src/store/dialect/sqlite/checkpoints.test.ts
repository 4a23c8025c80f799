import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Checkpoints } from './checkpoints.ts'
import { Connection } from './connection.ts'

const KIB = 1024
const LOG_BYTES = 64 * KIB

async function openStoreWithThread(
  given: { readonly openThread?: () => Worker; readonly copyMaxMs?: number } = {},
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-checkpoints-'))
  const file = join(dataDir, 'store.sqlite')
  const writer = new Connection(file, { readOnly: false })
  writer.command('create table note (id integer primary key, bytes blob)')
  writer.command('pragma wal_checkpoint(truncate)')
  const checkpoints = new Checkpoints(writer, file, { bytes: LOG_BYTES, statementsPerLook: 10, ...given })
  onTestFinished(async () => {
    await checkpoints.close()
    writer.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return {
    file,
    checkpoints,
    writer,
    log: () =>
      writer.first({ sql: 'pragma wal_checkpoint(noop)', parameters: [] }) as {
        log: number
        checkpointed: number
      },
    count: () => (writer.first({ sql: 'select count(*) as n from note', parameters: [] }) as { n: number }).n,
    /** One commit of so many notes of one KiB. */
    write(notes: number) {
      writer.command('begin immediate')
      for (let n = 0; n < notes; n++)
        writer.run({ sql: 'insert into note (bytes) values (?)', parameters: [Buffer.alloc(KIB, n)] })
      writer.command('commit')
      void checkpoints.committed(notes)
    },
  }
}

test('ST-132 a log that has grown is copied beside the process, and begins anew although it goes on writing', async () => {
  const { checkpoints, log, count, write, file } = await openStoreWithThread()
  write(9)
  expect(checkpoints.isLooking).toBe(false)
  let longest = 0
  for (let commit = 0; commit < 100; commit++) {
    write(10)
    await checkpoints.idle()
    longest = Math.max(longest, log().log)
  }
  expect(count()).toBe(1009)
  // A thousand notes are some 2,000 pages.
  expect(longest).toBeGreaterThanOrEqual(LOG_BYTES / KIB)
  expect(longest).toBeLessThan(3 * (LOG_BYTES / KIB))
  expect((await stat(file)).size).toBeGreaterThan(900 * KIB)
})

test('ST-132 the last of it is copied beside the process as well, and the next commit waits for it', async () => {
  const { checkpoints, writer, log, write } = await openStoreWithThread()
  const commands = vi.spyOn(writer, 'command')
  let begun = 0
  for (let commit = 0; commit < 100; commit++) {
    const before = log().log
    write(10)
    if (log().log < before) begun++
    await checkpoints.idle()
  }
  expect(begun).toBeGreaterThan(5)
  expect(commands.mock.calls.flat().filter(sql => sql.includes('wal_checkpoint'))).toEqual([])
})

test('ST-132 a short log is left as it is', async () => {
  const { checkpoints, log, write } = await openStoreWithThread()
  write(10)
  await checkpoints.idle()
  expect(log()).toMatchObject({ log: expect.any(Number), checkpointed: 0 })
})

const noThread = (): Worker => {
  throw new Error('the machine has no thread to give')
}

test.each([
  ['ends', () => new Worker('not a program', { eval: true })],
  ['never begins', noThread],
])(
  'ST-132 where the thread %s the log is copied within commits, and nothing is lost',
  async (_, openThread) => {
    const { checkpoints, count, write, log } = await openStoreWithThread({ openThread })
    for (let commit = 0; commit < 100; commit++) {
      write(10)
      await checkpoints.idle()
    }
    expect(count()).toBe(1000)
    expect(log().log).toBeLessThan(3 * (LOG_BYTES / KIB))
  },
)

/** A thread whose disk takes a call and does not come back, until it does: not even its end is to be had meanwhile. */
function hangingThread() {
  const worker = new Worker("require('node:worker_threads').parentPort.on('message', () => {})", {
    eval: true,
  })
  const terminate = worker.terminate.bind(worker)
  worker.terminate = () => new Promise(() => {})
  onTestFinished(async () => void (await terminate()))
  return { worker, comeBack: terminate }
}

test('ST-132 a copy that hangs is given up after its time: the log is copied within commits, and what waits goes on', async () => {
  const { worker, comeBack } = hangingThread()
  const { checkpoints, count, write, log } = await openStoreWithThread({
    openThread: () => worker,
    copyMaxMs: 20,
  })
  write(10)
  expect(checkpoints.isLooking).toBe(true)
  await checkpoints.idle()
  // It may have the file open still, so nobody may take the log away.
  expect(checkpoints.isLooking).toBe(true)
  for (let commit = 0; commit < 100; commit++) write(10)
  expect(count()).toBe(1010)
  expect(log().log).toBeLessThan(3 * (LOG_BYTES / KIB))
  await comeBack()
  expect(checkpoints.isLooking).toBe(false)
})

test('ST-132 a store is closed although its copy hangs', async () => {
  const { worker } = hangingThread()
  const { checkpoints, count, write } = await openStoreWithThread({ openThread: () => worker })
  let hasEnded = false
  worker.once('exit', () => {
    hasEnded = true
  })
  write(10)
  expect(checkpoints.isLooking).toBe(true)
  const idle = checkpoints.idle()
  await checkpoints.close()
  await idle
  expect(hasEnded).toBe(false)
  expect(count()).toBe(10)
})

test('ST-142 the thread makes no file where the store is gone', async () => {
  const { checkpoints, write, file } = await openStoreWithThread()
  await rename(file, `${file}.gone`)
  write(80)
  await checkpoints.idle()
  expect(existsSync(file)).toBe(false)
})

test('ST-142 the thread opens no file that was put in the place of the store', async () => {
  const { checkpoints, write, file } = await openStoreWithThread()
  await rename(file, `${file}.gone`)
  await writeFile(file, 'not the store')
  write(80)
  await checkpoints.idle()
  expect((await stat(file)).size).toBe('not the store'.length)
})
