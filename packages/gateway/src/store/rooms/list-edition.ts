import type { BotId, WorkspaceId } from '@qunhub/wire'
import type { Both } from '../database/both-dialects.ts'
import type { Statement, Transaction } from '../database/database.ts'

/**
 * Where several processes commit, whoever remembers a list asks the store whether it is still so: by the edition of the workspace,
 * the sum of its counters, which grows with every write after which a list may show something else. Each write that changes a chat,
 * who is in it, what rows show of a bot or of a workspace, counts here. A workspace has some twenty such counters, so that bots that
 * are saved at the same time seldom wait for one another.
 *
 * Where one process alone commits it counts in memory (`dialect/sqlite/group-commit`), and nothing is written for it.
 */
export const nextEdition: Both<(workspaceId: string, counter: string) => Statement[]> = {
  sqlite: () => [],
  postgres: (workspaceId, counter) => [
    { sql: postgresNextEdition('$2'), parameters: [workspaceId, counter] },
  ],
}

/** `$1` is the workspace. */
export const postgresNextEdition = (counter: string): string =>
  `insert into counter (workspace_id, name, last) values ($1, ${counter}, 1)
    on conflict (workspace_id, name) do update set last = counter.last + 1`

/** One of sixteen. */
export const editionCounter = (botId: string): string => `edition/${botId.at(-1)}`
/** For what is not of one bot. */
export const EDITION_OF_ALL = 'edition'

/** For a write that changes what rows show of a bot, or of the workspace. Those that change chats count by themselves. */
export async function countEdition(
  tx: Transaction,
  workspaceId: WorkspaceId,
  botId: BotId | null,
): Promise<void> {
  const counter = botId === null ? EDITION_OF_ALL : editionCounter(botId)
  for (const statement of tx.hot.nextEdition(workspaceId, counter)) await tx.run(statement)
}
