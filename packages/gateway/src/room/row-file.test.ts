import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../store/contract/scene.contract.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { createRowFile, type RowFileSettings } from './row-file.ts'
import { RowRing } from './row-ring.ts'

const GIB = 2 ** 30
const PLENTY = async () => 100 * GIB
const KIB = 1024

async function openFile(but: Partial<RowFileSettings> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'qunhub-rows-'))
  const clock = new ManualClock()
  const warnings: string[] = []
  const log = { warn: (_: object, sentence: string) => void warnings.push(sentence) } as unknown as Log
  const settings = { directory, bytesMax: 64 * KIB, clock, log, freeBytes: PLENTY, ...but }
  const file = createRowFile(settings)
  onTestFinished(async () => {
    await file.close()
    await rm(directory, { recursive: true, force: true })
  })
  return {
    ...{ file, directory, clock, warnings },
    /** Waits until it is written. */
    async kept(chat: string, revision: string, bytes: Buffer): Promise<void> {
      file.keep(chat, revision, bytes)
      await eventually('a row to be written', () => {
        clock.advance(25)
        return file.find(chat, revision) !== undefined
      })
    },
  }
}

const row = (text: string, length = 100) => Buffer.from(text.repeat(length).slice(0, length))

test('RR-1 a row is found as it was written, under its revision and no other', async () => {
  const { file, kept } = await openFile()
  await kept('a', '1.1.1', row('甲乙'))
  await kept('b', '1.1.1', row('x'))
  expect(file.find('a', '1.1.1')?.bytes).toEqual(row('甲乙'))
  expect(file.find('b', '1.1.2')).toBeUndefined()
  await kept('a', '2.1.1', row('new'))
  expect(file.find('a', '1.1.1')).toBeUndefined()
})

test('RR-1 how soon a row is wanted again is told', async () => {
  const { file, kept } = await openFile()
  for (const chat of ['a', 'b', 'c']) await kept(chat, '1', row(chat))
  for (const chat of ['a', 'b', 'c', 'a']) file.find(chat, '1')
  expect(file.find('a', '1')?.findsAgo).toBe(1)
  expect(file.find('b', '1')?.findsAgo).toBe(4)
})

test('RR-2 the file has no name, so that nothing of it outlives its process', async () => {
  const { directory, file, kept } = await openFile()
  expect(await readdir(directory)).toEqual([])
  await kept('a', '1', row('a'))
  expect(await readdir(directory)).toEqual([])
  await file.close()
  expect(file.find('a', '1')).toBeUndefined()
  file.keep('a', '1', row('a'))
  expect(await readdir(directory)).toEqual([])
})

test('RR-3 written round and round it never shows another row, nor more than it may hold', async () => {
  const { fraction } = seededRandom(Number(process.env['SEED'] ?? 3))
  const ring = new RowRing()
  const sizeMax = 5000
  const disk = Buffer.alloc(sizeMax)
  const kept = new Map<string, { revision: string; bytes: Buffer }>()
  let found = 0
  let wrong = 0
  for (let n = 0; n < 1000; n++) {
    const batch = Array.from({ length: 1 + Math.floor(fraction() * 4) }, () => ({
      chat: String(Math.floor(fraction() * 40)),
      revision: String(n),
      bytes: randomBytes(1 + Math.floor(fraction() * 300)),
    }))
    let at = ring.place(
      batch.reduce((sum, { bytes }) => sum + bytes.length, 0),
      sizeMax,
    )
    for (const { chat, revision, bytes } of batch) {
      bytes.copy(disk, at)
      ring.put(chat, revision, { at, length: bytes.length })
      kept.set(chat, { revision, bytes })
      at += bytes.length
    }
    expect(at).toBeLessThanOrEqual(sizeMax)
    for (const [chat, { revision, bytes }] of kept) {
      const place = ring.find(chat, revision)
      if (!place) continue
      found++
      if (!disk.subarray(place.at, place.at + place.length).equals(bytes)) wrong++
    }
  }
  expect(wrong).toBe(0)
  // Of 40 rows of 150 bytes in the mean most fit.
  expect(found).toBeGreaterThan(1000 * 15)
})

test('RR-4 a disk that runs short gets everything back, and rows are kept again when it has room', async () => {
  let free = 100 * GIB
  const { file, clock, warnings, kept } = await openFile({ freeBytes: async () => free })
  await kept('a', '1', row('a'))
  free = 0.4 * GIB
  clock.advance(30 * SECOND_MS)
  await eventually('the file to be given back', () => file.find('a', '1') === undefined)
  await eventually('it to be told', () => warnings.length === 1)
  file.keep('a', '1', row('a'))
  free = 100 * GIB
  clock.advance(MINUTE_MS)
  await kept('a', '1', row('a'))
})

test('RR-4 while little is free the file does not grow, and its oldest rows make room', async () => {
  let free = 100 * GIB
  const { file, kept } = await openFile({ freeBytes: async () => free })
  for (const chat of ['a', 'b', 'c']) await kept(chat, '1', row(chat, 1000))
  free = 0.9 * GIB
  await kept('d', '1', row('d', 1000))
  expect(['a', 'b', 'c', 'd'].map(chat => file.find(chat, '1')?.bytes[0])).toEqual([
    undefined,
    ...[...'bcd'].map(letter => letter.charCodeAt(0)),
  ])
})

test('RR-4 a directory that cannot be written to costs one warning, and no answer', async () => {
  const { file, clock, warnings } = await openFile({ directory: '/proc/nowhere' })
  for (let n = 0; n < 5; n++) file.keep('a', String(n), row('a'))
  await eventually('the failure', () => {
    clock.advance(25)
    return warnings.length === 1
  })
  expect(file.find('a', '4')).toBeUndefined()
})

test('RR-5 what comes faster than it can be written is not kept, and neither is what is too big, or anything where nothing may be', async () => {
  const { file, clock } = await openFile({ bytesMax: 100 * 2 ** 20 })
  for (let n = 0; n < 20; n++) file.keep(`big ${n}`, '1', Buffer.alloc(2 ** 20, n))
  const isFound = (n: number) => file.find(`big ${n}`, '1') !== undefined
  // One is being written, and eight wait.
  await eventually('the last of those that wait to be written', () => {
    clock.advance(25)
    return isFound(8)
  })
  expect(Array.from({ length: 20 }, (_, n) => n).filter(isFound)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])

  const none = await openFile({ bytesMax: 0 })
  none.file.keep('a', '1', row('a'))
  const small = await openFile({ bytesMax: 10 })
  small.file.keep('a', '1', row('a'))
  expect(await readdir(none.directory)).toEqual([])
  expect(await readdir(small.directory)).toEqual([])
})
