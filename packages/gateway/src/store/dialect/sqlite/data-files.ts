import { statSync } from 'node:fs'
import { StoreUnwritable } from '../../database/store-error.ts'

/**
 * The database file and its write-ahead log, as they were when they were opened. Somebody may remove, replace or unmount
 * them under a running process; it goes on writing then, into files that nobody will ever find again. So it is looked
 * before each commit whether their names still lead to them: two questions to the file system, a few microseconds.
 */
export class DataFiles {
  readonly #file: string
  readonly #opened: string
  #openedLog: string | null = null

  /** The database must be open. */
  constructor(file: string) {
    this.#file = file
    this.#opened = identityOf(file)
  }

  /** Throws StoreUnwritable unless both are where they were opened. */
  requireInPlace(): void {
    if (identityOf(this.#file) !== this.#opened)
      throw new StoreUnwritable(
        `${this.#file} is another file than the one that was opened: put that one back, or restart Qunhub to go on with this one`,
      )
    const log = identityOf(this.#log)
    // It is there as soon as the database has been read, and as long as it is open.
    this.#openedLog ??= log
    if (log !== this.#openedLog)
      throw new StoreUnwritable(`${this.#log} is another file than the one that was opened`)
  }

  /** Whether the log alone is gone: what it held can still be saved (`forgetLog`). */
  get isLogGone(): boolean {
    try {
      return (
        identityOf(this.#file) === this.#opened &&
        this.#openedLog !== null &&
        statSync(this.#log, { throwIfNoEntry: false }) === undefined
      )
    } catch {
      // A file system that does not answer says nothing of the log.
      return false
    }
  }

  /** The next one that is found is the right one. */
  forgetLog(): void {
    this.#openedLog = null
  }

  get #log(): string {
    return `${this.#file}-wal`
  }
}

function identityOf(file: string): string {
  let found: ReturnType<typeof statSync>
  try {
    found = statSync(file, { bigint: true, throwIfNoEntry: false })
  } catch (cause) {
    throw new StoreUnwritable(`${file} cannot be looked at: ${(cause as Error).message}`, { cause })
  }
  if (!found) throw new StoreUnwritable(`${file} is gone: put it back, or restart Qunhub to begin anew`)
  return `${found.dev} ${found.ino}`
}
