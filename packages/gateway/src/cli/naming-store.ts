import assert from 'node:assert/strict'
import type { Config } from '../config/config.ts'
import { readDatabaseUrl } from '../model/database-url.ts'
import { StoreAway, StoreError } from '../store/database/store-error.ts'
import { ServerUnfit } from '../store/dialect/postgres/server-unfit.ts'
import { namingDataDir } from './data-dir.ts'

/** The database cannot be worked in as it is. The message names it, never its password, and says what to do. */
class DatabaseUnusable extends StoreError {
  override name = 'DatabaseUnusable'
}

const UNTRUSTED =
  '服务器的 TLS 证书不受信任: 请在地址后加 sslrootcert=/路径/ca.pem, 指明为它作保的 CA / its TLS certificate is not trusted: name the CA that vouches for it with sslrootcert=/path/ca.pem behind the address'
const POOLED =
  '预备语句在连接之间错乱, 前面的连接池大概不是会话模式: 请改为 pool_mode = session, 或直连 / prepared statements are mixed up, so the pool before it is most likely not in session mode: set pool_mode = session, or connect directly'

/** What PostgreSQL says by its SQLSTATE, and Node by its code, in words for operators. */
const words: Readonly<Record<string, string>> = {
  '08P01':
    '服务器或前面的连接池不接受连接的方式; 若指明了启动参数, 请从地址中去掉, 或写进 PgBouncer 的 ignore_startup_parameters / the server, or the pool before it, does not take how we connect; where a startup parameter is named, leave it out of the address, or put it into ignore_startup_parameters of PgBouncer',
  '42P05': POOLED,
  '26000': POOLED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_HAS_EXPIRED: '服务器的 TLS 证书已过期, 请更换 / its TLS certificate has expired: replace it',
  CERT_NOT_YET_VALID:
    '服务器的 TLS 证书尚未生效, 请核对本机时间 / its TLS certificate is not valid yet: check the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID:
    '服务器的 TLS 证书不是签发给这个主机名的: 请用证书中的名字连接 / its TLS certificate is for another host name: connect by a name that stands in it',
  '28P01': '用户名或口令不对 / the user name or the password is wrong',
  '28000':
    '服务器不允许这个用户从这里连接, 也可能要求加密 (sslmode) / the server does not let this user in from here; perhaps it wants TLS (sslmode)',
  '3D000': '没有这个数据库, 请先 create database / there is no such database: create it first',
  '3F000':
    'search_path 里没有一个已存在的 schema, 请先 create schema, 或改 search_path / no schema of the search_path exists: create it, or change the search_path',
  '42501': '该用户没有建表的权限 / the user may not create tables',
  '53300':
    '连接数已满, 请调大 max_connections 或调小 QUNHUB_DATABASE_POOL / no connection is left: raise max_connections, or lower QUNHUB_DATABASE_POOL',
  '57P03': '数据库正在启动或停止, 请稍后重试 / it is starting or stopping: try again in a moment',
  '25006':
    '该服务器只读 (从库), 请用主库的地址 / the server is a read-only standby: give the address of the primary',
}

const UNKNOWN_SETTING =
  '地址中 options 里的设置, 服务器不认识或不接受 / the server does not know, or not take, a setting in options of the address'
/** What a statement may be refused with as well, and then means another thing. */
const NOT_LET_IN: Readonly<Record<string, string>> = {
  '22023': UNKNOWN_SETTING,
  '42601': UNKNOWN_SETTING,
  '42704': UNKNOWN_SETTING,
  '55000':
    '数据库不接受连接, 请 alter database … with allow_connections true / it takes no connections: alter database … with allow_connections true',
}

const NO_PASSWORD =
  '服务器要口令, 而地址中没有: postgres://用户:口令@… / the server wants a password, and there is none in the address: postgres://user:password@…'
/** The driver's own words, which have no code. */
const OF_THE_DRIVER = new Map([
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', NO_PASSWORD],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string', NO_PASSWORD],
  [
    'The server does not support SSL connections',
    '服务器没有开启 TLS: 请在服务器上开启, 或从地址中去掉 sslmode / the server has no TLS: switch it on there, or leave sslmode out of the address',
  ],
])

/** `host:port/name` of a database, or the directory of its socket and its name, without user and password. */
export function nameOfDatabase(databaseUrl: string): string {
  const database = readDatabaseUrl(databaseUrl)
  assert(database, 'the configuration takes no other address')
  return `${database.at}/${database.database}`
}

/** Tells of a store that cannot be opened where it is; any other failure stays as it is. */
export function namingStore({ dataDir, databaseUrl }: Config, failure: unknown): unknown {
  if (!databaseUrl) return namingDataDir(dataDir, failure)
  const name = nameOfDatabase(databaseUrl)
  if (failure instanceof ServerUnfit)
    return new DatabaseUnusable(`数据库 ${name}: ${failure.message}`, { cause: failure })
  const code = sqlStateOf(failure)
  const notLetIn = failure instanceof StoreAway ? NOT_LET_IN[code] : undefined
  const why = words[code] ?? notLetIn ?? OF_THE_DRIVER.get(reasonOf(failure))
  if (why) return new DatabaseUnusable(`数据库 ${name}: ${why}${detailOf(failure)}`, { cause: failure })
  if (!(failure instanceof StoreAway)) return namingDataDir(dataDir, failure)
  return new DatabaseUnusable(
    `无法连接数据库 ${name}, 请检查 DATABASE_URL、网络与数据库是否在运行 / ` +
      `the database ${name} cannot be reached: check DATABASE_URL, the network, and whether it runs${inBrackets(reasonOf(failure))}`,
    { cause: failure },
  )
}

function sqlStateOf(failure: unknown): string {
  if (!(failure instanceof StoreError) || !(failure.cause instanceof Error)) return ''
  return 'code' in failure.cause ? String(failure.cause.code) : ''
}

/** Which parameter it is, or whatever else was said beside the code. */
function detailOf(failure: unknown): string {
  const reason = reasonOf(failure)
  return reason.startsWith(`${sqlStateOf(failure)}: `) ? ` (${reason})` : ''
}

/** ECONNREFUSED and the like. The driver's own sentences name neither user nor password. */
const reasonOf = (failure: unknown): string =>
  failure instanceof StoreError && failure.cause instanceof Error ? failure.cause.message : ''

const inBrackets = (reason: string): string => (reason === '' ? '' : ` (${reason})`)
