import type pg from 'pg'
import { MINUTE_MS } from '../../../system/clock.ts'
import type { Transaction } from '../../database/database.ts'
import { StoreBusy } from '../../database/store-error.ts'
import { openPatientConnection } from './connections.ts'
import { isCollision, toStoreError } from './postgres-fault.ts'
import { requireSession } from './require-session.ts'
import { ServerUnfit } from './server-unfit.ts'
import type { OpenTransaction } from './transactions.ts'

/** Any number that nobody else uses: "qunhub" in ASCII. */
const LOCK = 0x71756e687562
/** Another node may be moving a big table. */
const WAIT_MAX_MS = 30 * MINUTE_MS
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Runs `work` in a transaction while no other process does the same on this database: whoever comes second waits until
 * the first has committed. Rejects with ServerUnfit when the server is too old; with StoreBusy after half
 * an hour, or when it collides with a running write: then it may be run again.
 */
export async function runExclusively<T>(
  url: string,
  openTx: (client: pg.Client) => OpenTransaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await openPatientConnection(url)
  const tx = openTx(client)
  try {
    await requireServer(client)
    await requireSession(client, url)
    await command(client, 'begin')
    await command(client, `set local lock_timeout = ${WAIT_MAX_MS}`)
    await command(client, `select pg_advisory_xact_lock(${LOCK})`)
    const value = await work(tx)
    await command(client, 'commit')
    return value
  } catch (failure) {
    if (!isCollision(failure)) throw failure
    throw new StoreBusy('somebody else wanted the same tables in another order', { cause: failure })
  } finally {
    tx.end()
    // What was not committed is undone with the connection.
    await client.end().catch(() => {})
  }
}

/** The oldest that the tests run on; older ones do not know all that is said to them. */
const VERSION_MIN = 150_000

/** What an operator can only put right elsewhere, said before anything is made. */
async function requireServer(client: pg.Client): Promise<void> {
  const { rows } = await client
    .query<{ version: string; encoding: string }>(
      `select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding`,
    )
    .catch(failure => {
      throw toStoreError(failure)
    })
  const { version, encoding } = rows[0]!
  const major = Math.floor(Number(version) / 10_000)
  if (Number(version) < VERSION_MIN) {
    throw new ServerUnfit(
      `数据库版本 ${major} 过旧, 需要 PostgreSQL 15 及以上 / PostgreSQL ${major} is too old: 15 or newer is needed`,
    )
  }
  if (encoding !== 'UTF8') {
    throw new ServerUnfit(
      `数据库编码为 ${encoding}, 存不下所有文字, 请以 encoding 'UTF8' 新建数据库 / the database has the encoding ${encoding}, which does not hold every text: create one with encoding 'UTF8'`,
    )
  }
}

async function command(client: pg.Client, sql: string): Promise<void> {
  try {
    await client.query(sql)
  } catch (failure) {
    if ((failure as { code?: string }).code === LOCK_NOT_AVAILABLE)
      throw new StoreBusy('another process has been changing the schema for half an hour', { cause: failure })
    throw toStoreError(failure)
  }
}
