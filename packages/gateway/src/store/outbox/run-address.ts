/**
 * An address as the node that runs it sees it. One process sends to an address, so order, slots and retries are variables of
 * that process; here is what it reads: the address itself, which callbacks are owed to it, and their bodies.
 */
import type { WorkspaceId } from '@qunhub/wire'
import type { Breaker } from '../../model/breaker.ts'
import { EXHAUSTED_ATTEMPT } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'
import type { AddressRow, FirstOfRoom, NewsRow, Owed, RoomKey } from '../database/hot-rows.ts'
import { type AddressKey, toBreaker } from './breaker-row.ts'

/** The right to send to an address, as it was claimed. */
export interface AddressTenure extends AddressKey {
  /** Grows with every claim, so that what an earlier node still wants to write is refused. */
  readonly fence: number
}

export interface RunAddress extends AddressTenure {
  /** Null when it was taken away. */
  readonly baseUrl: string | null
  /** See `openSecrets`. */
  readonly secretsSealed: Uint8Array
  /** How many may be in flight when all is well (CB-10). */
  readonly concurrency: number
  readonly breaker: Breaker
}

export const toRunAddress = (row: AddressRow): RunAddress => ({
  workspaceId: row.workspace_id as WorkspaceId,
  addressId: row.id,
  fence: row.fence,
  baseUrl: row.base_url,
  secretsSealed: row.secrets_sealed,
  concurrency: row.concurrency,
  breaker: toBreaker(row),
})

/** The addresses that the node runs; all, where nobody shares the store. Of these workspaces only, where any are named. */
export const readAddresses = async (
  db: Queryable,
  nodeId: string,
  workspaceIds: readonly WorkspaceId[] | null = null,
): Promise<RunAddress[]> => (await db.all(db.hot.addressesOf(nodeId, workspaceIds))).map(toRunAddress)

/**
 * In which rooms something is owed to these addresses: of each the first few behind the callback `after`, in the order of
 * their ids, and a few that are replayed.
 */
export async function readNews(
  db: Queryable,
  asked: readonly (AddressKey & { readonly after: number })[],
  limit: number,
): Promise<NewsRow[]> {
  const rows: NewsRow[] = []
  for (const statement of asked.length > 0 ? db.hot.newsOf(asked, limit) : [])
    rows.push(...(await db.all(statement)))
  return rows
}

/** What is owed to the address behind the callback `after`; null where that does not say all of it. */
export async function readOwed(
  db: Queryable,
  address: AddressKey,
  after: number,
  limit: number,
): Promise<Owed[] | null> {
  const statement = db.hot.owedBehind(address, after, limit)
  return statement && db.all(statement)
}

/**
 * What stands first in these rooms, in the order of ids: of each at most `ofRoom` that are new, as many that are replayed, and
 * as many that wait; with the bodies that are no longer than `bytesMax`.
 */
export async function readRooms(
  db: Queryable,
  rooms: readonly RoomKey[],
  limits: { readonly ofRoom: number; readonly bytesMax: number },
): Promise<FirstOfRoom[]> {
  const rows: FirstOfRoom[] = []
  for (const statement of db.hot.firstOfRooms(rooms, limits, EXHAUSTED_ATTEMPT))
    rows.push(...(await db.all(statement)))
  return rows.toSorted((one, other) => one.id - other.id)
}

/** By their ids; none of those that are gone. */
export async function readBodies(
  db: Queryable,
  workspaceId: WorkspaceId,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const rows = await db.all(
    db.query
      .selectFrom('callback_body')
      .select(['id', 'bytes'])
      .where('workspace_id', '=', workspaceId)
      .where('id', 'in', db.oneOf(ids))
      .compile(),
  )
  return new Map(rows.map(({ id, bytes }) => [Number(id), bytes]))
}
