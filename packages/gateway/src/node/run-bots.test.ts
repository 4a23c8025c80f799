import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import {
  hears,
  type NotedRoster,
  openNotedRoster,
  openTrial as openSimulated,
} from '@qunhub/testing/trials/bot-trial.ts'
import { WorkspaceId } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import type { Roster } from '../puppet/roster.ts'
import { addBot } from '../store/bots/bots.ts'
import { claimBots, countBots } from '../store/bots/claim-bots.ts'
import { enterNode, leaveNode, type NodeRow } from '../store/bots/nodes.ts'
import { keyring } from '../store/contract/scene.contract.ts'
import type { Database } from '../store/database/database.ts'
import { openStore } from '../store/database/open-store.ts'
import { StoreAway } from '../store/database/store-error.ts'
import { addWorkspace } from '../store/workspaces/workspaces.ts'
import { silentLog } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import { runBots } from './run-bots.ts'

const NOBODY_THERE = '127.0.0.1:1'

const nodeNamed = (id: string): NodeRow => ({ id, address: null, entered: 1, beat: 1, attending: true })

/** A node named `me` on a store with so many bots, whose puppets nobody answers at unless a test brings some. */
async function openTrial(
  bots: number,
  change: (roster: Roster) => Roster = roster => roster,
  { roster: opened }: Pick<NotedRoster, 'roster'> = openNotedRoster(NOBODY_THERE),
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-runner-'))
  const store = await openStore({ dataDir })
  onTestFinished(async () => {
    await opened.stop()
    await store.close()
    await rm(dataDir, { recursive: true })
  })
  const { db } = store
  const roster = change(opened)
  const workspaceId = WorkspaceId.parse((await addWorkspace(db, systemRandom, { name: '小组', at: 0 })).id)
  const address = { endpoint: NOBODY_THERE, token: 'puppet_token', tls: false }
  for (let n = 0; n < bots; n++)
    await addBot(db, keyring, systemRandom, workspaceId, { address, expectedUserId: null, at: n })
  await enterNode(db, 'me', null)
  const membership = { id: 'me', isIn: true, nodes: [nodeNamed('me')] }
  const gaveBack: number[] = []
  const runner = runBots({
    db,
    keyring,
    log: silentLog,
    roster,
    membership,
    onHandOver: { claimed() {}, gaveBack: () => void gaveBack.push(1) },
  })
  return { db, workspaceId, roster, membership, runner, gaveBack, hosted: () => roster.all().length }
}

/** Lets the next write happen, but its answer be lost: nobody can tell whether it was committed. */
function loseNextAnswer(db: Database): void {
  const write = db.write.bind(db)
  db.write = async (...asked: Parameters<Database['write']>) => {
    db.write = write
    await write(...asked)
    throw new StoreAway('the connection broke at the commit')
  }
}

/** Holds the answer of the next write back until `let go` is called. */
function holdNextAnswer(db: Database) {
  const write = db.write.bind(db)
  const written = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  db.write = (async (...asked: Parameters<Database['write']>) => {
    db.write = write
    const answer = await write(...asked)
    written.resolve()
    await gate.promise
    return answer
  }) as Database['write']
  return { written: written.promise, letGo: gate.resolve }
}

/** Bots that leave their puppets only when the test says so. */
function slowToLeave() {
  const gate = Promise.withResolvers<void>()
  const leaving: string[] = []
  const change = (roster: Roster): Roster => ({
    ...roster,
    async retire(workspaceId, botId) {
      leaving.push(botId)
      await roster.retire(workspaceId, botId)
      await gate.promise
    },
  })
  return { change, leaving, letGo: gate.resolve }
}

test('NODE-4 a bot whose claim was committed although its answer was lost is run from the next round on', async () => {
  const { db, runner, hosted } = await openTrial(1)
  loseNextAnswer(db)
  await expect(runner.round()).rejects.toThrow(StoreAway)
  expect(await countBots(db, 'me')).toEqual({ all: 1, free: 0, mine: 1 })
  expect(hosted()).toBe(0)
  await runner.round()
  expect(hosted()).toBe(1)
})

test('NODE-4 whoever stands aside twice comes back with every bot', async () => {
  const { membership, runner, hosted } = await openTrial(2)
  await runner.round()
  membership.isIn = false
  await runner.standAside()
  await runner.standAside()
  expect(hosted()).toBe(0)
  membership.isIn = true
  await runner.round()
  expect(hosted()).toBe(2)
})

test('NODE-20 whoever stands aside comes back with the account that has logged in meanwhile: a bot that was new when it was claimed does not start again', async () => {
  const trial = await openSimulated()
  onTestFinished(() => trial.close())
  const { db, workspaceId, runner, roster } = await openTrial(0, undefined, trial)
  const { token } = trial.world.addBot({ userId: 'xiaobei' })
  const address = { endpoint: trial.simulator.endpoint, token, tls: false }
  await addBot(db, keyring, systemRandom, workspaceId, { address, expectedUserId: null, at: 0 })
  await runner.round()
  await hears(trial, 'login')
  await eventually('the start to be over', () => roster.all().every(bot => !bot.isStarting))

  for (let times = 1; times <= 2; times += 1) {
    await runner.standAside()
    expect(roster.all()).toEqual([])
    await runner.round()
    await hears(trial, 'resync reconnected', times)
  }
  expect(trial.heard.filter(note => note === 'login')).toHaveLength(1)
})

test('NODE-5 a claim whose answer comes after the node was taken for dead hosts nothing', async () => {
  const { db, membership, runner, roster } = await openTrial(1)
  const claim = holdNextAnswer(db)
  const round = runner.round()
  await claim.written
  await leaveNode(db, 'me')
  await runner.loseAll()
  await enterNode(db, 'other', null)
  await claimBots(db, keyring, 'other', 1)
  await enterNode(db, 'me again', null)
  membership.id = 'me again'
  claim.letGo()
  await round
  expect(roster.all()).toEqual([])

  await leaveNode(db, 'other')
  await runner.round()
  expect(roster.all().map(({ tenure }) => tenure.fence)).toEqual([3])
})

test('NODE-5 a claim whose answer comes while the node stands aside hosts nothing until it is back', async () => {
  const { db, membership, runner, hosted } = await openTrial(1)
  const claim = holdNextAnswer(db)
  const round = runner.round()
  await claim.written
  membership.isIn = false
  await runner.standAside()
  claim.letGo()
  await round
  expect(hosted()).toBe(0)
  membership.isIn = true
  await runner.round()
  expect(hosted()).toBe(1)
})

test('NODE-5 a bot that the store gives to another leaves this node, one that is ours anew runs under its new fence', async () => {
  const { db, roster, runner, membership } = await openTrial(2)
  await runner.round()
  // As after a failover to a database that had not heard of everything.
  await leaveNode(db, 'me')
  await enterNode(db, 'me', null)
  await enterNode(db, 'other', null)
  const [theirs] = await claimBots(db, keyring, 'other', 1)
  const [ours] = await claimBots(db, keyring, 'me', 1)
  membership.nodes.push(nodeNamed('other'))
  await runner.round()
  expect(roster.all().map(({ bot, tenure }) => [bot.id, tenure.fence])).toEqual([[ours!.bot.id, 2]])
  expect(theirs!.bot.id).not.toBe(ours!.bot.id)
})

test('NODE-4 bots are given back beside one another, and neither claims nor beats wait for them', async () => {
  const { change, leaving, letGo } = slowToLeave()
  const { db, membership, runner, gaveBack, hosted } = await openTrial(6, change)
  await runner.round()
  membership.nodes.push(nodeNamed('second'))
  await runner.round()
  expect(leaving).toHaveLength(3)
  expect(hosted()).toBe(3)
  // Nobody else may run them before they have left.
  expect(await countBots(db, 'me')).toMatchObject({ free: 0, mine: 6 })

  // What is on its way is neither taken back nor given twice.
  await runner.round()
  expect(leaving).toHaveLength(3)
  expect(hosted()).toBe(3)
  letGo()
  await eventually('they are free', async () => (await countBots(db, 'me')).free === 3)
  expect(gaveBack).toHaveLength(3)
})

test('NODE-4 a bot that could not be given back at once is given back in a later round', async () => {
  const { db, membership, runner, hosted } = await openTrial(2)
  await runner.round()
  membership.nodes.push(nodeNamed('second'))
  const { write } = db
  let asked = 0
  db.write = async () => {
    asked++
    throw new StoreAway('cut off')
  }
  await runner.round()
  await eventually('it was tried', () => asked === 1)
  db.write = write
  expect(await countBots(db, 'me')).toMatchObject({ mine: 2 })
  await eventually('it is free', async () => {
    await runner.round()
    return (await countBots(db, 'me')).free === 1
  })
  expect(hosted()).toBe(1)
})
