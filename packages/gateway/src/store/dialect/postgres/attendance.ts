import type { Attendance } from '../../database.ts'
import { ask, openPatientConnection } from './connections.ts'

/** Says among the advisory locks of a database that a lock means a node that attends. */
export const ATTENDANCE_CLASS = 0x71756e
/** If the machine dies without a word, the server notices after about so many seconds. */
const PROBE_S = 2
/** Well below the time after which a silent node is taken for dead. */
const STATEMENT_MAX_MS = 1500

/**
 * Holds a lock for as long as this process is connected: PostgreSQL frees it the moment the process dies, so peers need
 * not wait until a heartbeat is overdue.
 */
export async function attend(url: string, key: number): Promise<Attendance> {
  const client = await openPatientConnection(url)
  let isLost = false
  let tell = () => {}
  const lose = () => {
    if (isLost) return
    isLost = true
    tell()
  }
  client.on('end', lose)
  client.on('error', lose)
  await ask(client, {
    sql: `select set_config('tcp_keepalives_idle', $1, false), set_config('tcp_keepalives_interval', $1, false),
      set_config('tcp_keepalives_count', $1, false)`,
    parameters: [String(PROBE_S)],
  })
  await ask(client, {
    sql: 'select pg_advisory_lock($1::integer, $2::integer)',
    parameters: [ATTENDANCE_CLASS, key % 2 ** 31],
  })
  return {
    get isLost() {
      return isLost
    },
    onLost(listener) {
      tell = listener
      if (isLost) listener()
    },
    async run(statement) {
      const giveUp = setTimeout(() => {
        lose()
        // What was asked of it hears of the loss.
        client.connection.stream.destroy()
      }, STATEMENT_MAX_MS)
      try {
        return (await ask(client, statement)).rowCount ?? 0
      } finally {
        clearTimeout(giveUp)
      }
    },
    async leave() {
      tell = () => {}
      lose()
      await client.end().catch(() => {})
    },
  }
}
