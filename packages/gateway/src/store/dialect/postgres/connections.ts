import pg from 'pg'
import { SECOND_MS } from '../../../system/clock.ts'
import type { Statement } from '../../database/database.ts'
import { isStalePlan, toConnectFailure, toStoreError } from './postgres-fault.ts'
import { clientOf, TIMELINE } from './primary-client.ts'

/** With the next one it stays below the 5 s within which a request is answered although the database is away. */
const CONNECT_MAX_MS = 1500
const STATEMENT_MAX_MS = 3300
/** A write that waits for something else holds rows that others want. */
const IDLE_IN_WRITE_MAX_MS = 2 * SECOND_MS
const LIMITS = `set statement_timeout = ${STATEMENT_MAX_MS}; set idle_in_transaction_session_timeout = ${IDLE_IN_WRITE_MAX_MS}`
const IDLE_CONNECTION_KEPT_MS = 30 * SECOND_MS
/** One change of the schema makes a statement stale once; another may follow while it is tried again. */
const STALE_TRIES_MAX = 5
/** Texts that are prepared on each connection; the code has some two hundred. */
const PREPARED_MAX = 1000

export interface ConnectionSettings {
  readonly url: string
  readonly max: number
}

export interface ConnectionListeners {
  readonly onLoss: (fault: Error) => void
  /** With each connection, and before anything else is answered on it. Not told by servers that do not know theirs. */
  readonly onTimeline: (timeline: string) => void
}

/** A bounded set of connections on which statements are prepared once and sent without waiting for one another. */
export function openConnections(
  { url, max }: ConnectionSettings,
  { onLoss, onTimeline }: ConnectionListeners,
): pg.Pool {
  const { Client, connectionString } = clientOf(url)
  const pool = new pg.Pool({
    Client: tellingWhoIsNotLetIn(Client),
    connectionString,
    max,
    pipeline: true,
    application_name: 'qunhub',
    connectionTimeoutMillis: CONNECT_MAX_MS,
    query_timeout: STATEMENT_MAX_MS,
    idleTimeoutMillis: IDLE_CONNECTION_KEPT_MS,
    keepAlive: true,
    types: numbersAndBytes,
  } as pg.PoolConfig)
  // Not as parameters of the start: PgBouncer lets nobody in who brings one that it does not know. Sent ahead of whatever is
  // asked first, and without waiting for it.
  pool.on('connect', client => {
    client.query(LIMITS).catch(() => client.end())
    client.query<{ timeline: string }>(TIMELINE).then(
      ({ rows }) => onTimeline(rows[0]?.timeline ?? ''),
      () => {},
    )
  })
  // A connection that breaks while nobody uses it is replaced when it is needed; unheard, it would end the process.
  pool.on('error', onLoss)
  return pool
}

/** A connection outside of the pool, without limits of time, for work that takes as long as it takes. */
export async function openPatientConnection(url: string): Promise<pg.Client> {
  const { Client, connectionString } = clientOf(url)
  const client = new Client({
    connectionString,
    application_name: 'qunhub',
    connectionTimeoutMillis: CONNECT_MAX_MS,
    keepAlive: true,
    types: numbersAndBytes,
  } as pg.ClientConfig)
  // What was asked of it hears of the loss.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (failure) {
    throw toConnectFailure(failure)
  }
}

/** Whoever asks a pool hears of a connection that was not made as of a statement that failed; so it is told before it comes there. */
const tellingWhoIsNotLetIn = (Client: typeof pg.Client): typeof pg.Client =>
  class extends Client {
    override connect(): Promise<pg.Client>
    override connect(connected: (failure: Error) => void): void
    override connect(connected?: (failure: Error) => void): Promise<pg.Client> | undefined {
      if (!connected) return super.connect()
      // Without a failure it is called with nothing, which its type does not say.
      super.connect((failure: Error) => connected(failure && toConnectFailure(failure)))
      return undefined
    }
  }

/**
 * Asks on a connection or, given the pool, on any. Rejects with a StoreError.
 *
 * A newer Qunhub may change a table while this one still runs. What was prepared before is prepared anew then; inside a
 * transaction that takes another run of its work (see `isCollision`).
 */
export async function ask(
  on: pg.Pool | pg.PoolClient | pg.Client,
  { sql, parameters }: Statement,
): Promise<pg.QueryResult> {
  for (let tries = 1; ; tries++) {
    const name = nameOf(sql)
    try {
      return await on.query({
        text: sql,
        values: parameters.map(toParameter),
        ...(name === undefined ? {} : { name }),
      })
    } catch (failure) {
      if (name === undefined || !isStalePlan(failure)) throw toStoreError(failure)
      renameAll(name)
      if (!(on instanceof pg.Pool) || tries === STALE_TRIES_MAX) throw toStoreError(failure)
    }
  }
}

const names = new Map<string, string>()
let generation = 0

/** A short name for the text, so that each connection prepares it once. Undefined for DDL, which is run once. */
function nameOf(sql: string): string | undefined {
  const known = names.get(sql)
  if (known !== undefined) return `${known}e${generation}`
  if (names.size >= PREPARED_MAX || !/^\s*(select|insert|update|delete|with)\b/i.test(sql)) return undefined
  names.set(sql, `q${names.size}`)
  return nameOf(sql)
}

// Once for all connections that find out, each by a name of the generation that is over then.
function renameAll(stale: string): void {
  if (stale.endsWith(`e${generation}`)) generation++
}

const toParameter = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value)

const INT8 = pg.types.builtins.INT8
const NUMERIC = pg.types.builtins.NUMERIC

/** Of a list of INT8. */
const INT8_LIST = 1016

/** Counts, times and ids stay below 2^53, so they are numbers, as in every dialect. */
const numbersAndBytes = { getTypeParser: parserOf as typeof pg.types.getTypeParser }

function parserOf(oid: number, format?: 'text' | 'binary') {
  const usual = pg.types.getTypeParser(oid, format as 'text')
  if (oid === INT8 || oid === NUMERIC) return Number
  if (oid === INT8_LIST) return (text: string) => (usual(text) as string[]).map(Number)
  return usual
}
