/**
 * Three nodes with the bots of many workspaces on one PostgreSQL: things happen in rooms and lists are asked for at a steady pace, and two
 * nodes are killed on the way, so that the third has to take all of it. What it costs is read from the machine.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../gateway/src/system/random.ts'
import { eventually } from '../eventually.ts'
import { type ManyBots, type ManyBotsSize, openManyBots } from '../grounds/open-many-bots.ts'
import type { NodeProcess } from '../processes/node-process.ts'
import { usageOf } from '../processes/process-usage.ts'
import { compareWithWorld } from './compare-with-world.ts'
import { judgeCallbacks, type Verdict } from './judge-callbacks.ts'

const NODES = ['a', 'b', 'c']
const LISTS_PER_SECOND = 2
const LIST_WAIT_MS = 15_000
/** A start, or a take-over, of all of them on a busy machine. */
const ONLINE_WITHIN_MS = 900_000
const SETTLED_WITHIN_MS = 300_000
const LOOK_EVERY_MS = 1000
const PROBLEMS_SHOWN = 5

export interface ScaleOptions extends ManyBotsSize {
  readonly eventsPerSecond: number
  /** Of the load; a node is killed after each third of it. */
  readonly loadMs: number
}

/** What a node cost over the first third of the load, when all of them were up. */
export interface NodeCost {
  readonly cpuShare: number
  readonly rssMib: number
}

export interface ScaleReport {
  /** From the first node's start until all bots are online and their rooms known. */
  readonly startMs: number
  /** From each kill until the nodes that are left run all bots. */
  readonly takeOverMs: readonly number[]
  readonly costs: readonly NodeCost[]
  readonly connections: number
  readonly events: number
  readonly lists: readonly { readonly ms: number; readonly answer: string }[]
  /** From the making of a room until its `joined` was heard. */
  readonly toldAfterMs: readonly number[]
  readonly heard: number
  /** From the end of the load until everything was told and kept. */
  readonly settledMs: number
  readonly verdict: Verdict
  readonly problems: readonly string[]
}

export async function tryScale(
  databaseUrl: string,
  options: ScaleOptions,
  random: Random,
): Promise<ScaleReport> {
  const many = await openManyBots(databaseUrl, options)
  try {
    return await live(many, options, random)
  } finally {
    await many.close()
  }
}

async function live(many: ManyBots, options: ScaleOptions, random: Random): Promise<ScaleReport> {
  const { bots, loadMs } = options
  const problems: string[] = []
  const nodes: NodeProcess[] = []
  const startedAt = performance.now()
  for (const name of NODES) {
    const node = await many.addNode(name)
    await node.start()
    nodes.push(node)
  }
  const allOnline = async (since: number) => {
    const areOnline = async () => (await many.online(nodes)) === bots || pause(LOOK_EVERY_MS, false)
    await eventually('all bots to be online', areOnline, ONLINE_WITHIN_MS)
    return performance.now() - since
  }
  const startMs = await allOnline(startedAt)
  const noteArrival = watchArrivals(many)
  const load = bearLoad(many, nodes, options, random, problems)
  const costs = await costOver(nodes, loadMs / 3)
  const connections = await many.connections()
  const takeOverMs: number[] = []
  while (nodes.length > 1) {
    const killedAt = performance.now()
    await nodes.pop()!.kill9()
    takeOverMs.push(await allOnline(killedAt))
    await pause(Math.max(0, loadMs / 3 - takeOverMs.at(-1)!))
  }
  const { events, lists } = await load.end()
  const endedAt = performance.now()
  const { verdict, differences } = await settle(many, nodes[0]!)
  return {
    ...{ startMs, takeOverMs, costs, connections, events, lists, toldAfterMs: noteArrival },
    ...{ heard: many.customer.heard.length, settledMs: performance.now() - endedAt, verdict },
    problems: [...problems, ...differences].slice(0, PROBLEMS_SHOWN),
  }
}

/** Notes how long after its making each new room was told as entered. */
function watchArrivals({ world, customer, rooms }: ManyBots): readonly number[] {
  const before = new Set(rooms.map(({ wxid }) => wxid))
  const afterMs: number[] = []
  customer.answerWith(({ path, json }) => {
    const { wxid } = json as { wxid: string }
    if (path.endsWith('/chatroom/joined') && !before.has(wxid))
      afterMs.push(Date.now() - world.room(wxid).createdAt)
    return 200
  })
  return afterMs
}

async function costOver(nodes: readonly NodeProcess[], ms: number): Promise<NodeCost[]> {
  const before = await Promise.all(nodes.map(({ pid }) => usageOf(pid!)))
  const startedAt = performance.now()
  await pause(ms)
  const spentMs = performance.now() - startedAt
  const after = await Promise.all(nodes.map(({ pid }) => usageOf(pid!)))
  return after.map(({ cpuMs, rssMib }, n) => ({ cpuShare: (cpuMs - before[n]!.cpuMs) / spentMs, rssMib }))
}

/** What happens in WeCom, and what customers ask of whatever nodes there are, until the end. */
function bearLoad(
  many: ManyBots,
  nodes: readonly NodeProcess[],
  { eventsPerSecond }: ScaleOptions,
  random: Random,
  problems: string[],
) {
  const lists: { ms: number; answer: string }[] = []
  let isOver = false
  let events = 0
  const one = <T>(of: readonly T[]): T => of[Math.floor(random.fraction() * of.length)]!

  const happen = (n: number): void => {
    const { world, tenants, coworkerId, rooms } = many
    const room = one(rooms)
    if (n % 5 === 0)
      world.addRoom({ ownerId: coworkerId, members: [one(one(tenants).bots).wxid], external: true })
    else if (n % 5 === 1) world.setTopic(room.wxid, `第 ${n} 次改名`)
    else if (n % 5 === 2) world.leave(room.wxid, [...room.members.keys()].at(-1)!, coworkerId)
    else world.join(room.wxid, world.addContact().wxid)
  }
  const list = async () => {
    const { token } = one(many.tenants)
    const contactWxid = [...one(many.rooms).members.keys()].at(-1)!
    const node = one(nodes)
    const query = new URLSearchParams({ token, contactWxid })
    const askedAt = performance.now()
    const note = (answer: string) => lists.push({ ms: performance.now() - askedAt, answer })
    try {
      const signal = AbortSignal.timeout(LIST_WAIT_MS)
      const response = await fetch(`${node.baseUrl}/room/listByMember?${query}`, { signal })
      const { code } = (await response.json()) as { code: number }
      note(`${response.status} ${code}`)
      if (code !== 0) problems.push(`a list was answered ${response.status} ${code}`)
    } catch (failure) {
      // Whoever asks a node in the moment of its death knows that it was not answered.
      note(node.isUp ? 'not answered' : 'node killed')
      if (node.isUp) problems.push(`a list was not answered: ${failure}`)
    }
  }
  const every = async (ms: number, act: () => unknown) => {
    const beganAt = performance.now()
    for (let n = 1; !isOver; n++) {
      await act()
      await pause(Math.max(0, beganAt + n * ms - performance.now()))
    }
  }
  const working = Promise.all([
    every(1000 / eventsPerSecond, () => happen(events++)),
    every(1000 / LISTS_PER_SECOND, list),
  ])
  return {
    async end() {
      isOver = true
      await working
      return { events, lists }
    },
  }
}

async function settle(
  { world, customer, tenants, rooms }: ManyBots,
  { baseUrl }: NodeProcess,
): Promise<{ verdict: Verdict; differences: readonly string[] }> {
  const bots = new Set(tenants.flatMap(tenant => tenant.bots.map(({ wxid }) => wxid)))
  const before = new Set(rooms.map(({ wxid }) => wxid))
  const judge = () => judgeCallbacks(customer.heard, world, bots, before)
  let differences: string[] = []
  const look = async () => {
    differences = []
    for (const { token, bots } of tenants) {
      const wxids = bots.map(({ wxid }) => wxid)
      differences.push(...(await compareWithWorld({ baseUrl, token }, world, ...wxids)))
      // More would ask for more pages than one token is good for in a minute (G-6).
      if (differences.length > 0) return false
    }
    return judge().lost.length === 0
  }
  const isSettled = async () => {
    await pause(LOOK_EVERY_MS)
    return look().catch(failure => {
      differences = [`the lists were not compared: ${failure}`]
      return false
    })
  }
  const noteIn = (failure: Error) => void differences.push(failure.message)
  await eventually('all is told and kept', isSettled, SETTLED_WITHIN_MS).catch(noteIn)
  return { verdict: judge(), differences }
}
