import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { StoreError } from '../../database/store-error.ts'

/** What stands in the file of the embedded store. */
export interface FileFacts {
  readonly schema: number
  /** What SQLite finds wrong with it; empty where it is sound. */
  readonly damage: readonly string[]
  /** The newest moment that was written down; null where none was. */
  readonly newestAt: number | null
}

const DAMAGE_TOLD_MAX = 5
/** A gateway that is in the midst of its start or its end may lock readers out for so long. */
const LOCK_WAIT_MAX_MS = 5000

/**
 * Looks into the file without taking part: a gateway may work in it meanwhile, and nothing is changed or left behind. Checks all of
 * it, which takes as long as reading it; what looks damaged is looked at once more, for somebody may have begun to write under a
 * look that holds no lock. Throws StoreError where it cannot be read at all.
 */
export function lookIntoFile(file: string, open: (file: string) => DatabaseSync = openToLook): FileFacts {
  const first = lookOnce(file, open)
  const facts = first instanceof StoreError || first.damage.length > 0 ? lookOnce(file, open) : first
  if (facts instanceof StoreError) throw facts
  return facts
}

function lookOnce(file: string, open: (file: string) => DatabaseSync): FileFacts | StoreError {
  try {
    const looking = open(file)
    try {
      return {
        schema: numberIn(looking, 'select max(version) as found from schema_version') ?? 0,
        damage: damageIn(looking),
        newestAt: newestIn(looking),
      }
    } finally {
      looking.close()
    }
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    return new StoreError(`数据库文件无法读取 / the database file cannot be read: ${cause.message}`, {
      cause,
    })
  }
}

/**
 * A reader of a file in WAL mode makes the files beside it where there are none, and leaves them. So where there are none, which
 * is when nobody has the store open, it is told that nothing will change. It holds no lock then, and who opens the store meanwhile
 * writes under it: what must be of one moment is read from {@link openToCopy}.
 */
export function openToLook(file: string): DatabaseSync {
  if (existsSync(`${file}-wal`)) return new DatabaseSync(file, { readOnly: true, timeout: LOCK_WAIT_MAX_MS })
  const still = pathToFileURL(file)
  still.searchParams.set('immutable', '1')
  return new DatabaseSync(still, { readOnly: true })
}

/** Reads one moment of it, whoever begins to write meanwhile. To be closed by {@link closeCopied}. */
export const openToCopy = (file: string): DatabaseSync =>
  new DatabaseSync(file, { readOnly: true, timeout: LOCK_WAIT_MAX_MS })

/** An empty log is one that the reader made, or nobody needs: SQLite takes it away when the last that may write is closed. */
export function closeCopied(source: DatabaseSync, file: string): void {
  source.close()
  if (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size !== 0) return
  const tidying = new DatabaseSync(file, { timeout: LOCK_WAIT_MAX_MS })
  try {
    // Before its first question it has not opened the log.
    numberIn(tidying, 'select max(version) as found from schema_version')
  } finally {
    tidying.close()
  }
}

/** Each in one line. */
function damageIn(looking: DatabaseSync): string[] {
  const found = looking.prepare(`pragma quick_check(${DAMAGE_TOLD_MAX})`).all()
  const words = found.map(({ quick_check }) => String(quick_check))
  return words.length === 1 && words[0] === 'ok' ? [] : words
}

/** Of those that are written all the time, and of the schema itself. */
const newestIn = (looking: DatabaseSync): number | null =>
  numberIn(
    looking,
    `select max(at) as found from (
      select max(applied_at) as at from schema_version
      union all select max(created_at) from workspace
      union all select max(owed_at) from callback
      union all select max(at) from bot_move)`,
  )

function numberIn(looking: DatabaseSync, sql: string): number | null {
  const found = looking.prepare(sql).get()?.['found']
  return typeof found === 'number' ? found : null
}
