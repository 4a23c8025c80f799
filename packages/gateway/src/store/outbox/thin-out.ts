import type { WorkspaceId } from '@qunhub/wire'
import { type Selectable, sql } from 'kysely'
import type { Database, Queryable } from '../database/database.ts'
import type { CallbackTable } from '../schema/tables.ts'
import { dueOf, weighWaiting } from './measure-outbox.ts'
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

export interface CrowdedAddress {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
}

/** No body is larger: a room has 500 members at most. */
const BODY_BYTES_MAX = 256 * 1024

/** The addresses for which more is held than `limit` says. Counts no further than the limit. */
export async function crowdedAddresses(db: Queryable, limit: CrowdedAt): Promise<CrowdedAddress[]> {
  const addresses = await db.all(
    sql<{ workspace_id: string; id: string; held: number }>`
      select workspace_id, id,
        (select count(*) from (${dueOf(db)} limit ${sql.lit(limit.callbacks + 1)}) as counted) as held
      from callback_address as address where base_url is not null`.compile(db.query),
  )
  const crowded: CrowdedAddress[] = []
  for (const { workspace_id, id, held } of addresses) {
    const address = { workspaceId: workspace_id as WorkspaceId, addressId: id }
    const isTooMany = Number(held) > limit.callbacks
    // So few cannot weigh so much, and to weigh them costs more than to count them.
    const mayWeighTooMuch = Number(held) * BODY_BYTES_MAX > limit.bytes
    if (isTooMany || (mayWeighTooMuch && (await weighWaiting(db, address)).bytes > limit.bytes))
      crowded.push(address)
  }
  return crowded
}

export interface ThinnedOut {
  /** Their ids. */
  readonly forgotten: readonly number[]
  /** After which callback to go on; null at the end. */
  readonly next: number | null
}

/**
 * Forgets up to `limit` overtaken `loaded` of the address, and says which; none of those that are `underWay`. Whoever wants all
 * of them calls again from `next`, until that is null.
 */
export function thinOut(
  db: Database,
  { workspaceId, addressId }: CrowdedAddress,
  after: number,
  limit: number,
  underWay: ReadonlySet<number> = new Set(),
): Promise<ThinnedOut> {
  return db.write(async tx => {
    // Left to itself SQLite walks through the workspace, because that is in the order of ids, too.
    const name = sql.raw(tx.dialect === 'sqlite' ? 'callback indexed by callback_state' : 'callback')
    const overtaken = await tx.all(
      tx.query
        .selectFrom(sql<Selectable<CallbackTable>>`callback`.as<'callback'>(name))
        .select(['id', 'body_id'])
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
    const forgotten: number[] = []
    for (const { id, body_id } of overtaken) {
      if (underWay.has(id)) continue
      const due = { workspace_id: workspaceId, id, body_id, settled_at: null }
      if (await forgetCallback(tx, due)) forgotten.push(id)
    }
    return { forgotten, next: overtaken.length < limit ? null : overtaken.at(-1)!.id }
  })
}
