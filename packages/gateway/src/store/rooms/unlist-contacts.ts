import type { BotId, WorkspaceId } from '@qunhub/wire'
import type { Transaction } from '../database/database.ts'
import { listOfContacts } from './list-blocks.ts'

/** The friends and coworkers of the bot were another account's: whoever is this one's too comes back when it is seen. */
export async function unlistContacts(tx: Transaction, workspaceId: WorkspaceId, botId: BotId): Promise<void> {
  await tx.run(
    tx.query
      .updateTable('contact')
      .set({ ordinal: null })
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('ordinal', 'is not', null)
      .compile(),
  )
  await tx.run(
    tx.query
      .deleteFrom('list_block')
      .where('workspace_id', '=', workspaceId)
      .where('list', '=', listOfContacts(botId))
      .compile(),
  )
}
