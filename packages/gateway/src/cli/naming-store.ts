import assert from 'node:assert/strict'
import type { Config } from '../config.ts'
import { readDatabaseUrl } from '../model/database-url.ts'
import { ServerUnfit } from '../store/dialect/postgres/exclusive.ts'
import { StoreAway, StoreError } from '../store/store-error.ts'
import { namingDataDir } from './data-dir.ts'

/** The database cannot be worked in as it is. The message names it, never its password, and says what to do. */
export class DatabaseUnusable extends StoreError {
  override name = 'DatabaseUnusable'
}

/** What PostgreSQL says by its SQLSTATE, in words for operators. */
const words: Readonly<Record<string, string>> = {
  '28P01': '用户名或口令不对 / the user name or the password is wrong',
  '28000': '服务器不允许这个用户从这里连接 / the server does not let this user in from here',
  '3D000': '没有这个数据库, 请先 create database / there is no such database: create it first',
  '42501': '该用户没有建表的权限 / the user may not create tables',
  '53300':
    '连接数已满, 请调大 max_connections 或调小 QUNHUB_DATABASE_POOL / no connection is left: raise max_connections, or lower QUNHUB_DATABASE_POOL',
  '57P03': '数据库正在启动或停止, 请稍后重试 / it is starting or stopping: try again in a moment',
  '25006':
    '该服务器只读 (从库), 请用主库的地址 / the server is a read-only standby: give the address of the primary',
}

/** `host:port/name` of a database, or the directory of its socket and its name, without user and password. */
export function nameOfDatabase(databaseUrl: string): string {
  const place = readDatabaseUrl(databaseUrl)
  assert(place, 'the configuration takes no other address')
  return `${place.at}/${place.database}`
}

/** Tells of a store that cannot be opened where it is; any other failure stays as it is. */
export function namingStore({ dataDir, databaseUrl }: Config, failure: unknown): unknown {
  if (!databaseUrl) return namingDataDir(dataDir, failure)
  const name = nameOfDatabase(databaseUrl)
  const why = words[sqlStateOf(failure)]
  if (why) return new DatabaseUnusable(`数据库 ${name}: ${why}`, { cause: failure })
  if (failure instanceof ServerUnfit)
    return new DatabaseUnusable(`数据库 ${name}: ${failure.message}`, { cause: failure })
  if (!(failure instanceof StoreAway)) return namingDataDir(dataDir, failure)
  return new DatabaseUnusable(
    `无法连接数据库 ${name}, 请检查 DATABASE_URL、网络与数据库是否在运行 / ` +
      `the database ${name} cannot be reached: check DATABASE_URL, the network, and whether it runs${reasonOf(failure)}`,
    { cause: failure },
  )
}

function sqlStateOf(failure: unknown): string {
  if (!(failure instanceof StoreError) || !(failure.cause instanceof Error)) return ''
  return 'code' in failure.cause ? String(failure.cause.code) : ''
}

/** ECONNREFUSED and the like. The driver's own sentences name neither user nor password. */
const reasonOf = ({ cause }: StoreAway): string => (cause instanceof Error ? ` (${cause.message})` : '')
