import type { WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../../model/callback.ts'
import { newWebhookId } from '../../model/webhook-id.ts'
import { type Random, systemRandom } from '../../system/random.ts'
import type { Queryable } from '../database/database.ts'
import type { OwedRow } from '../database/hot-rows.ts'

/** The rows of what is owed; none when the workspace has no address. */
export async function oweAll(
  tx: Queryable,
  workspaceId: WorkspaceId,
  owed: readonly OwedCallback[],
  at: number,
  random: Random = systemRandom,
): Promise<OwedRow[]> {
  if (owed.length === 0) return []
  const address = await tx.first(tx.hot.callbackAddress(workspaceId))
  if (!address) return []
  return owed.map(({ kind, laneKey, body }) => ({
    addressId: address.id,
    laneKey,
    kind,
    webhookId: newWebhookId(at, random),
    body,
    at,
  }))
}
