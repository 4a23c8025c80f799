import type pg from 'pg'
import { SECOND_MS } from '../../../system/clock.ts'
import { openPatientConnection } from './connections.ts'
import { toStoreError } from './postgres-fault.ts'
import { ServerUnfit } from './server-unfit.ts'

/** Where others work through the same pool, one try may miss that connections are shared. */
const TRIES = 3
/** A pool that has no connection left lets whoever asks wait. Then nothing is shared at this moment, which is what is asked here. */
const LOOK_MAX_MS = 2 * SECOND_MS

/**
 * Rejects with ServerUnfit where a pool hands the connections of the server round between transactions: then a lock that a
 * node holds is soon somebody else's, and what was prepared is nowhere. No server says so; it shows when two of our
 * connections are at one of the server's at the same time, or one of ours at two.
 */
export async function requireSession(first: pg.Client, url: string): Promise<void> {
  const backend = await backendOf(first)
  // A pool makes up the number that it greets with.
  if (backend === String((first as pg.Client & { processID?: number | null }).processID)) return

  const second = await openPatientConnection(url)
  const giveUp = setTimeout(() => second.connection.stream.destroy(), LOOK_MAX_MS)
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = await backendOf(first)
      await second.query('begin')
      const others = await backendOf(second)
      const after = await backendOf(first)
      await second.query('rollback')
      if (others === before || after !== before) throw new ServerUnfit(SHARED)
    }
  } catch (failure) {
    if (isProtocolViolation(failure)) throw new ServerUnfit(SHARED, { cause: failure })
    if (failure instanceof ServerUnfit) throw failure
    // Whatever else is wrong with it, the store finds out by itself.
  } finally {
    clearTimeout(giveUp)
    await second.end().catch(() => {})
  }
}

async function backendOf(client: pg.Client): Promise<string> {
  try {
    const { rows } = await client.query<{ pid: number | string }>('select pg_backend_pid() as pid')
    return String(rows[0]?.pid)
  } catch (failure) {
    throw toStoreError(failure)
  }
}

/** What PgBouncer says to a transaction in its statement mode. */
const isProtocolViolation = (failure: unknown): boolean => (failure as { code?: string }).code === '08P01'

const SHARED =
  '前面的连接池不是会话模式 (如 PgBouncer 的 pool_mode = transaction), 会话锁与预备语句会错乱: 请改为 pool_mode = session, 或直连 / ' +
  'the pool before it is not in session mode (PgBouncer: pool_mode = transaction), which mixes up session locks and prepared statements: set pool_mode = session, or connect directly'
