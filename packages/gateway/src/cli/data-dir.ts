import { existsSync, statSync } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The data directory, or a file in it, cannot be used as it is. The message names it and says what to do. */
export class DataDirUnusable extends Error {
  override name = 'DataDirUnusable'
}

/** It is no directory at all, so another one was meant. */
export class DataDirMisnamed extends DataDirUnusable {
  override name = 'DataDirMisnamed'
}

/**
 * Looks at the data directory before anything is opened or made in it, because what would fail later knows only a file
 * deep inside. `work` also needs to write. Throws {@link DataDirUnusable}; a directory that is not there yet is fine.
 */
export async function requireDataDir(dataDir: string, purpose: 'look' | 'work'): Promise<void> {
  const folder = await nearestThere(dataDir)
  if (!(await stat(folder)).isDirectory()) {
    throw new DataDirMisnamed(
      `数据目录 ${dataDir} 不可用: ${folder} 是文件, 不是目录, 请检查 --data-dir 或 QUNHUB_DATA_DIR / ` +
        `${folder} is a file and no directory: check --data-dir or QUNHUB_DATA_DIR`,
    )
  }
  const needed = purpose === 'work' ? constants.W_OK | constants.X_OK : constants.X_OK
  try {
    await access(folder, needed)
  } catch (cause) {
    throw forbidden(dataDir, folder, cause)
  }
}

/** The directory itself, or else the lowest folder above it that exists: there it would be made. */
async function nearestThere(dataDir: string): Promise<string> {
  for (let folder = dataDir; ; folder = dirname(folder)) {
    try {
      await stat(folder)
      return folder
    } catch (failure) {
      const { code } = failure as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw forbidden(dataDir, folder, failure)
    }
  }
}

function forbidden(dataDir: string, folder: string, cause: unknown): DataDirUnusable {
  const { code } = cause as NodeJS.ErrnoException
  const owned = code === 'EACCES' || code === 'EPERM' ? whoseItIs(folder) : NOTHING
  const why = code === 'EROFS' ? '文件系统只读' : code === 'ENOENT' ? '无法创建' : '没有权限'
  return new DataDirUnusable(
    `数据目录 ${dataDir} 不可用: ${folder} ${why}, ${owned.chinese}请检查权限, 或换一个 --data-dir / ` +
      `the data directory cannot be used: ${folder} may not be read, written or made (${code}): ${owned.english}check who may use it, or choose another --data-dir`,
    { cause },
  )
}

const NOTHING = { chinese: '', english: '' }

/** Of a volume that was made for somebody else that is all there is to say. */
function whoseItIs(folder: string): { readonly chinese: string; readonly english: string } {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  // Of what lies where we may not look, it is not there either.
  const owner = existsSync(folder) ? statSync(folder).uid : undefined
  if (uid === undefined || owner === undefined || owner === uid) return NOTHING
  const command = `chown -R ${uid}:${gid} ${folder}`
  return {
    chinese: `它属于用户 ${owner}, 而网关以用户 ${uid} 运行: 请执行 ${command} (容器则在宿主机上, 对卷所在的目录); `,
    english: `it belongs to user ${owner}, and this runs as user ${uid}: run ${command} (of a container: on its host, for the folder of the volume); `,
  }
}

/** What SQLite says of a file that is not what it should be, in words for operators. */
const sqliteWords: Readonly<Record<number, string>> = {
  8: '数据库只读, 请检查文件权限 / the database is read-only: check who may write it',
  11: '数据库已损坏, 请从备份恢复 / the database is damaged: restore it from a backup',
  13: '磁盘已满, 请清理后重试 / the disk is full: make room and try again',
  14: '数据库无法打开, 请检查文件权限 / the database cannot be opened: check who may use it',
  26: '数据库文件不是 SQLite 数据库, 请从备份恢复 / a database file is no SQLite database: restore it from a backup',
}

/** Tells of a store that cannot be opened where it is; any other failure stays as it is. */
export function namingDataDir(dataDir: string, failure: unknown): unknown {
  if (isUnmakable(failure)) return forbidden(dataDir, failure.path ?? dataDir, failure)
  const words = sqliteWords[sqliteCodeOf(failure)]
  return words ? new DataDirUnusable(`数据目录 ${dataDir}: ${words}`, { cause: failure }) : failure
}

/** A directory that could not be made: some file systems, such as /proc, look as if it could. */
const isUnmakable = (failure: unknown): failure is NodeJS.ErrnoException =>
  failure instanceof Error && 'syscall' in failure && failure.syscall === 'mkdir'

function sqliteCodeOf(failure: unknown): number {
  if (!(failure instanceof Error)) return 0
  // Extended codes carry more in their upper bytes.
  if ('errcode' in failure && typeof failure.errcode === 'number') return failure.errcode & 0xff
  return sqliteCodeOf(failure.cause)
}
