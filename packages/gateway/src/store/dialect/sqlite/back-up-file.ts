/**
 * A copy of the embedded store's file while somebody may work in it. All of it is taken in one step, within one read: so it is the
 * store of one moment, and a gateway that goes on writing neither waits for it nor makes it begin anew. It appears under its name
 * when it is whole, on the disk and checked, and never over anything that is there.
 */
import { createHash, randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { backup } from 'node:sqlite'
import { StoreError } from '../../database/store-error.ts'
import { closeCopied, openToCopy, openToLook } from './look-into-file.ts'
import { flush, nameWhole } from './name-whole.ts'

export interface BackedUp {
  readonly bytes: number
  readonly schema: number
  /** Of the file's bytes, so that it is known later for the one that was made now. */
  readonly sha256: string
}

/** The copy is not what it should be; it was taken away again. */
class BackupDamaged extends StoreError {
  override name = 'BackupDamaged'
}

/** The disk of the target has no room for it, or a quota has not. */
export class TargetFull extends StoreError {
  override name = 'TargetFull'
}

/** SQLite reads so many pages in a step; a file has fewer. */
const ALL_PAGES = 2 ** 31 - 1
const DAMAGE_TOLD_MAX = 5
const READ_BYTES = 1024 * 1024

export interface Watching {
  /** Where the copy grows until it is whole. */
  readonly onCopying: (draft: string) => void
  /** Before the check, which nothing can be told during. */
  readonly onChecking: () => void
}

/** What a copy takes at most: what was written a moment ago is in the log alone. */
export async function bytesToCopy(file: string): Promise<number> {
  // There is none where the last gateway has ended in order.
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false })
  return (await stat(file)).size + (log?.size ?? 0)
}

/** Rejects with BackupDamaged, with TargetFull, and with EEXIST of the system where the target is there. */
export async function backUpFile(
  file: string,
  target: string,
  watching: Watching,
  copying = copyInOneStep,
): Promise<BackedUp> {
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}.new`)
  try {
    watching.onCopying(draft)
    await copying(file, draft)
    await flush(draft)
    watching.onChecking()
    const schema = check(draft)
    const sha256 = await hash(draft)
    const { size } = await stat(draft)
    await nameWhole(draft, target)
    return { bytes: size, schema, sha256 }
  } catch (failure) {
    throw hasNoRoom(failure) ? new TargetFull('the disk of the copy is full', { cause: failure }) : failure
  } finally {
    // Of a copy that broke off SQLite leaves its journal.
    for (const left of [draft, `${draft}-journal`]) await rm(left, { force: true })
  }
}

/** SQLITE_FULL, and SQLITE_IOERR_WRITE of a quota. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 13, 778]

// The store itself is only read.
const hasNoRoom = (failure: unknown): boolean =>
  failure instanceof Error &&
  ['code' in failure && failure.code, 'errcode' in failure && failure.errcode].some(said =>
    NO_ROOM.includes(said),
  )

async function copyInOneStep(file: string, draft: string): Promise<void> {
  // Made by us, for the owner only: it holds names and topics.
  await (await open(draft, 'wx', 0o600)).close()
  const source = openToCopy(file)
  try {
    await backup(source, draft, { rate: ALL_PAGES })
  } finally {
    closeCopied(source, file)
  }
}

// Nobody else knows the draft.
function check(draft: string): number {
  const looking = openToLook(draft)
  try {
    const found = looking.prepare(`pragma integrity_check(${DAMAGE_TOLD_MAX})`).all()
    const words = found.map(({ integrity_check }) => String(integrity_check)).join('; ')
    if (words !== 'ok')
      throw new BackupDamaged(
        `副本没有通过检查, 没有保留; 原来的数据可能已损坏, 请用 qunhub doctor 检查: ${words} / ` +
          `the copy did not pass its check and was not kept; the store itself may be damaged, see qunhub doctor: ${words}`,
      )
    return Number(looking.prepare('select max(version) as found from schema_version').get()?.['found'])
  } finally {
    looking.close()
  }
}

async function hash(path: string): Promise<string> {
  const sha256 = createHash('sha256')
  await using handle = await open(path, 'r')
  for await (const chunk of handle.createReadStream({ highWaterMark: READ_BYTES, autoClose: false }))
    sha256.update(chunk as Buffer)
  return sha256.digest('hex')
}
