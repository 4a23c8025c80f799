/**
 * A gateway in a process of its own works on a PostgreSQL of its own, which goes away and comes back again and again.
 * Meanwhile rooms are made with its bot inside, people join, lists are asked for and members added, at a steady pace;
 * now and then the bot loses its event stream as well. What nobody may do is noted as a problem, in words.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../gateway/src/system/random.ts'
import { eventually } from '../eventually.ts'
import type { ProvingGround } from '../grounds/open-proving-ground.ts'
import type { PostgresServer } from '../postgres/server.ts'
import { type Asked, askGateway } from './ask-while-away.ts'
import { compareWithWorld } from './compare-with-world.ts'
import { judgeCallbacks, type Verdict } from './judge-callbacks.ts'

/** Between two things that happen, or are asked. */
const PACE_MS = 40
/** The load between two outages. */
const UP_MS = { min: 1000, max: 2500 } as const
const AWAY_MS = { min: 500, max: 8000 } as const
/** Longer than it may take, so that what takes too long is measured too. */
const RECOVERY_WAIT_MS = 20_000
/** Members are added to a room that the gateway has had time to hear of. */
const ROOMS_BACK = 10
/** Every third outage the bot loses its events too, and has to read everything anew. */
const OUTAGES_PER_STREAM_LOSS = 3
const SETTLED_WITHIN_MS = 20_000

export interface OutageReport {
  readonly asked: readonly Asked[]
  /** From the moment in which the database answers again until requests succeed and news is told. */
  readonly recoveryMs: readonly number[]
  readonly awayMs: readonly number[]
  readonly verdict: Verdict
  readonly rooms: number
  readonly problems: readonly string[]
}

export async function tryOutages(
  { ground, server, random }: { ground: ProvingGround; server: PostgresServer; random: Random },
  count: number,
): Promise<OutageReport> {
  const { world, bot, firstRoom, customer, simulator } = ground
  const between = ({ min, max }: { min: number; max: number }) => min + random.fraction() * (max - min)
  const problems: string[] = []
  const node = await ground.addNode('only')
  await node.start()
  await ground.started()
  const asker = askGateway(ground, node, problems)
  const load = bearLoad(ground, asker)
  const recoveryMs: number[] = []
  const awayMs: number[] = []
  try {
    for (let n = 0; n < count; n++) {
      await pause(between(UP_MS))
      asker.calm = false
      await (n % 2 ? server.kill() : server.halt())
      const leftAt = performance.now()
      await asker.ready(503)
      if (n % OUTAGES_PER_STREAM_LOSS === 0) simulator.faults.add({ on: 'stream', mode: 'drop', times: 1 })
      await pause(between(AWAY_MS))
      await asker.ready(503)
      awayMs.push(performance.now() - leftAt)
      await server.start()
      const backAt = performance.now()
      const news = load.makeRoom()
      await eventually('lists to be answered', () => asker.list(), RECOVERY_WAIT_MS)
      await eventually('a member to be added', () => asker.add(load.roomToFill()), RECOVERY_WAIT_MS)
      const isTold = () => customer.heard.some(({ json }) => (json as { wxid: string }).wxid === news)
      await eventually('news to be told', isTold, RECOVERY_WAIT_MS)
      recoveryMs.push(performance.now() - backAt)
      // What its last beat before the outage allowed may just have run out; from its next one on nothing is missing.
      await nextBeat(ground)
      await asker.ready(200)
      asker.calm = true
      if (!node.isUp) problems.push('the gateway ended')
    }
  } finally {
    await load.end()
  }

  const judge = () => judgeCallbacks(customer.heard, world, new Set([bot.wxid]), new Set([firstRoom.wxid]))
  const isAllTold = () => judge().lost.length === 0
  await eventually('every entrance to be told', isAllTold, SETTLED_WITHIN_MS).catch(noteIn(problems))
  let differences: string[] = []
  const agrees = async () => {
    differences = await compareWithWorld({ baseUrl: node.baseUrl, token: ground.tokens[0]! }, world, bot.wxid)
    return differences.length === 0
  }
  await eventually('store and world to agree', agrees, SETTLED_WITHIN_MS).catch(noteIn(problems))
  problems.push(...differences, ...asker.missingMembers())
  const exitCode = await node.stop()
  if (exitCode !== 0) problems.push(`the gateway ended with ${exitCode}`)
  // Whatever is no line of the log comes from a crash, or from Node's own warnings.
  for (const { raw } of node.log) if (raw !== undefined) problems.push(`the gateway said: ${raw}`)
  return { asked: asker.asked, recoveryMs, awayMs, verdict: judge(), rooms: world.rooms.size, problems }
}

async function nextBeat({ db }: ProvingGround): Promise<void> {
  const lastBeat = async () =>
    (await db.first<{ beat: number }>({ sql: 'select max(beat) as beat from node', parameters: [] }))!.beat
  const before = await lastBeat()
  await eventually('the node to beat', async () => (await lastBeat()) > before, RECOVERY_WAIT_MS)
}

type Load = Pick<ReturnType<typeof askGateway>, 'list' | 'listOf' | 'add'>

/** What happens in WeCom, and what is asked, one thing every PACE_MS until the end. */
export function bearLoad({ world, bot, coworker }: ProvingGround, asker: Load) {
  const rooms: { wxid: string; guest: string }[] = []
  const makeRoom = (): string => {
    const guest = world.addContact().wxid
    const { wxid } = world.addRoom({ ownerId: coworker.wxid, members: [bot.wxid, guest], external: true })
    rooms.push({ wxid, guest })
    return wxid
  }
  const roomToFill = (): string => (rooms.at(-ROOMS_BACK) ?? rooms[0]!).wxid
  const underWay = new Set<Promise<unknown>>()
  const doOneThing = (n: number): Promise<unknown> => {
    const { wxid, guest } = rooms.at(-1)!
    switch (n % 5) {
      case 0:
        makeRoom()
        return asker.listOf(guest)
      case 1:
        return asker.list()
      case 2:
        world.join(wxid, world.addContact().wxid)
        return asker.listOf(guest)
      case 3:
        return asker.listOf(guest)
      default:
        return asker.add(roomToFill())
    }
  }
  let working = true
  makeRoom()
  const worked = (async () => {
    for (let n = 0; working; n++) {
      const asked = doOneThing(n).finally(() => underWay.delete(asked))
      underWay.add(asked)
      await pause(PACE_MS)
    }
    await Promise.all(underWay)
  })()
  return {
    makeRoom,
    roomToFill,
    async end() {
      working = false
      await worked
    },
  }
}

const noteIn = (problems: string[]) => (failure: Error) => void problems.push(failure.message)
