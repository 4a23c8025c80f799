import type { WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../../model/callback.ts'
import { newWebhookId } from '../../model/webhook-id.ts'
import { MINUTE_MS } from '../../system/clock.ts'
import { type Random, systemRandom } from '../../system/random.ts'
import type { Queryable } from '../database/database.ts'
import type { OwedRow } from '../database/hot-rows.ts'

/**
 * A start owes a `loaded` for each of hundreds of rooms; who joined meanwhile need not wait for all of them. Its room's turn
 * comes as if it had waited so long already, and no longer than that, so that a stream of news starves no `loaded`.
 */
const HEAD_START_MS = 10 * MINUTE_MS
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
    laneDueAt: kind === 'chatroom/loaded' ? at : at - HEAD_START_MS,
  }))
}
