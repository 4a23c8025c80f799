import type { Tenure } from '../../model/bot.ts'
import type { Transaction } from '../database/database.ts'
import type { FencedBotRow } from '../database/hot-rows.ts'
import { BotMissing, FenceLost } from '../database/store-error.ts'

/**
 * Holds the bot's row until the write ends, so that nobody else writes what this bot sees meanwhile. Rejects with
 * FenceLost when the bot is run under another fence by now, with BotMissing when it is gone.
 */
export async function requireTenure(
  tx: Transaction,
  { workspaceId, botId, fence }: Tenure,
): Promise<FencedBotRow> {
  const row = await tx.first(tx.hot.botView(workspaceId, botId))
  if (!row) throw new BotMissing(`bot ${botId} is gone`)
  if (row.fence !== fence) throw new FenceLost(`bot ${botId} is run by another node by now`)
  return row
}
