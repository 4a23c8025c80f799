import type { WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../../model/callback.ts'
import { MINUTE_MS } from '../../system/clock.ts'
import { type Random, systemRandom } from '../../system/random.ts'
import type { Queryable } from '../database/database.ts'
import type { OwedRow } from '../database/hot-rows.ts'

const WEBHOOK_ID_TIME_BYTES = 6
const WEBHOOK_ID_CHANCE_BYTES = 12
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

/**
 * By chance, because it must differ even when a backup is restored and the ids come again. It begins with the time, so that
 * those of one moment stand beside one another in the index: they share its pages instead of writing one each.
 */
function newWebhookId(at: number, random: Random): string {
  const bytes = Buffer.alloc(WEBHOOK_ID_TIME_BYTES + WEBHOOK_ID_CHANCE_BYTES)
  bytes.writeUIntBE(at, 0, WEBHOOK_ID_TIME_BYTES)
  random.bytes(WEBHOOK_ID_CHANCE_BYTES).copy(bytes, WEBHOOK_ID_TIME_BYTES)
  return `msg_${bytes.toString('base64url')}`
}
