/**
 * Rendered rows that memory has no room for, in a file: there a row of 100 members is found in ten microseconds, where rendering
 * it takes some hundreds.
 *
 * What stands in the file is known in memory alone, by chat, with the revision that it was rendered of (row-ring.ts). So it can be
 * as cold as the rows in memory are, and is never staler than they; and every process begins with none. The file has no name once
 * it is open: it is gone with its process, however that ends, and no backup takes it along.
 *
 * Rows are written behind, a batch at a time, and nobody waits for it. What comes faster than that is not kept. When the disk runs
 * short or fails, the file gives back all that it has and rests; rows are rendered meanwhile as if there were none.
 */
import { readSync } from 'node:fs'
import { type FileHandle, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, MINUTE_MS, SECOND_MS, sleep } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Cut } from './row-memory.ts'
import { RowRing } from './row-ring.ts'

const MIB = 2 ** 20
const BATCH_BYTES_MAX = MIB
/** Between two batches: some 40 MiB a second, a fraction of what a disk takes. */
const WRITE_EVERY_MS = 25
const WAITING_BYTES_MAX = 8 * MIB
/** The file grows only while so much stays free for those who cannot do without, above all the store. */
const FREE_BYTES_MIN = 1024 * MIB
/** With less than that left to others it gives back what it has. */
const FREE_BYTES_SHORT = FREE_BYTES_MIN / 2
const CHECK_EVERY_MS = 30 * SECOND_MS
/** After a failure, doubling while nothing comes of it. */
const REST_MIN_MS = MINUTE_MS
const REST_MAX_MS = 60 * MINUTE_MS

export interface FoundRow {
  readonly bytes: Buffer
  /** How many rows have been found since this one was found last. */
  readonly findsAgo: number
}

export interface RowFile {
  /** The row as it was rendered of this revision, in memory that `cut` gives; undefined where the file does not have it. */
  find(chat: string, revision: string, cut?: Cut): FoundRow | undefined
  /** To be written behind, unless it stands there or too much waits already. */
  keep(chat: string, revision: string, bytes: Buffer): void
  close(): Promise<void>
}

export interface RowFileSettings {
  /** Where the file is made, once there is something to write. */
  readonly directory: string
  /** 0: there is none. */
  readonly bytesMax: number
  readonly clock: Clock
  readonly log: Log
  readonly freeBytes?: (directory: string) => Promise<number>
}

interface Waiting {
  readonly chat: string
  readonly revision: string
  readonly bytes: Buffer
}

export function createRowFile(settings: RowFileSettings): RowFile {
  const { directory, bytesMax, clock, log, freeBytes = freeBytesIn } = settings
  const ring = new RowRing()
  const closing = new AbortController()
  let file: FileHandle | null = null
  /** How long it has become. */
  let size = 0
  let waiting: Waiting[] = []
  let waitingBytes = 0
  /** Whoever changes the file does it behind who does so already. */
  let underWay: Promise<void> = Promise.resolve()
  let isWriting = false
  let restsUntil = 0
  let restMs = REST_MIN_MS
  let callOffCheck: (() => void) | null = null

  const inTurn = (step: () => Promise<void>): Promise<void> => {
    underWay = underWay.then(step).catch(giveBack)
    return underWay
  }

  async function writeWaiting(): Promise<void> {
    while (waiting.length > 0 && !closing.signal.aborted) {
      const batch = takeBatch()
      await inTurn(() => write(batch))
      await sleep(clock, WRITE_EVERY_MS, closing.signal)
    }
    isWriting = false
  }

  function takeBatch(): Waiting[] {
    let count = 0
    let bytes = 0
    for (const row of waiting) {
      if (count > 0 && bytes + row.bytes.length > BATCH_BYTES_MAX) break
      count++
      bytes += row.bytes.length
    }
    waitingBytes -= bytes
    return waiting.splice(0, count)
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    if (clock.now() < restsUntil) return
    file ??= await openNameless(directory)
    const bytes = bytesOf(batch)
    const room = await roomFor(bytes)
    if (bytes > room) return
    const start = ring.place(bytes, room)
    const { bytesWritten } = await file.writev(
      batch.map(row => row.bytes),
      start,
    )
    if (bytesWritten !== bytes) throw new Error(`${bytesWritten} of ${bytes} bytes were written`)
    size = Math.max(size, start + bytes)
    let at = start
    for (const { chat, revision, bytes } of batch) {
      ring.put(chat, revision, { at, length: bytes.length })
      at += bytes.length
    }
    callOffCheck ??= clock.after(CHECK_EVERY_MS, check)
  }

  /** How long the file may be: it grows only while enough stays free. */
  async function roomFor(bytes: number): Promise<number> {
    if (size + bytes > bytesMax) return bytesMax
    const free = await freeBytes(directory)
    return free - bytes < FREE_BYTES_MIN ? size : bytesMax
  }

  /** Others may fill the disk while nothing is written here. */
  function check(): void {
    callOffCheck = null
    void inTurn(async () => {
      if (!file || closing.signal.aborted) return
      if ((await freeBytes(directory)) < FREE_BYTES_SHORT) throw new DiskShort('the disk runs short')
      restMs = REST_MIN_MS
      callOffCheck ??= clock.after(CHECK_EVERY_MS, check)
    })
  }

  async function giveBack(failure: unknown): Promise<void> {
    ring.clear()
    size = 0
    waiting = []
    waitingBytes = 0
    restsUntil = clock.now() + restMs
    restMs = Math.min(2 * restMs, REST_MAX_MS)
    log.warn({ err: failure }, 'rendered rows are not kept on the disk for a while')
    const given = file
    file = null
    // Without a name it is gone with its descriptor. That it cannot be closed is known already.
    await given?.close().catch(() => {})
  }

  return {
    find(chat, revision, cut = Buffer.allocUnsafeSlow) {
      const place = ring.find(chat, revision)
      if (!place || !file) return undefined
      const bytes = cut(place.length)
      try {
        if (readSync(file.fd, bytes, 0, place.length, place.at) === place.length)
          return { bytes, findsAgo: place.findsAgo }
        throw new Error('the file of rendered rows has become shorter')
      } catch (failure) {
        ring.clear()
        void inTurn(async () => {
          throw failure
        })
        return undefined
      }
    },
    keep(chat, revision, bytes) {
      if (closing.signal.aborted || bytes.length > bytesMax || clock.now() < restsUntil) return
      if (ring.has(chat, revision) || waitingBytes + bytes.length > WAITING_BYTES_MAX) return
      waiting.push({ chat, revision, bytes })
      waitingBytes += bytes.length
      if (isWriting) return
      isWriting = true
      void writeWaiting()
    },
    async close() {
      closing.abort()
      callOffCheck?.()
      await underWay
      ring.clear()
      const closed = file
      file = null
      await closed?.close()
    },
  }
}

class DiskShort extends Error {
  override name = 'DiskShort'
}

const bytesOf = (rows: readonly Waiting[]): number => rows.reduce((sum, { bytes }) => sum + bytes.length, 0)

/** The descriptor is all that is left of it. What a process before left behind, or anybody put there, is never written to. */
async function openNameless(directory: string): Promise<FileHandle> {
  const name = join(directory, 'rendered-rows')
  await rm(name, { force: true })
  const file = await open(name, 'wx+', 0o600)
  try {
    await rm(name)
    return file
  } catch (failure) {
    await file.close()
    throw failure
  }
}

async function freeBytesIn(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
