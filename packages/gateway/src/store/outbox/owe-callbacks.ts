import type { OwedCallback } from '../../model/callback.ts'
import { newWebhookId } from '../../model/webhook-id.ts'
import { type Random, systemRandom } from '../../system/random.ts'
import type { FencedBotRow, OwedRow } from '../database/hot-rows.ts'

/** Those of a bot's workspace. One that has no address, and only asks for lists, sends no bodies to its database. */
export const toOwedRowsOf = (
  { has_address }: FencedBotRow,
  owed: readonly OwedCallback[],
  at: number,
): OwedRow[] => (has_address === 1 ? toOwedRows(owed, at) : [])

/** The rows of what is owed. They are kept where the workspace has an address. */
export const toOwedRows = (
  owed: readonly OwedCallback[],
  at: number,
  random: Random = systemRandom,
): OwedRow[] =>
  owed.map(({ kind, laneKey, body }) => ({ laneKey, kind, webhookId: newWebhookId(at, random), body, at }))
