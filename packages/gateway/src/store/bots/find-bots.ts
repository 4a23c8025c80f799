import type { BotId, UserId, WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import type { Bot, BotSession } from '../../model/bot.ts'
import type { Keyring } from '../../model/keyring.ts'
import { isSameUserId } from '../../model/user-id.ts'
import type { Queryable } from '../database/database.ts'
import type { BotTable } from '../schema/tables.ts'
import { REMOVED } from './bot-row.ts'
import { toBot } from './bots.ts'
import { keysOfUserId } from './user-id-keys.ts'

/** A bot, who runs it, and the state that its node wrote down last. */
export interface BotWithNode {
  readonly botId: BotId
  /** Its secrets are unsealed for whoever wants it: nobody does who has it from the node that runs it. */
  readonly bot: Bot
  readonly fence: number
  /** Null while nobody runs it. */
  readonly nodeId: string | null
  readonly state: BotSession['state']
  readonly since: number
}

/**
 * The bots of the workspace that go by this userId, in any case of letters: those that are logged in as it, and those that
 * the operator expects to be before their first login. Several are ambiguous (AM-3).
 */
export async function findBotsByUserId(
  db: Queryable,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  userId: UserId,
): Promise<BotWithNode[]> {
  const rows = await db.all(db.hot.botsOfKeys(workspaceId, keysOfUserId(userId)))
  return rows
    .filter(({ user_id, expected_user_id }) => isSameUserId(userId, user_id ?? expected_user_id ?? ''))
    .map(row => toBotWithNode(row, keyring))
}

/** Undefined when there is none, or it was removed. */
export async function findBot(
  db: Queryable,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  botId: BotId,
): Promise<Bot | undefined> {
  return (await findBotWithNode(db, keyring, workspaceId, botId))?.bot
}

export async function findBotWithNode(
  db: Queryable,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  botId: BotId,
): Promise<BotWithNode | undefined> {
  const row = await db.first(
    db.query
      .selectFrom('bot')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', botId)
      .where('state', '<>', REMOVED)
      .compile(),
  )
  return row && toBotWithNode(row, keyring)
}

const toBotWithNode = (row: Selectable<BotTable>, keyring: Keyring): BotWithNode => ({
  botId: row.id as BotId,
  get bot() {
    return toBot(row, keyring)
  },
  fence: row.fence,
  nodeId: row.node_id,
  state: row.state as BotSession['state'],
  since: row.state_since,
})
