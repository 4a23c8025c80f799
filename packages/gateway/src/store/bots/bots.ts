import type { BotId, ContactWxid, UserId, WorkspaceId } from '@qunhub/wire'
import { cleanText } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import type { Bot, BotAccount, PuppetAddress, Tenure } from '../../model/bot.ts'
import type { Keyring } from '../../model/keyring.ts'
import { hex24, type Random } from '../../system/random.ts'
import type { Database, Transaction } from '../database/database.ts'
import { CHATS_LEFT_PER_WRITE_MAX, leaveSomeChats } from '../rooms/leave-room.ts'
import { countEdition } from '../rooms/list-edition.ts'
import { unlistContacts } from '../rooms/unlist-contacts.ts'
import type { BotTable } from '../schema/tables.ts'
import { freed, REMOVED } from './bot-row.ts'
import { requireTenure } from './tenure.ts'

/** Adds a bot that has never logged in. Its puppet token is sealed before it is stored. `at` in milliseconds. */
export async function addBot(
  db: Database,
  keyring: Keyring,
  random: Random,
  workspaceId: WorkspaceId,
  { address, expectedUserId, at }: { address: PuppetAddress; expectedUserId: UserId | null; at: number },
): Promise<Bot> {
  const id = hex24(random) as BotId
  await db.write(tx =>
    tx.run(
      tx.query
        .insertInto('bot')
        .values({
          workspace_id: workspaceId,
          id,
          ...addressColumns(keyring, address),
          expected_user_id: expectedUserId,
          created_at: at,
          state_since: at,
        })
        .compile(),
    ),
  )
  return { workspaceId, id, address, expectedUserId, account: null, createdAt: at }
}

/** The bots of a workspace, or of all; oldest first. */
export async function listBots(db: Database, keyring: Keyring, workspaceId?: WorkspaceId): Promise<Bot[]> {
  const every = db.query
    .selectFrom('bot')
    .selectAll()
    .where('state', '<>', REMOVED)
    .orderBy('created_at')
    .orderBy('id')
  const rows = await db.all((workspaceId ? every.where('workspace_id', '=', workspaceId) : every).compile())
  return rows.map(row => toBot(row, keyring))
}

export async function saveBotAddress(
  db: Database,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  botId: BotId,
  address: PuppetAddress,
): Promise<void> {
  await db.write(tx => update(tx, workspaceId, botId, atAddress(keyring, address)))
}

/**
 * What the operator says of the bot anew. Whoever runs it is refused from now on, and it is free, so that whoever takes it next
 * begins with what was said; that is a hand-over, and no start. False when there is no such bot.
 */
export async function changeBot(
  db: Database,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  botId: BotId,
  { address, expectedUserId }: { readonly address?: PuppetAddress; readonly expectedUserId?: UserId },
): Promise<boolean> {
  const changed = await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('bot')
        .set(({ eb }) => ({
          ...freed(tx),
          fence: eb('fence', '+', 1),
          ...(address && atAddress(keyring, address)),
          ...(expectedUserId !== undefined && { expected_user_id: expectedUserId }),
        }))
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', botId)
        .where('state', '<>', REMOVED)
        .compile(),
    ),
  )
  return changed === 1
}

/** The bot's puppet answers dings. Rejects with FenceLost when it is another node's by now. */
export async function saveAnswersDings(db: Database, tenure: Tenure): Promise<void> {
  await db.write(
    async tx => {
      await requireTenure(tx, tenure)
      await update(tx, tenure.workspaceId, tenure.botId, { answers_dings: 1 })
    },
    { line: tenure.botId },
  )
}

/** Whom the operator expects from now on, by userId or wxid. */
export async function saveExpectedUserId(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
  expected: UserId,
): Promise<void> {
  await db.write(tx => update(tx, workspaceId, botId, { expected_user_id: expected }))
}

/**
 * Who the bot turned out to be. Writes only what is new; what rows show of a bot (wxid, userId, nickName) gives all its
 * rows a new revision. A bot that logs in as another account leaves the chats of the first one behind, so many a write, and is the
 * other account with the last of them: in one write, as a rule, so that whom it meets after that is met by the other account.
 */
export async function saveBotAccount(db: Database, tenure: Tenure, account: BotAccount): Promise<void> {
  let isSaved = false
  while (!isSaved) isSaved = await db.write(tx => saveAccount(tx, tenure, account), { line: tenure.botId })
}

async function saveAccount(tx: Transaction, tenure: Tenure, account: BotAccount): Promise<boolean> {
  const { workspaceId, botId } = tenure
  const seen = accountColumns(account)
  await requireTenure(tx, tenure)
  const known = await tx.first(
    tx.query
      .selectFrom('bot')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', botId)
      .compile(),
  )
  if (!known) return true
  const shown =
    known.wxid !== seen.wxid || known.user_id !== seen.user_id || known.nick_name !== seen.nick_name
  if (!shown && known.avatar_url === seen.avatar_url && known.kind === seen.kind) return true
  if (known.wxid !== null && known.wxid !== seen.wxid) {
    const left = await leaveSomeChats(tx, workspaceId, botId, known.state_since)
    if (left.length === CHATS_LEFT_PER_WRITE_MAX) return false
    await unlistContacts(tx, workspaceId, botId)
  }
  await update(tx, workspaceId, botId, { ...seen, revision: known.revision + Number(shown) })
  // Before its first login it was in no room.
  if (shown && known.wxid !== null) await countEdition(tx, workspaceId, botId)
  return true
}

const update = (
  tx: Transaction,
  workspaceId: WorkspaceId,
  botId: BotId,
  columns: Partial<Selectable<BotTable>>,
) =>
  tx.run(
    tx.query
      .updateTable('bot')
      .set(columns)
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', botId)
      .compile(),
  )

/** What was known of hearing was of the puppet at the other address. */
const atAddress = (keyring: Keyring, address: PuppetAddress) => ({
  ...addressColumns(keyring, address),
  answers_dings: 0 as const,
  deaf_since: null,
})

const addressColumns = (keyring: Keyring, { endpoint, discovery, token, tls }: PuppetAddress) => ({
  endpoint: endpoint ?? '',
  discovery: discovery ?? null,
  token_sealed: keyring.seal(token),
  tls: tls ? (1 as const) : (0 as const),
})

const accountColumns = ({ wxid, userId, nickName, avatarUrl, kind }: BotAccount) => ({
  wxid: cleanText(wxid),
  user_id: cleanText(userId),
  nick_name: cleanText(nickName),
  avatar_url: cleanText(avatarUrl),
  kind,
})

export const toBot = (row: Selectable<BotTable>, keyring: Keyring): Bot => ({
  workspaceId: row.workspace_id as WorkspaceId,
  id: row.id as BotId,
  address: toAddress(row, keyring.open(row.token_sealed)),
  expectedUserId: row.expected_user_id as UserId | null,
  account: toAccount(row),
  createdAt: row.created_at,
})

const toAddress = ({ endpoint, discovery, tls }: Selectable<BotTable>, token: string): PuppetAddress => {
  const secret = { token, tls: tls === 1 }
  return discovery === null ? { endpoint, ...secret } : { endpoint: null, discovery, ...secret }
}

// The five come together at the first login.
const toAccount = (row: Selectable<BotTable>): BotAccount | null =>
  row.wxid === null
    ? null
    : {
        wxid: row.wxid as ContactWxid,
        userId: row.user_id! as UserId,
        nickName: row.nick_name!,
        avatarUrl: row.avatar_url!,
        kind: row.kind!,
      }
