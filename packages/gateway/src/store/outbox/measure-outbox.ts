import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Queryable } from '../database/database.ts'

/** What waits for all addresses together. */
export interface OutboxMeasure {
  /** Of one address no more than HELD_COUNTED_MAX are counted. */
  readonly held: number
  /** Estimated by the oldest few of each address. */
  readonly heldBytes: number
  /** When the oldest was owed, in milliseconds; null when nothing waits. */
  readonly oldestOwedAt: number | null
  /** Where something waits: whoever waits longest first, and no more than OLDEST_ADDRESSES_MAX. */
  readonly oldestOfAddresses: readonly OldestOfAddress[]
  readonly addresses: { readonly closed: number; readonly open: number; readonly recovering: number }
}

export interface OldestOfAddress {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
  /** In milliseconds. */
  readonly owedAt: number
}

const HELD_COUNTED_MAX = 20_001
/** To weigh all bodies would read as much as there is. */
const WEIGHED_MAX = 20
/**
 * Each is a series at whoever reads the metrics, and one that he keeps. Where more addresses than these are late, what is wrong is
 * not theirs, and how long the oldest of all waits tells it.
 */
const OLDEST_ADDRESSES_MAX = 20

/** One probe of an index an address, and a count of what it holds. */
export async function measureOutbox(db: Queryable): Promise<OutboxMeasure> {
  const inOrder = dueOf(db, 'callback_state')
  const rows = await db.all(
    sql<MeasuredAddress>`
      select workspace_id, id, state, ramp,
        (select count(*) from (${dueOf(db)} limit ${sql.lit(HELD_COUNTED_MAX)}) as counted) as held,
        (select avg(length(callback_body.bytes))
          from (${inOrder} order by callback.id limit ${sql.lit(WEIGHED_MAX)}) as weighed
          inner join callback_body
            on callback_body.workspace_id = weighed.workspace_id and callback_body.id = weighed.body_id) as weight,
        (select min(oldest.owed_at) from (${inOrder} order by callback.id limit 1) as oldest) as oldest
      from callback_address as address where base_url is not null`.compile(db.query),
  )
  const measure = { held: 0, heldBytes: 0 }
  const addresses = { closed: 0, open: 0, recovering: 0 }
  for (const { state, ramp, held, weight } of rows) {
    measure.held += Number(held)
    measure.heldBytes += Math.round(Number(held) * Number(weight ?? 0))
    addresses[state !== 'closed' ? 'open' : ramp === null ? 'closed' : 'recovering']++
  }
  const oldestOfAddresses = whoWaitsLongest(rows)
  return { ...measure, oldestOwedAt: oldestOfAddresses[0]?.owedAt ?? null, oldestOfAddresses, addresses }
}

interface MeasuredAddress {
  readonly workspace_id: WorkspaceId
  readonly id: string
  readonly state: string
  readonly ramp: number | null
  readonly held: number
  readonly weight: number | null
  readonly oldest: number | null
}

const whoWaitsLongest = (rows: readonly MeasuredAddress[]): OldestOfAddress[] =>
  rows
    .flatMap(({ workspace_id, id, oldest }) =>
      oldest === null ? [] : [{ workspaceId: workspace_id, addressId: id, owedAt: Number(oldest) }],
    )
    .toSorted((a, b) => a.owedAt - b.owedAt)
    .slice(0, OLDEST_ADDRESSES_MAX)

/**
 * What is due of the `address` of the statement around it. Left to itself SQLite walks through every callback that is kept,
 * as if that were as good; the index of the state has them in the order of their ids.
 */
export const dueOf = ({ dialect }: Queryable, index: 'callback_lane' | 'callback_state' = 'callback_lane') =>
  sql`select callback.workspace_id, callback.body_id, callback.owed_at
  from callback ${sql.raw(dialect === 'sqlite' ? `indexed by ${index}` : '')}
  where callback.workspace_id = address.workspace_id and callback.address_id = address.id and callback.state = 'due'`

export interface Waiting {
  readonly callbacks: number
  readonly bytes: number
  /** When the oldest was owed, in milliseconds; null when nothing waits. */
  readonly oldestOwedAt: number | null
}

/** All that waits for one address, weighed body by body. Left to itself SQLite walks through the workspace here, too. */
export async function weighWaiting(
  db: Queryable,
  { workspaceId, addressId }: { workspaceId: WorkspaceId; addressId: string },
): Promise<Waiting> {
  const indexed = sql.raw(db.dialect === 'sqlite' ? 'indexed by callback_lane' : '')
  const weighed = await db.first(
    sql<{ callbacks: number; bytes: number | null; oldest: number | null }>`
      select count(*) as callbacks, sum(length(callback_body.bytes)) as bytes, min(due.owed_at) as oldest
      from (select workspace_id, body_id, owed_at from callback ${indexed}
        where workspace_id = ${workspaceId} and address_id = ${addressId} and state = 'due') as due
      inner join callback_body on callback_body.workspace_id = due.workspace_id and callback_body.id = due.body_id
    `.compile(db.query),
  )
  const { callbacks, bytes, oldest } = weighed!
  return {
    callbacks: Number(callbacks),
    bytes: Number(bytes ?? 0),
    oldestOwedAt: oldest === null ? null : Number(oldest),
  }
}
