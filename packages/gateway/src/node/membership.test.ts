import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { sql } from 'kysely'
import { expect, inject, onTestFinished, test } from 'vitest'
import { addBot } from '../store/bots/bots.ts'
import { claimBots, finishStart } from '../store/bots/claim-bots.ts'
import { enterNode, listNodes, reapNode } from '../store/bots/nodes.ts'
import { beatNode, keyring } from '../store/contract/scene.contract.ts'
import type { Database } from '../store/database/database.ts'
import { openStore } from '../store/database/open-store.ts'
import { StoreAway } from '../store/database/store-error.ts'
import { ATTENDANCE_CLASS } from '../store/dialect/postgres/attendance-class.ts'
import { setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import { claimAddresses } from '../store/outbox/claim-addresses.ts'
import { readAddresses } from '../store/outbox/run-address.ts'
import { addWorkspace } from '../store/workspaces/workspaces.ts'
import { type Log, silentLog } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import { LAPSE_MS, STAND_ASIDE_MS } from './lapse.ts'
import { BEAT_AGAIN_MS, openMembership } from './membership.ts'
import { BEAT_MS, CHECK_AGAIN_MS, REAP_CUT_OFF_MS, REAP_GONE_MS, REAP_SILENT_MS } from './peers.ts'

async function openDatabase(): Promise<Database> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-nodes-'))
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const store = await openStore({ dataDir, databaseUrl: database.url })
  onTestFinished(async () => {
    await store.close()
    await database.drop()
    await rm(dataDir, { recursive: true })
  })
  return store.db
}

/** Lets a test keep a node's beats from the database: see `is`. */
function cutOff(db: Database) {
  const { attend } = db
  const reach = { is: true }
  db.attend = async key => {
    const attendance = await attend.call(db, key)
    return {
      get isLost() {
        return attendance.isLost
      },
      run: async statement => {
        if (!reach.is) throw new StoreAway('cut off')
        return attendance.run(statement)
      },
      onLost: listener => attendance.onLost(listener),
      leave: () => attendance.leave(),
    }
  }
  return reach
}

interface Told {
  readonly address?: string | null
  readonly log?: Log
}

/** A node on a clock that stands still; `beats(n)` lets n beats pass, each to its end. */
async function openNode(db: Database, { address = null, log = silentLog }: Told = {}) {
  const clock = new ManualClock()
  const heard: string[] = []
  const membership = await openMembership({ db, clock, random: systemRandom, log, address })
  onTestFinished(() => membership.leave())
  membership.start({
    onRound: async () => void heard.push('round'),
    onLanesFreed: () => void heard.push('lanes freed'),
    onLostTouch: async () => void heard.push('lost touch'),
    onReaped: async () => void heard.push('reaped'),
  })
  const rounds = () => heard.filter(what => what === 'round').length
  await eventually('the first round', () => rounds() === 1)
  const isWaiting = () => clock.nextIn() !== undefined && clock.nextIn()! <= BEAT_MS
  const check = async (afterMs: number) => {
    await eventually('the next check', isWaiting)
    const before = rounds()
    clock.advance(afterMs)
    await eventually('a round', () => rounds() > before)
  }
  return {
    clock,
    heard,
    membership,
    /** Whether the node waits for its next check, and how long. */
    nextCheckIn: async () => {
      await eventually('the next check', isWaiting)
      return clock.nextIn()
    },
    check,
    async beats(count: number) {
      for (let n = 0; n < count; n++) await check(BEAT_MS)
    },
  }
}

const idsOf = async (db: Database) => (await listNodes(db)).map(({ id }) => id)
const beatsIn = (ms: number) => Math.ceil(ms / BEAT_MS)

test('NODE-9 a peer whose process is gone is looked at again soon, and reaped once its beat has stood still for 250 ms', async () => {
  const db = await openDatabase()
  await enterNode(db, 'gone', null)
  await beatNode(db, 'gone')
  const { check, nextCheckIn, heard } = await openNode(db)
  expect(await nextCheckIn()).toBe(CHECK_AGAIN_MS)
  await check(CHECK_AGAIN_MS)
  await check(REAP_GONE_MS - CHECK_AGAIN_MS - 1)
  expect(await idsOf(db)).toContain('gone')
  expect(heard).not.toContain('lanes freed')
  await check(CHECK_AGAIN_MS)
  expect(await idsOf(db)).not.toContain('gone')
  expect(heard).toContain('lanes freed')
  expect(await nextCheckIn()).toBe(BEAT_MS)
})

test('CB-12 the addresses of a node that is reaped are free, and nobody claims in its name any more', async () => {
  const db = await openDatabase()
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: '甲', at: 0 })
  await setCallbackUrl(db, keyring, systemRandom, workspaceId, 'https://a.example', 0)
  await enterNode(db, 'gone', null)
  await beatNode(db, 'gone')
  expect(await claimAddresses(db, 'gone', 1)).toBe(1)
  const [before] = await readAddresses(db, 'gone')
  const { check, heard, membership } = await openNode(db)
  expect(await claimAddresses(db, membership.id, 1)).toBe(0)
  await check(CHECK_AGAIN_MS)
  await check(REAP_GONE_MS)
  expect(await idsOf(db)).not.toContain('gone')
  expect(heard).toContain('lanes freed')

  expect(await claimAddresses(db, 'gone', 1)).toBe(0)
  expect(await claimAddresses(db, membership.id, 1)).toBe(1)
  const [ours] = await readAddresses(db, membership.id)
  expect(ours!.fence).toBeGreaterThan(before!.fence)
})

test('NODE-9 a living peer whose connection broke takes its lock again at once, and is not reaped', async () => {
  const db = await openDatabase()
  const peer = await openNode(db)
  const { id } = peer.membership
  const { check, heard } = await openNode(db)
  const lockHolders = async () =>
    (
      await db.all(
        sql<{
          pid: number
        }>`select pid from pg_locks where locktype = 'advisory' and classid = ${ATTENDANCE_CLASS}
          and objid = (select entered from node where id = ${id})`.compile(db.query),
      )
    ).map(({ pid }) => pid)
  const [before] = await lockHolders()
  await db.all(sql`select pg_terminate_backend(${before})`.compile(db.query))
  // Its clock stands still: it does not wait for a beat.
  await eventually('it attends again', async () => {
    const holders = await lockHolders()
    return holders.length === 1 && holders[0] !== before
  })
  await check(BEAT_MS)
  await check(BEAT_MS)
  expect((await idsOf(db))[0]).toBe(id)
  expect(heard).not.toContain('lanes freed')
})

test('NODE-9 a peer that has just entered has 1.5 s to take its lock', async () => {
  const db = await openDatabase()
  await enterNode(db, 'entering', null)
  const { check, nextCheckIn } = await openNode(db)
  await nextCheckIn()
  for (let ms = CHECK_AGAIN_MS; ms < REAP_CUT_OFF_MS; ms += CHECK_AGAIN_MS) await check(CHECK_AGAIN_MS)
  expect(await idsOf(db)).toContain('entering')
  await check(CHECK_AGAIN_MS)
  expect(await idsOf(db)).not.toContain('entering')
})

test('NODE-9 a peer that dies before its first round, when it may hold lanes already, is reaped like any other', async () => {
  const db = await openDatabase()
  const { check, nextCheckIn } = await openNode(db)
  const peer = await openMembership({
    db,
    clock: new ManualClock(),
    random: systemRandom,
    log: silentLog,
    address: null,
  })
  onTestFinished(() => peer.leave())
  await db.all(
    sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${ATTENDANCE_CLASS}
      and objid = (select entered from node where id = ${peer.id})`.compile(db.query),
  )
  const isGone = async () => (await listNodes(db)).some(({ id, attending }) => id === peer.id && !attending)
  await eventually('its lock to be free', isGone)
  await check(BEAT_MS)
  expect(await nextCheckIn()).toBe(CHECK_AGAIN_MS)
  expect(await idsOf(db)).toContain(peer.id)
  for (let ms = 0; ms <= REAP_GONE_MS; ms += CHECK_AGAIN_MS) await check(CHECK_AGAIN_MS)
  expect(await idsOf(db)).not.toContain(peer.id)
})

test('NODE-9 whoever was cut off itself gives the others 1.5 s to come back too', async () => {
  const db = await openDatabase()
  await enterNode(db, 'gone', null)
  await beatNode(db, 'gone')
  const reach = cutOff(db)
  const { clock, check, nextCheckIn } = await openNode(db)
  await nextCheckIn()
  reach.is = false
  clock.advance(CHECK_AGAIN_MS)
  await nextCheckIn()
  reach.is = true
  await check(BEAT_MS)
  for (let ms = CHECK_AGAIN_MS; ms < REAP_CUT_OFF_MS - BEAT_MS; ms += CHECK_AGAIN_MS)
    await check(CHECK_AGAIN_MS)
  expect(await idsOf(db)).toContain('gone')
  for (let ms = 0; ms <= BEAT_MS; ms += CHECK_AGAIN_MS) await check(CHECK_AGAIN_MS)
  expect(await idsOf(db)).not.toContain('gone')
})

test('NODE-9 a peer that beats is left alone, however long', async () => {
  const db = await openDatabase()
  await enterNode(db, 'alive', null)
  const { beats } = await openNode(db)
  for (let n = 0; n < 2 * beatsIn(REAP_SILENT_MS); n++) {
    await beatNode(db, 'alive')
    await beats(1)
  }
  expect(await idsOf(db)).toContain('alive')
})

test('NODE-9 a peer that is connected but silent is reaped after 5 s', async () => {
  const db = await openDatabase()
  const attendance = await db.attend(await enterNode(db, 'frozen', null))
  onTestFinished(() => attendance.leave())
  const { beats } = await openNode(db)
  await beats(beatsIn(REAP_SILENT_MS) - 1)
  expect(await idsOf(db)).toContain('frozen')
  await beats(1)
  expect(await idsOf(db)).not.toContain('frozen')
})

test('NODE-9 a moment in which we could not check ourselves says nothing about the others', async () => {
  const db = await openDatabase()
  await enterNode(db, 'gone', null)
  const { beats, check } = await openNode(db)
  await check(10 * REAP_SILENT_MS)
  await beats(beatsIn(REAP_CUT_OFF_MS) - 1)
  expect(await idsOf(db)).toContain('gone')
  await beats(1)
  expect(await idsOf(db)).not.toContain('gone')
})

test('NODE-10 a node that cannot beat for 3 s does not act, and leaves its puppets while peers may take over', async () => {
  const db = await openDatabase()
  await enterNode(db, 'peer', null)
  const reach = cutOff(db)
  const { clock, membership, heard, beats } = await openNode(db)
  reach.is = false
  clock.advance(LAPSE_MS - 1)
  expect(membership.isIn).toBe(true)
  clock.advance(1)
  expect(membership.isIn).toBe(false)
  expect(heard).not.toContain('lost touch')
  clock.advance(STAND_ASIDE_MS - LAPSE_MS)
  expect(heard).toContain('lost touch')

  reach.is = true
  const { id } = membership
  await beats(1)
  expect(membership).toMatchObject({ isIn: true, id })
})

test('NODE-15 a node whose beats fail tries again every 100 ms: what is over within 3 s stops nothing', async () => {
  const db = await openDatabase()
  const reach = cutOff(db)
  const { clock, membership, heard } = await openNode(db)
  await eventually('the next beat', () => clock.nextIn() === BEAT_MS)
  const before = heard.length
  reach.is = false
  clock.advance(BEAT_MS)
  const triesAgain = () => eventually('the next try', () => clock.nextIn() === BEAT_AGAIN_MS)
  await triesAgain()
  clock.advance(LAPSE_MS - BEAT_MS - 2 * BEAT_AGAIN_MS)
  await triesAgain()
  expect(heard.length).toBe(before)
  reach.is = true
  clock.advance(BEAT_AGAIN_MS)
  await eventually('a round', () => heard.length > before)
  clock.advance(BEAT_AGAIN_MS)
  expect(membership.isIn).toBe(true)
})

test('NODE-10 a node whose lock is lost does not act until it has beaten again', async () => {
  const db = await openDatabase()
  await enterNode(db, 'peer', null)
  const { attend } = db
  const { membership } = await openNode(db)
  const connected = Promise.withResolvers<void>()
  db.attend = async key => {
    await connected.promise
    return attend.call(db, key)
  }
  expect(membership.isIn).toBe(true)
  await db.all(
    sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${ATTENDANCE_CLASS}
      and objid = (select entered from node where id = ${membership.id})`.compile(db.query),
  )
  await eventually('it does not act', () => !membership.isIn)
  connected.resolve()
  await eventually('it acts again', () => membership.isIn)
})

test('NODE-10 alone it keeps its puppets: nobody could take over, and nothing need be missed', async () => {
  const db = await openDatabase()
  const reach = cutOff(db)
  const { clock, membership, heard } = await openNode(db)
  reach.is = false
  clock.advance(10 * STAND_ASIDE_MS)
  expect(membership.isIn).toBe(false)
  expect(heard).not.toContain('lost touch')
})

test('NODE-11 a node that was taken for dead gives up what it ran, and comes back under another id', async () => {
  const db = await openDatabase()
  const { membership, heard, beats } = await openNode(db)
  const { id } = membership
  const { beat } = (await listNodes(db))[0]!
  expect(await reapNode(db, id, beat)).toBe(true)
  await beats(1)
  expect(heard).toContain('reaped')
  expect(membership.id).not.toBe(id)
  expect(await idsOf(db)).toEqual([membership.id])
})

test('CB-1 a peer that dies before its next beat was there when we came: its bot changes nodes, and does not start', async () => {
  const db = await openDatabase()
  const address = { endpoint: '127.0.0.1:1', token: 'puppet_token', tls: false }
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: '小组', at: 0 })
  const { id: botId } = await addBot(db, keyring, systemRandom, workspaceId, {
    address,
    expectedUserId: null,
    at: 0,
  })
  const attendance = await db.attend(await enterNode(db, 'first', null))
  const [first] = await claimBots(db, keyring, 'first', 1)
  await finishStart(db, { workspaceId, botId, fence: first!.fence })

  await enterNode(db, 'second', null)
  await attendance.leave()
  const { beat } = (await listNodes(db))[0]!
  expect(await reapNode(db, 'first', beat)).toBe(true)
  expect((await claimBots(db, keyring, 'second', 1))[0]!.starting).toBe(false)
})

test('NODE-9 a bot that is slow to leave its puppet does not keep its node from beating', async () => {
  const db = await openDatabase()
  const clock = new ManualClock()
  const membership = await openMembership({ db, clock, random: systemRandom, log: silentLog, address: null })
  let leave = () => {}
  const leaving = new Promise<void>(resolve => {
    leave = resolve
  })
  membership.start({ onRound: () => leaving, onLanesFreed() {}, async onLostTouch() {}, async onReaped() {} })
  const beatOfUs = async () => (await listNodes(db))[0]!.beat
  for (let n = 0; n < beatsIn(REAP_SILENT_MS); n++) {
    const before = await beatOfUs()
    await eventually('the next beat', () => clock.nextIn() === BEAT_MS)
    clock.advance(BEAT_MS)
    await eventually('a beat', async () => (await beatOfUs()) > before)
  }
  leave()
  await membership.leave()
})

test('NODE-16 a node without an address beside others is told of once, and one that is alone is not', async () => {
  const db = await openDatabase()
  const warnings: object[] = []
  const log: Log = {
    ...silentLog,
    warn: (facts, sentence) => void (sentence.includes('ADDRESS') && warnings.push(facts)),
  }
  const { beats } = await openNode(db, { address: '127.0.0.1:7001', log })
  await beats(2)
  expect(warnings).toEqual([])
  const bare = await openNode(db)
  await beats(3)
  expect(warnings).toEqual([{ nodes: [bare.membership.id] }])
})
