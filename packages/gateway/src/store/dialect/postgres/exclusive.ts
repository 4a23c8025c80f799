import type pg from 'pg'
import { MINUTE_MS } from '../../../model/clock.ts'
import type { Transaction } from '../../database.ts'
import { StoreBusy } from '../../store-error.ts'
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
    await command(client, 'begin')
    await command(client, `set local lock_timeout = ${WAIT_MAX_MS}`)
    await command(client, `select pg_advisory_xact_lock(${LOCK})`)
    const value = await work(tx)
    await command(client, 'commit')
    for (const call of tx.committed) call()
    return value
  } finally {
    tx.end()
    // What was not committed is undone with the connection.
    await client.end().catch(() => {})
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
