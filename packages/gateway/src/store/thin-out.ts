import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database, Queryable } from './database.ts'
import { forgetCallback } from './prune-callbacks.ts'

/**
 * Where an address takes nothing for long, every change of a room adds another `loaded`, and each of them says all that
 * the ones before it said. What is thinned out are those that a newer one of the same room has overtaken before they were
 * ever tried. Nothing else ever is: a `joined` says what no other callback says.
 */

export interface CrowdedAt {
  readonly callbacks: number
  readonly bytes: number
}

interface Address {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
}

/** No body is larger: a room has 500 members at most. */
const BODY_BYTES_MAX = 256 * 1024

/** The addresses for which more is held than `limit` says. Counts no further than the limit. */
export async function crowdedAddresses(db: Queryable, limit: CrowdedAt): Promise<Address[]> {
  const addresses = await db.all(
    db.query
      .selectFrom('callback_address')
      .select(['workspace_id', 'id'])
      .where('base_url', 'is not', null)
      .compile(),
  )
  const crowded: Address[] = []
  for (const { workspace_id, id } of addresses) {
    const address = { workspaceId: workspace_id as WorkspaceId, addressId: id }
    if (await isCrowded(db, address, limit)) crowded.push(address)
  }
  return crowded
}

async function isCrowded(
  db: Queryable,
  { workspaceId, addressId }: Address,
  limit: CrowdedAt,
): Promise<boolean> {
  const held = db.query
    .selectFrom('callback')
    .where('workspace_id', '=', workspaceId)
    .where('address_id', '=', addressId)
    .where('state', '=', sql.lit('due' as const))
    .limit(limit.callbacks + 1)
  const { count } = (await db.first(
    db.query
      .selectFrom(held.select('id').as('held'))
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .compile(),
  ))!
  if (count > limit.callbacks) return true
  // So few cannot weigh so much, and to weigh them costs more than to count them.
  if (count * BODY_BYTES_MAX <= limit.bytes) return false
  const weighed = await db.first(
    db.query
      .selectFrom(held.select(['workspace_id', 'body_id']).as('held'))
      .innerJoin('callback_body', join =>
        join
          .onRef('callback_body.workspace_id', '=', 'held.workspace_id')
          .onRef('callback_body.id', '=', 'held.body_id'),
      )
      .select(sql<number>`coalesce(sum(length(callback_body.bytes)), 0)`.as('bytes'))
      .compile(),
  )
  return Number(weighed?.bytes ?? 0) > limit.bytes
}

/**
 * Forgets up to `limit` overtaken `loaded` of the address; says how many it looked at and how many it forgot. Rooms that a
 * courier works on are left alone. Whoever wants all of them calls again from `next`, until that is null.
 */
export function thinOut(
  db: Database,
  { workspaceId, addressId }: Address,
  after: number,
  limit: number,
): Promise<{ readonly forgotten: number; readonly next: number | null }> {
  return db.write(async tx => {
    const overtaken = await tx.all(
      tx.query
        .selectFrom('callback')
        .select(['id', 'body_id', 'lane_key'])
        .where('workspace_id', '=', workspaceId)
        .where('address_id', '=', addressId)
        .where('state', '=', sql.lit('due' as const))
        .where('id', '>', after)
        .where('kind', '=', 'chatroom/loaded')
        .where('attempt', '=', 0)
        .where('faults', '=', 0)
        .where('replay_id', 'is', null)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('callback as newer')
              .select('newer.id')
              .where('newer.workspace_id', '=', workspaceId)
              .where('newer.address_id', '=', addressId)
              .whereRef('newer.lane_key', '=', 'callback.lane_key')
              .where('newer.state', '=', sql.lit('due' as const))
              .whereRef('newer.id', '>', 'callback.id')
              .where('newer.kind', '=', 'chatroom/loaded'),
          ),
        )
        .orderBy('id')
        .limit(limit)
        .compile(),
    )
    const free = await holdFreeLanes(tx, { workspaceId, addressId }, [
      ...new Set(overtaken.map(callback => callback.lane_key)),
    ])
    let forgotten = 0
    for (const { id, body_id, lane_key } of overtaken) {
      if (!free.has(lane_key)) continue
      // Only now nobody can take it to the customer; between the look and the hold somebody may have.
      if (await forgetCallback(tx, { workspace_id: workspaceId, id, body_id }, 'due')) forgotten++
    }
    return { forgotten, next: overtaken.length < limit ? null : overtaken.at(-1)!.id }
  })
}

/** Until the write ends nobody claims these lanes. */
async function holdFreeLanes(
  tx: Queryable & { readonly dialect: string },
  { workspaceId, addressId }: Address,
  laneKeys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (laneKeys.length === 0) return new Set()
  const free = tx.query
    .selectFrom('lane')
    .select('lane_key')
    .where('workspace_id', '=', workspaceId)
    .where('address_id', '=', addressId)
    .where('lane_key', 'in', laneKeys)
    .where('owner', 'is', null)
  const held = tx.dialect === 'postgres' ? free.forUpdate().skipLocked() : free
  return new Set((await tx.all(held.compile())).map(({ lane_key }) => lane_key))
}
