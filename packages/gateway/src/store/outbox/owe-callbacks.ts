import type { OwedCallback } from '../../model/callback.ts'
import { newWebhookId } from '../../model/webhook-id.ts'
import { type Random, systemRandom } from '../../system/random.ts'
import type { OwedRow } from '../database/hot-rows.ts'

/** The rows of what is owed. They are kept where the workspace has an address. */
export const toOwedRows = (
  owed: readonly OwedCallback[],
  at: number,
  random: Random = systemRandom,
): OwedRow[] =>
  owed.map(({ kind, laneKey, body }) => ({ laneKey, kind, webhookId: newWebhookId(at, random), body, at }))
