/**
 * Whether a write would be kept at this moment. Nothing is asked of WeCom unless it would, and to find out by a commit
 * would cost each request a sync of the disk more. So it is told from what costs little: the files are where they were
 * opened, the reserve is whole and takes a byte, nobody else holds the lock, and the last writes were kept.
 *
 * Once a write was not kept only a real one says that the next would be: it is tried whenever somebody asks, one at a time.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Checkpoints } from './checkpoints.ts'
import type { Connection } from './connection.ts'
import type { DataFiles } from './data-files.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Reserve } from './reserve.ts'

/** A trial takes a few milliseconds where it can be had at all. */
const TRIAL_AT_ONCE_MAX_MS = 250

/** Writes the first page anew: SQLite keeps the number, which is ours to set, and does nothing with it. */
const TRIAL = { sql: 'pragma user_version = 0', parameters: [] }

interface Parts {
  readonly writer: Connection
  readonly reader: Connection
  readonly files: DataFiles
  readonly reserve: Reserve
  readonly commits: GroupCommit
  readonly checkpoints: Checkpoints
}

export class Writability {
  readonly #parts: Parts
  #trial: Promise<void> | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Rejects with StoreUnwritable. `atOnce`: without waiting for somebody else's lock. */
  async require(atOnce: boolean): Promise<void> {
    const { files, reserve, commits } = this.#parts
    if (files.isLogGone) this.#replaceLog()
    files.requireInPlace()
    await reserve.require()
    if (commits.trouble) return this.#try(atOnce)
    // To wait for it is to stand in the queue; a write that changes nothing syncs nothing.
    if (!atOnce && !commits.isLockFree()) await commits.write(async () => {})
  }

  async #try(atOnce: boolean): Promise<void> {
    const { commits } = this.#parts
    this.#trial ??= commits
      .write(tx => tx.run(TRIAL))
      .then(() => commits.forgive())
      .finally(() => {
        this.#trial = null
      })
    const trial = this.#trial
    if (!atOnce) return trial
    await Promise.race([trial, pause(TRIAL_AT_ONCE_MAX_MS)])
    if (commits.trouble) throw commits.trouble
  }

  /**
   * Somebody removed the log. What it held is still in our hands: it goes into the database file, and a new log is begun.
   * All at once, so that nobody reads or writes between.
   */
  #replaceLog(): void {
    const { writer, reader, files, checkpoints } = this.#parts
    if (writer.inTransaction || checkpoints.isLooking) return
    const { busy } = writer.first({ sql: 'pragma wal_checkpoint(truncate)', parameters: [] }) as {
      busy: number
    }
    // Somebody else reads what only the log holds; the next check tries again.
    if (busy !== 0) return
    // The log ends with the last one that is closed.
    reader.close()
    writer.close()
    writer.open()
    reader.open()
    files.forgetLog()
  }
}
