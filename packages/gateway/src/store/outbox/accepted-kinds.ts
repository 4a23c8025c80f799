/**
 * Which kinds of callback a base has ever accepted (CB-6). It is a fact about the base, not about the row of the address: a
 * customer who goes to another base and comes back has not forgotten how to take callbacks. Once true it stays true, so it is
 * written once and may be remembered by whoever has read it.
 */
import { createHash } from 'node:crypto'
import type { Queryable } from '../database/database.ts'
import type { AddressKey } from './breaker-row.ts'

/** So many are kept of an address: some twenty bases. A base that is forgotten is known again with its next delivery. */
const KEPT_MAX = 100

/** The kinds that this base has accepted. */
export async function acceptedKinds(
  db: Queryable,
  { workspaceId, addressId }: AddressKey,
  baseUrl: string,
): Promise<string[]> {
  const rows = await db.all(
    db.query
      .selectFrom('accepted_kind')
      .select('kind')
      .where('workspace_id', '=', workspaceId)
      .where('address_id', '=', addressId)
      .where('place', '=', digestOf(baseUrl))
      .compile(),
  )
  return rows.map(({ kind }) => kind)
}

/** Notes that a callback of this kind was delivered to the base; `at` in milliseconds. */
export async function noteAccepted(
  tx: Queryable,
  { workspaceId, addressId }: AddressKey,
  { baseUrl, kind, at }: { baseUrl: string; kind: string; at: number },
): Promise<void> {
  const ours = { workspace_id: workspaceId, address_id: addressId }
  await tx.run(
    tx.query
      .insertInto('accepted_kind')
      .values({ ...ours, place: digestOf(baseUrl), kind, accepted_at: at })
      .onConflict(conflict => conflict.doNothing())
      .compile(),
  )
  await tx.run(
    tx.query
      .deleteFrom('accepted_kind')
      .where('workspace_id', '=', workspaceId)
      .where('address_id', '=', addressId)
      .where('accepted_at', '<', ({ selectFrom }) =>
        selectFrom('accepted_kind as newest')
          .select('newest.accepted_at')
          .where('newest.workspace_id', '=', workspaceId)
          .where('newest.address_id', '=', addressId)
          .orderBy('newest.accepted_at', 'desc')
          .offset(KEPT_MAX - 1)
          .limit(1),
      )
      .compile(),
  )
}

/**
 * Stands for a base: where its callbacks go. The query does not count, for a key that is replaced there leads to the same
 * receiver. A digest, because a path may hold a secret, and one that was replaced should not stay.
 */
function digestOf(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl)
  return createHash('sha256').update(origin).update(pathname.replace(/\/+$/, '')).digest('base64url')
}
