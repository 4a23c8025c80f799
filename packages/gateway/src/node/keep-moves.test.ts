import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { FAULTS, LATE_MS, openFaultyDatabase } from '@qunhub/testing/trials/faulty-database.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BotMove, Tenure } from '../model/bot.ts'
import { MoveTeller } from '../puppet/move-teller.ts'
import { listBotMoves, saveBotMove } from '../store/bots/bot-moves.ts'
import { listBots } from '../store/bots/bots.ts'
import { account, keyring, moveTo, offline, Scene, seededRandom } from '../store/contract/scene.contract.ts'
import { openStore, type Store } from '../store/database/open-store.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { AbsentBot } from './absent-bot.ts'
import { createMoveRetention } from './move-retention.ts'
import { untilKept } from './patience.ts'

let home: string
let store: Store
let scene: Scene

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'qunhub-moves-'))
  store = await openStore({ dataDir: home })
  scene = await Scene.in(store.db, seededRandom(1))
})
afterAll(async () => {
  await store.close()
  await rm(home, { recursive: true })
})

/** One more bot, and how its moves come into the store while that has this fault. */
async function botBehind(plan: Parameters<typeof openFaultyDatabase>[2]) {
  const { db } = store
  const clock = new ManualClock()
  const faulty = openFaultyDatabase(db, clock, plan)
  const botId = await scene.hostBot(account('xi'))
  const tenure: Tenure = { workspaceId: scene.workspaceId, botId, fence: 0 }
  const bot = (await listBots(db, keyring, scene.workspaceId)).find(({ id }) => id === botId)!
  const hosted = new AbsentBot({ bot, fence: 0, nodeId: null, state: 'new', since: 0 })
  const lost: string[] = []
  const patience = { db: faulty.db, clock, log: silentLog, lose: async () => void lost.push(botId) }
  const signal = new AbortController().signal
  const teller = new MoveTeller()
  const tell = (move: BotMove) =>
    untilKept(patience, hosted, signal, () => saveBotMove(faulty.db, tenure, move))
  const kept = async () =>
    (await listBotMoves(db, scene.workspaceId, botId, 99)).map(({ reason }) => reason).toReversed()
  return {
    clock,
    faulty,
    add: (move: BotMove) => teller.add(move, tell),
    idle: () => teller.idle(),
    kept,
    lost,
    tenure,
  }
}

/** Two moves have about ten statements, their commits included: every one of them is hit once. */
const plans = FAULTS.flatMap(fault => Array.from({ length: 10 }, (_, at) => ({ fault, at: at + 1 })))

test.each(plans)(
  'BOT-102 a store that $fault at statement $at of two moves keeps all moves, each once and in order',
  async plan => {
    const { clock, faulty, add, idle, kept } = await botBehind(plan)
    const reasons = ['1', '2', '3', '4']
    reasons.forEach((reason, at) => {
      add(moveTo(offline(reason), { seq: at + 1 }))
    })
    let isOver = false
    const told = idle().then(() => {
      isOver = true
    })
    await eventually('the fault', () => faulty.struck !== null)
    faulty.mend()
    await eventually('everything is kept', () => {
      clock.advance(LATE_MS)
      return isOver
    })
    await told
    expect(await kept()).toEqual(reasons)
  },
)

test('BOT-100 a bot that another node runs by now is left, and its moves are not kept', async () => {
  const { add, idle, kept, lost, tenure } = await botBehind(null)
  add(moveTo(offline('mine')))
  await idle()
  await store.db.write(tx =>
    tx.run(tx.query.updateTable('bot').set({ fence: 7 }).where('id', '=', tenure.botId).compile()),
  )
  add(moveTo(offline('stale'), { seq: 2 }))
  await idle()
  expect(await kept()).toEqual(['mine'])
  expect(lost).toEqual([tenure.botId])
})

test('BOT-104 every ten minutes moves older than the setting are forgotten, and a store that is away is asked again', async () => {
  const { clock, add, idle, kept } = await botBehind(null)
  const began = clock.now()
  const days = [0, 1, 2]
  days.forEach(day => {
    add(moveTo(offline(`${day}`), { seq: day + 1, at: began + day * DAY_MS }))
  })
  await idle()
  const away = openFaultyDatabase(store.db, clock, { fault: 'cut-before', at: 1 })
  const retention = createMoveRetention({ db: away.db, clock, log: silentLog, keepDays: 3 })
  retention.start()
  const sweepAt = async (ms: number) => {
    clock.advance(ms - clock.now())
    await eventually('the sweep is over', () => clock.nextIn() === 10 * MINUTE_MS)
    return kept()
  }
  clock.advance(3 * DAY_MS - 20 * MINUTE_MS)
  expect(await sweepAt(began + 3 * DAY_MS + SECOND_MS)).toEqual(['0', '1', '2'])
  away.mend()
  expect(await sweepAt(began + 3 * DAY_MS + 10 * MINUTE_MS + SECOND_MS)).toEqual(['1', '2'])
  await retention.stop()
})
