import type { BotId, WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../../model/callback.ts'
import type { Keyring } from '../../model/keyring.ts'
import type { Database } from '../database/database.ts'
import { type LeftChat, leaveEveryChat, oweLeft } from '../rooms/leave-room.ts'
import { freed, REMOVED } from './bot-row.ts'

/**
 * The bot is ours no more: its chats disappear from every list, and whoever ran it is refused whatever it still wants to
 * write. Its row stays, without its puppet token, because what it was in and what became of it is told by rows that name it.
 * Where the workspace wants to hear that a bot left (NB-6), what `owe` returns for each chat is owed in the same
 * transaction. Says how many chats it left; undefined when there is no such bot, or not any more. `at` in milliseconds.
 */
export function removeBot(
  db: Database,
  keyring: Keyring,
  { workspaceId, botId }: { readonly workspaceId: WorkspaceId; readonly botId: BotId },
  at: number,
  owe: (left: LeftChat) => OwedCallback | null,
): Promise<number | undefined> {
  return db.write(
    async tx => {
      const view = await tx.first(tx.hot.botView(workspaceId, botId))
      const removed = await tx.run(
        tx.query
          .updateTable('bot')
          .set(({ eb }) => ({
            ...freed(tx),
            fence: eb('fence', '+', 1),
            token_sealed: keyring.seal(''),
            state: REMOVED,
            state_reason: '',
            state_since: at,
            deaf_since: null,
          }))
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', botId)
          .where('state', '<>', REMOVED)
          .compile(),
      )
      if (!view || removed === 0) return undefined
      const left = await leaveEveryChat(tx, workspaceId, botId, at)
      await oweLeft(tx, { workspaceId, botId }, left, { view, at, owe })
      return left.length
    },
    { line: botId },
  )
}
