/**
 * What became of each bot, move by move. A move is kept in the write that saves the session it led to, under the fence of
 * whoever runs the bot, so the last row always says what the bot's own row says. Of a bot the newest
 * BOT_MOVES_KEPT_MAX stay, for at most as long as the settings say; its last one stays for good.
 */
import { type BotId, type ContactWxid, cleanText, type WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import {
  type BotMove,
  type BotSession,
  deafnessOf,
  factsOf,
  type SessionFacts,
  type Tenure,
} from '../../model/bot.ts'
import type { Database, Transaction } from '../database/database.ts'
import type { BotMoveTable } from '../schema/tables.ts'
import { requireTenure } from './tenure.ts'

/** A puppet that takes a bot and drops it again moves it several times a second, for as long as nobody looks. */
export const BOT_MOVES_KEPT_MAX = 1000

/** A move as it was kept. */
export interface SavedMove extends SessionFacts {
  readonly botId: BotId
  /** Counts the moves of the bot: 1, 2, 3 … */
  readonly ordinal: number
  readonly at: number
  readonly from: BotSession['state']
  readonly to: BotSession['state']
  /** So many moves before it could not be kept. */
  readonly missed: number
}

/**
 * Keeps the move and the session that it led to, in one write. One that is kept already is found so and nothing changes.
 * Rejects with FenceLost when the bot is run under another fence by now.
 */
export async function saveBotMove(db: Database, tenure: Tenure, move: BotMove): Promise<void> {
  const { workspaceId, botId, fence } = tenure
  const { state } = move.to
  const { reason, wxid, attempt, scan } = factsOf(move.to)
  const facts = { reason: cleanText(reason), wxid: wxid && cleanText(wxid), attempt, scan }
  await db.write(
    async tx => {
      await requireTenure(tx, tenure)
      const newest = await newestMove(tx, workspaceId, botId)
      if (newest?.fence === fence && newest.seq >= move.seq) return

      const ordinal = (newest?.ordinal ?? 0) + 1
      const since = 'since' in move.to ? move.to.since : move.at
      await tx.run(
        tx.query
          .updateTable('bot')
          .set({ state, state_reason: facts.reason, state_since: since, ...hearingAfter(move.to) })
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', botId)
          .compile(),
      )
      await tx.run(
        tx.query
          .insertInto('bot_move')
          .values({
            workspace_id: workspaceId,
            bot_id: botId,
            ordinal,
            at: move.at,
            from_state: move.from,
            to_state: state,
            ...facts,
            missed: move.missed,
            fence,
            seq: move.seq,
          })
          .compile(),
      )
      if (ordinal > BOT_MOVES_KEPT_MAX) await forgetUpTo(tx, workspaceId, botId, ordinal - BOT_MOVES_KEPT_MAX)
    },
    { line: botId },
  )
}

/** Connecting, or held by somebody else, a bot that was deaf is so still, as far as anybody can know. */
const hearingAfter = (session: BotSession): { deaf_since?: number | null } =>
  session.state === 'connecting' || session.state === 'occupied'
    ? {}
    : { deaf_since: deafnessOf(session)?.since ?? null }

/** The newest moves of a bot, newest first. */
export async function listBotMoves(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
  limit: number,
): Promise<SavedMove[]> {
  const rows = await db.all(
    db.query
      .selectFrom('bot_move')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .orderBy('ordinal', 'desc')
      .limit(limit)
      .compile(),
  )
  return rows.map(toMove)
}

/**
 * Forgets moves that happened before `before` (milliseconds), oldest first and at most `limit` at a time; the last move
 * of a bot stays. Whoever wants all of them forgotten asks again until it answers less than `limit`.
 */
export function pruneBotMoves(db: Database, before: number, limit: number): Promise<number> {
  return db.write(async tx => {
    const old = await tx.all(
      tx.query
        .selectFrom('bot_move as move')
        .select(['move.workspace_id', 'move.bot_id', 'move.ordinal'])
        .where('move.at', '<', before)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('bot_move as later')
              .select('later.ordinal')
              .whereRef('later.workspace_id', '=', 'move.workspace_id')
              .whereRef('later.bot_id', '=', 'move.bot_id')
              .whereRef('later.ordinal', '>', 'move.ordinal'),
          ),
        )
        .orderBy('move.at')
        .limit(limit)
        .compile(),
    )
    for (const { workspace_id, bot_id, ordinal } of old) {
      await tx.run(
        tx.query
          .deleteFrom('bot_move')
          .where('workspace_id', '=', workspace_id)
          .where('bot_id', '=', bot_id)
          .where('ordinal', '=', ordinal)
          .compile(),
      )
    }
    return old.length
  })
}

const newestMove = (tx: Transaction, workspaceId: WorkspaceId, botId: BotId) =>
  tx.first(
    tx.query
      .selectFrom('bot_move')
      .select(['ordinal', 'fence', 'seq'])
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .orderBy('ordinal', 'desc')
      .limit(1)
      .compile(),
  )

const forgetUpTo = (tx: Transaction, workspaceId: WorkspaceId, botId: BotId, ordinal: number) =>
  tx.run(
    tx.query
      .deleteFrom('bot_move')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('ordinal', '<=', ordinal)
      .compile(),
  )

const toMove = (row: Selectable<BotMoveTable>): SavedMove => ({
  botId: row.bot_id as BotId,
  ordinal: row.ordinal,
  at: row.at,
  from: row.from_state as SavedMove['from'],
  to: row.to_state as SavedMove['to'],
  reason: row.reason,
  wxid: row.wxid as ContactWxid | null,
  attempt: row.attempt,
  scan: row.scan as SavedMove['scan'],
  missed: row.missed,
})
