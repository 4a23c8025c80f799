import type { Attendance, Statement } from '../../database/database.ts'
import { ATTENDANCE_CLASS } from './attendance-class.ts'
import { ask, openPatientConnection } from './connections.ts'
import { isReadOnly } from './postgres-fault.ts'

/** If the machine dies without a word, the server notices after about so many seconds. */
const PROBE_S = 2
/** Well below the time after which a silent node is taken for dead. */
const STATEMENT_MAX_MS = 1500
/** Well below the time after which a node whose lock is free is taken for dead. */
const TAKE_AGAIN_MS = 50

/**
 * Holds a lock for as long as this process is connected: PostgreSQL frees it the moment the process dies, so peers need
 * not wait until a heartbeat is overdue.
 *
 * After a connection that broke without a word PostgreSQL may take its session for alive for some seconds, and that still
 * holds our lock. Nobody waits for that: beats go on over the new connection, to peers the lock looks held all the same,
 * and it is asked for again every TAKE_AGAIN_MS until it is free.
 */
export async function attend(url: string, key: number): Promise<Attendance> {
  const client = await openPatientConnection(url)
  let isLost = false
  let tell = () => {}
  let takeAgain: NodeJS.Timeout | undefined
  const lose = () => {
    if (isLost) return
    isLost = true
    clearTimeout(takeAgain)
    tell()
  }
  client.on('end', lose)
  client.on('error', lose)
  // The connection itself is a patient one, and a server that falls silent says nothing to those who wait for it.
  const inTime = async (statement: Statement) => {
    const giveUp = setTimeout(() => {
      lose()
      // What was asked of it hears of the loss.
      client.connection.stream.destroy()
    }, STATEMENT_MAX_MS)
    try {
      return await ask(client, statement)
    } catch (failure) {
      // It became a standby, or an address led to one: the next connection may find the primary, this one never will.
      if (isReadOnly(failure)) {
        lose()
        client.connection.stream.destroy()
      }
      throw failure
    } finally {
      clearTimeout(giveUp)
    }
  }
  const takeLock = async () => {
    const { rows } = await inTime({
      sql: 'select pg_try_advisory_lock($1::integer, $2::integer)::integer as taken',
      parameters: [ATTENDANCE_CLASS, key % 2 ** 31],
    })
    if (rows[0].taken === 1) return
    takeAgain = setTimeout(() => takeLock().catch(lose), TAKE_AGAIN_MS)
  }
  const hangUp = async () => {
    // A server that fell silent says no goodbye.
    const giveUp = setTimeout(() => client.connection.stream.destroy(), STATEMENT_MAX_MS)
    // Broken already, it is as good as ended.
    await client.end().catch(() => {})
    clearTimeout(giveUp)
  }
  try {
    await inTime({
      sql: `select set_config('tcp_keepalives_idle', $1, false), set_config('tcp_keepalives_interval', $1, false),
        set_config('tcp_keepalives_count', $1, false)`,
      parameters: [String(PROBE_S)],
    })
    await takeLock()
  } catch (failure) {
    await hangUp()
    throw failure
  }
  return {
    get isLost() {
      return isLost
    },
    onLost(listener) {
      tell = listener
      if (isLost) listener()
    },
    run: async statement => (await inTime(statement)).rowCount ?? 0,
    async leave() {
      tell = () => {}
      lose()
      await hangUp()
    },
  }
}
