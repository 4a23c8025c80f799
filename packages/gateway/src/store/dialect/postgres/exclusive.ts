import type pg from 'pg'
import { MINUTE_MS } from '../../../model/clock.ts'
import type { Transaction } from '../../database.ts'
import { StoreBusy, StoreError } from '../../store-error.ts'
import { openPatientConnection } from './connections.ts'
import { toStoreError } from './postgres-fault.ts'
import type { OpenTransaction } from './transactions.ts'

/** Any number that nobody else uses: "qunhub" in ASCII. */
const LOCK = 0x71756e687562
/** Another node may be moving a big table. */
const WAIT_MAX_MS = 30 * MINUTE_MS
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Runs `work` in a transaction while no other process does the same on this database: whoever comes second waits until
 * the first has committed. Rejects with StoreBusy after half an hour.
 */
export async function runExclusively<T>(
  url: string,
  openTx: (client: pg.Client) => OpenTransaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await openPatientConnection(url)
  const tx = openTx(client)
  try {
    await requireVersion(client)
    await command(client, 'begin')
    await command(client, `set local lock_timeout = ${WAIT_MAX_MS}`)
    await command(client, `select pg_advisory_xact_lock(${LOCK})`)
    const value = await work(tx)
    await command(client, 'commit')
    return value
  } finally {
    tx.end()
    // What was not committed is undone with the connection.
    await client.end().catch(() => {})
  }
}

/** The oldest that the tests run on; older ones do not know all that is said to them. */
const VERSION_MIN = 150_000

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>('select current_setting($1) as version', [
    'server_version_num',
  ])
  const version = Number(rows[0]?.version)
  if (version >= VERSION_MIN) return
  throw new StoreError(
    `数据库版本 ${Math.floor(version / 10_000)} 过旧, 需要 PostgreSQL 15 及以上 / PostgreSQL ${Math.floor(version / 10_000)} is too old: 15 or newer is needed`,
  )
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
