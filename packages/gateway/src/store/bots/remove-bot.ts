/**
 * A bot that is ours no more. First it is taken away, which is one write; then it leaves its chats, so many a write, however many
 * they are. Its row says that it is still leaving, so whoever finds a removal that broke off goes on with it: what a chat tells
 * and that it is left are one write, so nothing is told twice and nothing is forgotten.
 */
import { type BotId, type ContactWxid, cleanText, type WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../../model/callback.ts'
import type { Keyring } from '../../model/keyring.ts'
import type { Database, Queryable, Transaction } from '../database/database.ts'
import { type LeftChat, leaveSomeChats, oweLeft } from '../rooms/leave-room.ts'
import { freed, REMOVED } from './bot-row.ts'

interface Named {
  readonly workspaceId: WorkspaceId
  readonly botId: BotId
}

type Owe = (left: LeftChat) => OwedCallback | null

/** Why a bot that was removed is not forgotten yet: it stands in its row as the reason of its state. */
const LEAVING = 'leaving'

/**
 * Whoever ran the bot is refused whatever it still wants to write, and its chats disappear from every list. Its row stays, without
 * its puppet token, because what it was in and what became of it is told by rows that name it. Where the workspace wants to hear
 * that a bot left (NB-6), what `owe` returns for each chat is owed with leaving it. Between the two `letGo` is called: whoever still
 * hosts the bot would act in its name as long as it leaves its chats. Says how many chats it leaves; undefined when there is no
 * such bot, or not any more. `at` in milliseconds.
 */
export async function removeBot(
  db: Database,
  keyring: Keyring,
  { workspaceId, botId }: Named,
  at: number,
  owe: Owe,
  letGo: () => Promise<void> = async () => {},
): Promise<number | undefined> {
  const named = { workspaceId, botId }
  const chats = await db.write(tx => takeAway(tx, keyring, named, at), { line: botId })
  if (chats === undefined) return undefined
  await letGo()
  await finishRemoval(db, named, at, owe)
  return chats
}

/** Those that are removed, and whose last write was not seen yet: all, or those of one account in a workspace. */
export function removalsUnderWay(
  db: Queryable,
  of?: { readonly workspaceId: WorkspaceId; readonly wxid: ContactWxid },
): Promise<Named[]> {
  const all = db.query
    .selectFrom('bot')
    .select(['workspace_id as workspaceId', 'id as botId'])
    .where('state', '=', REMOVED)
    .where('state_reason', '=', LEAVING)
    .$castTo<Named>()
  const own = of && all.where('workspace_id', '=', of.workspaceId).where('wxid', '=', cleanText(of.wxid))
  return db.all((own ?? all).compile())
}

/**
 * The chats that a removed bot has not left yet, write by write, until it has left all of them or `isStopped`. Several may do so at
 * once: each chat is left in one of their writes, and one of them is told true, who took the mark off.
 */
export async function finishRemoval(
  db: Database,
  named: Named,
  at: number,
  owe: Owe,
  isStopped: () => boolean = () => false,
): Promise<boolean> {
  let isFinisher: boolean | null = null
  while (isFinisher === null && !isStopped())
    isFinisher = await db.write(tx => leaveSome(tx, named, at, owe), { line: named.botId })
  return isFinisher ?? false
}

/** How many chats it has to leave. */
async function takeAway(
  tx: Transaction,
  keyring: Keyring,
  { workspaceId, botId }: Named,
  at: number,
): Promise<number | undefined> {
  const removed = await tx.run(
    tx.query
      .updateTable('bot')
      .set(({ eb }) => ({
        ...freed(tx),
        fence: eb('fence', '+', 1),
        token_sealed: keyring.seal(''),
        state: REMOVED,
        state_reason: LEAVING,
        state_since: at,
        deaf_since: null,
      }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', botId)
      .where('state', '<>', REMOVED)
      .compile(),
  )
  if (removed === 0) return undefined
  const counted = await tx.first(
    tx.query
      .selectFrom('chat')
      .select(({ fn }) => fn.countAll<number>().as('chats'))
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('left_at', 'is', null)
      .compile(),
  )
  return Number(counted!.chats)
}

/** Null where there may be more of them; at the end whether it was this write that took the mark off. */
async function leaveSome(
  tx: Transaction,
  { workspaceId, botId }: Named,
  at: number,
  owe: Owe,
): Promise<boolean | null> {
  // Locked until the write ends, so that two who finish a removal come one after the other.
  const view = await tx.first(tx.hot.botView(workspaceId, botId))
  if (!view) return false
  const left = await leaveSomeChats(tx, workspaceId, botId, at)
  await oweLeft(tx, { workspaceId, botId }, left, { view, at, owe })
  if (left.length > 0) return null
  const unmarked = await tx.run(
    tx.query
      .updateTable('bot')
      .set({ state_reason: '' })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', botId)
      .where('state_reason', '=', LEAVING)
      .compile(),
  )
  return unmarked === 1
}
