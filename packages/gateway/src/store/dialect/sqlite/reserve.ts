/**
 * Room on the disk that is kept in reserve. What was asked of WeCom has happened, and must be written down also when the
 * disk has filled up meanwhile: then the reserve is given back to the disk, and the write is tried again. While it is not
 * whole nothing new is asked of WeCom, so nobody needs it twice. It is made whole again as soon as there is room.
 *
 * It is a file of chance bytes, because a file system that compresses would hold nothing for zeros.
 */

import { randomBytes } from 'node:crypto'
import { fstatSync, ftruncateSync, statfsSync, statSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { StoreUnwritable } from '../../database/store-error.ts'

/** What the rooms of some requests come to, each with 40 people whom nobody knew before. */
export const RESERVE_BYTES = 4 * 1024 * 1024
/** So much more must be free: it is not made of the last room that the next write needs. */
const FREE_BESIDE_BYTES = RESERVE_BYTES
/** With less the disk is full: what is left is not enough for the pages of one request. */
const FREE_MIN_BYTES = 256 * 1024
const OWNER_ONLY = 0o600

export class Reserve {
  readonly #file: string
  #handle: FileHandle | null = null
  #isWhole = false
  #underWay: Promise<void> | null = null
  #closed = false

  constructor(file: string) {
    this.#file = file
  }

  /** Resolves when it is whole and the disk takes a byte; rejects with StoreUnwritable. */
  require(): Promise<void> {
    this.#underWay ??= this.#require()
      .catch(cause => {
        throw new StoreUnwritable(`no room is kept in reserve: ${(cause as Error).message}`, { cause })
      })
      .finally(() => {
        this.#underWay = null
      })
    return this.#underWay
  }

  /** Gives its room back to the disk. False when that was done before. */
  release(): boolean {
    if (!this.#handle || !this.#isWhole) return false
    this.#isWhole = false
    ftruncateSync(this.#handle.fd, 0)
    return true
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#underWay?.catch(() => {})
    await this.#handle?.close()
    this.#handle = null
  }

  async #require(): Promise<void> {
    if (this.#closed) throw new Error('it is closed')
    await this.#open()
    if (!this.#isWhole) await this.#fill()
    // The reserve is for what has happened already; nothing is begun on it.
    if (this.#freeBytes() < FREE_MIN_BYTES) throw new Error('the disk is full')
    // A disk that may only be read, or is broken, shows it here. At once, as a commit would: a thread costs each request 0.3 ms.
    writeSync(this.#handle!.fd, TOUCH, 0, 1, 0)
  }

  async #open(): Promise<void> {
    const there = statSync(this.#file, { throwIfNoEntry: false })
    if (this.#handle && there?.ino === fstatSync(this.#handle.fd).ino) return
    await this.#handle?.close()
    this.#handle = await open(this.#file, there ? 'r+' : 'wx+', OWNER_ONLY)
    const { size, blocks } = await this.#handle.stat()
    this.#isWhole = size === RESERVE_BYTES && blocks * BLOCK_BYTES >= RESERVE_BYTES
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#file))
    return bavail * bsize
  }

  async #fill(): Promise<void> {
    const handle = this.#handle!
    if (this.#freeBytes() < RESERVE_BYTES + FREE_BESIDE_BYTES) throw new Error('the disk is full')
    try {
      const bytes = await chanceBytes(RESERVE_BYTES)
      for (let at = 0; at < bytes.length; ) {
        at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten
      }
      this.#isWhole = true
    } finally {
      if (!this.#isWhole) ftruncateSync(handle.fd, 0)
    }
  }
}

const chanceBytes: (size: number) => Promise<Buffer> = promisify(randomBytes)

/** What `blocks` of a file counts in, whatever its file system's own blocks are. */
const BLOCK_BYTES = 512
const TOUCH = Buffer.from([0])
