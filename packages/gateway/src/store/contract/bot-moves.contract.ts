import { describe, expect, test } from 'vitest'
import type { BotSession } from '../../model/bot.ts'
import { BOT_MOVES_KEPT_MAX, listBotMoves, pruneBotMoves, saveBotMove } from '../bots/bot-moves.ts'
import { listBotSessions } from '../bots/bot-sessions.ts'
import { claimBots, releaseBot } from '../bots/claim-bots.ts'
import { enterNode } from '../bots/nodes.ts'
import { FenceLost } from '../database/store-error.ts'
import { account, keyring, moveTo, NOON, type OpenStore, offline, Scene, tenureOf } from './scene.contract.ts'

const DAY_MS = 24 * 3600 * 1000
const waiting: BotSession = {
  state: 'awaiting-scan',
  since: NOON,
  qrcode: 'https://login.example/canary',
  givenAt: NOON,
  scan: 'scanned',
}

/** What is kept of the life of a bot. */
export function botMovesContract(open: OpenStore): void {
  const opened = async () => {
    const scene = await Scene.open(open)
    const { db, workspaceId, botId } = scene
    return {
      scene,
      db,
      workspaceId,
      botId,
      keep: (to: BotSession, but: Parameters<typeof moveTo>[1] = {}) =>
        saveBotMove(db, scene.tenure, moveTo(to, but)),
      moves: (limit = 99) => listBotMoves(db, workspaceId, botId, limit),
      session: async () => (await listBotSessions(db, workspaceId))[0]!,
    }
  }

  describe('moves of a bot', () => {
    test('BOT-100 a move of whoever does not run the bot any more is refused, and nothing of it is kept', async () => {
      const { db, workspaceId, botId, keep, moves } = await opened()
      await enterNode(db, 'one', null)
      const [first] = await claimBots(db, keyring, 'one', 1)
      const former = { workspaceId, botId, fence: first!.fence }
      await saveBotMove(db, former, moveTo(offline('mine')))
      await releaseBot(db, former)
      const [second] = await claimBots(db, keyring, 'one', 1)
      await expect(saveBotMove(db, former, moveTo(offline('stale'), { seq: 2 }))).rejects.toThrow(FenceLost)
      await expect(keep(offline('never claimed'))).rejects.toThrow(FenceLost)

      // Whoever comes next counts from the beginning again.
      await saveBotMove(db, { ...former, fence: second!.fence }, moveTo(offline('next')))
      expect((await moves()).map(({ ordinal, reason }) => [ordinal, reason])).toEqual([
        [2, 'next'],
        [1, 'mine'],
      ])
    })

    test('BOT-100 a move and the session it led to are kept in one write, with the facts of the state', async () => {
      const { botId, keep, moves, session } = await opened()
      const who = account('bei')
      const lost = { since: NOON + 2, attempt: 3, reason: 'UNAVAILABLE\0', nextTryAt: NOON + 9 }
      await keep({ state: 'online', since: NOON + 1, account: who }, { at: NOON + 1 })
      await keep({ state: 'reconnecting', ...lost }, { from: 'online', at: NOON + 3, seq: 2, missed: 4 })
      const nothing = { botId, reason: '', wxid: null, attempt: null, scan: null, missed: 0 }
      const reason = 'UNAVAILABLE\ufffd'
      expect(await moves()).toEqual([
        {
          ...nothing,
          ordinal: 2,
          at: NOON + 3,
          from: 'online',
          to: 'reconnecting',
          reason,
          attempt: 3,
          missed: 4,
        },
        { ...nothing, ordinal: 1, at: NOON + 1, from: 'connecting', to: 'online', wxid: who.wxid },
      ])
      expect(await session()).toEqual({ botId, state: 'reconnecting', reason, since: NOON + 2 })
      expect(await moves(1)).toHaveLength(1)
    })

    test('BOT-101 what somebody may scan is in no row', async () => {
      const { db, keep, moves } = await opened()
      await keep(waiting)
      expect(await moves()).toMatchObject([{ to: 'awaiting-scan', scan: 'scanned' }])
      const rows = [
        await db.all(db.query.selectFrom('bot_move').selectAll().compile()),
        await db.all(db.query.selectFrom('bot').selectAll().compile()),
      ]
      expect(JSON.stringify(rows)).not.toContain('canary')
    })

    test('BOT-102 a move that is told twice, because nobody knew whether it was kept, is kept once', async () => {
      const { keep, moves, session } = await opened()
      for (const seq of [1, 1, 2, 2, 1]) await keep(offline(`${seq}`), { seq })
      expect((await moves()).map(({ reason }) => reason)).toEqual(['2', '1'])
      expect(await session()).toMatchObject({ reason: '2' })
    })

    test('BOT-103 of a bot the newest thousand moves stay', async () => {
      const { db, workspaceId, botId, keep, moves } = await opened()
      const putRow = (ordinal: number) =>
        db.write(tx =>
          tx.run(
            tx.query
              .insertInto('bot_move')
              .values({
                ...{ workspace_id: workspaceId, bot_id: botId, ordinal, at: NOON, fence: 0, seq: 0 },
                ...{ from_state: 'new', to_state: 'connecting', reason: '', missed: 0 },
              })
              .compile(),
          ),
        )
      await putRow(BOT_MOVES_KEPT_MAX - 1)
      for (const seq of [1, 2]) await keep(offline(''), { seq })
      expect((await moves()).map(({ ordinal }) => ordinal)).toEqual([1001, 1000, 999])
      await putRow(1998)
      await keep(offline(''), { seq: 3 })
      expect((await moves()).map(({ ordinal }) => ordinal)).toEqual([1999, 1998, 1001, 1000])
    })

    test('BOT-104 moves are forgotten oldest first and a few at a time, but never the last one of a bot', async () => {
      const { scene, db, workspaceId, keep, moves } = await opened()
      const other = await scene.hostBot(account('nan'))
      await saveBotMove(
        db,
        tenureOf(workspaceId, other),
        moveTo(offline('ages ago'), { at: NOON - 90 * DAY_MS }),
      )
      for (const seq of [1, 2, 3, 4]) await keep(offline(`${seq}`), { seq, at: NOON + seq * DAY_MS })

      const before = NOON + 9 * DAY_MS
      expect(await pruneBotMoves(db, NOON + DAY_MS, 2)).toBe(0)
      expect(await pruneBotMoves(db, before, 2)).toBe(2)
      expect((await moves()).map(({ reason }) => reason)).toEqual(['4', '3'])
      expect(await pruneBotMoves(db, before, 2)).toBe(1)
      expect(await pruneBotMoves(db, before, 2)).toBe(0)
      expect((await moves()).map(({ reason }) => reason)).toEqual(['4'])
      expect(await listBotMoves(db, workspaceId, other, 9)).toMatchObject([{ reason: 'ages ago' }])
    })
  })
}
