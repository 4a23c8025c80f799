/**
 * Two nodes on one database, and a bot that changes its node again and again. Its node is killed or stopped while the
 * other one runs, and comes back as the one that waits. Around each hand-over, at moments that chance chooses, rooms are
 * made with the bot inside, people join, and both nodes are asked to create rooms and to add members.
 *
 * What nobody may do is noted as a problem, in words; what takes time, or may happen, is counted.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { seededRandom } from '../../../gateway/src/store/contract/scene.contract.ts'
import type { Random } from '../../../gateway/src/system/random.ts'
import { eventually } from '../eventually.ts'
import { openProvingGround, type ProvingGround } from '../grounds/open-proving-ground.ts'
import type { LogLine, NodeProcess } from '../processes/node-process.ts'
import { type Answered, askNodes } from './ask-nodes.ts'
import { compareWithWorld } from './compare-with-world.ts'
import { judgeCallbacks, type Verdict } from './judge-callbacks.ts'
import { watchFences } from './watch-fences.ts'

/** Longer than it may take, so that one that takes too long is measured too. */
const TAKE_OVER_WAIT_MS = 45_000
/** Chance spreads what happens over this time, and the end of the node over the first part of it. */
const WINDOW_MS = 2400
const END_WITHIN_MS = 800
/** Of each, in one window. */
const ROOMS = 3
const JOINS = 1
const REQUESTS = 3
/** Of the requests, for the node that stays: the one that ends can answer only until then. */
const OTHERS_PART = 0.7
/** So few that WeCom pulls every contact in directly. */
const ADDITIONS_PER_ROOM_MAX = 25
const SETTLED_WITHIN_MS = 20_000

export interface HandOver {
  readonly how: 'kill' | 'stop'
  /** From the signal to the moment in which the bot is online on its next node. */
  readonly tookMs: number
}

export interface HandOverReport {
  readonly handOvers: readonly HandOver[]
  readonly answers: readonly Answered[]
  /** From the making of a room to its `joined`, for each room that was made from outside. */
  readonly joinedMs: readonly number[]
  readonly verdict: Verdict
  /** From a claim until everything is read anew, for each hand-over after which there was time for it. */
  readonly readAnewMs: readonly number[]
  /** Event streams that were refused because somebody else held the bot's only one. */
  readonly streamsRefused: number
  /** Rooms that were created although the answer did not come, or said otherwise. */
  readonly unsaid: number
  readonly problems: readonly string[]
}

export async function tryHandOvers(
  databaseUrl: string,
  count: number,
  seed: number,
): Promise<HandOverReport> {
  const ground = await openProvingGround(databaseUrl)
  try {
    return await handOver(ground, count, seededRandom(seed))
  } finally {
    await ground.close()
  }
}

async function handOver(ground: ProvingGround, count: number, random: Random): Promise<HandOverReport> {
  const problems: string[] = []
  const nodes = [await ground.addNode('a'), await ground.addNode('b')] as const
  await nodes[0].start()
  await ground.started()
  await nodes[1].start()
  const life = liveInWeCom(ground, random)
  const asker = askNodes(ground, problems)
  const sometime = (act: () => unknown) => pause(random.fraction() * WINDOW_MS).then(act)
  const happen = (itsNode: NodeProcess, other: NodeProcess): Promise<unknown> =>
    Promise.all([
      ...Array.from({ length: ROOMS }, () => sometime(life.makeRoom)),
      ...Array.from({ length: JOINS }, () => sometime(life.join)),
      ...Array.from({ length: REQUESTS }, () => {
        const node = random.fraction() < OTHERS_PART ? other : itsNode
        return sometime(
          random.fraction() < 0.5 ? () => asker.create(node) : () => asker.add(node, life.roomToFill()),
        )
      }),
    ])

  const fences = watchFences(ground.db, ground.botId, problems)
  try {
    let [itsNode, other]: [NodeProcess, NodeProcess] = [...nodes]
    let fence = onlineSince(itsNode, 0, 0)!
    const handOvers: HandOver[] = []
    for (let n = 0; n < count; n++) {
      const happening = happen(itsNode, other)
      // Either node is killed as often as it is stopped.
      const how = n % 4 < 2 ? 'kill' : 'stop'
      await pause(random.fraction() * END_WITHIN_MS)
      const since = other.log.length
      const endedAt = performance.now()
      const ending = how === 'kill' ? itsNode.kill9() : itsNode.stop()
      fence = await eventually(
        `the other node to take over (hand-over ${n}, ${how})`,
        () => onlineSince(other, since, fence),
        TAKE_OVER_WAIT_MS,
      )
      handOvers.push({ how, tookMs: performance.now() - endedAt })
      const exitCode = await ending
      if (how === 'stop' && exitCode !== 0) problems.push(`a stop ended with ${exitCode}`)
      await itsNode.start()
      await happening
      ;[itsNode, other] = [other, itsNode]
    }
    const verdict = await settle(ground, itsNode, problems)
    noteLogs(nodes, problems)
    return {
      handOvers,
      answers: asker.answers,
      joinedMs: life.joinedMs(),
      verdict,
      readAnewMs: nodes.flatMap(({ log }) => timesToReadAnew(log)),
      streamsRefused: linesOf(nodes).filter(line => line['state'] === 'occupied').length,
      unsaid: asker.settle(),
      problems,
    }
  } finally {
    await fences.stop()
  }
}

/** What people do in WeCom, and when the customer hears of it. */
function liveInWeCom({ world, bot, coworker, customer }: ProvingGround, random: Random) {
  const madeAt = new Map<string, number>()
  const toldAt = new Map<string, number>()
  customer.answerWith(({ path, json }) => {
    const { wxid } = json as { wxid: string }
    if (path.endsWith('/chatroom/joined') && !toldAt.has(wxid)) toldAt.set(wxid, performance.now())
    return 200
  })
  const makeRoom = (): string => {
    const { wxid } = world.addRoom({ ownerId: coworker.wxid, members: [bot.wxid], external: true })
    madeAt.set(wxid, performance.now())
    return wxid
  }
  let toFill = makeRoom()
  let additions = 0
  return {
    makeRoom,
    join() {
      const rooms = [...madeAt.keys()]
      world.join(rooms[Math.floor(random.fraction() * rooms.length)]!, world.addContact().wxid)
    },
    roomToFill() {
      if (++additions % ADDITIONS_PER_ROOM_MAX === 0) toFill = makeRoom()
      return toFill
    },
    joinedMs: () => [...madeAt].flatMap(([wxid, at]) => (toldAt.has(wxid) ? [toldAt.get(wxid)! - at] : [])),
  }
}

/** The fence under which the node runs the bot, if it has claimed it since that line, and the bot is online. */
function onlineSince({ log }: NodeProcess, line: number, above: number): number | null {
  const since = log.slice(line)
  const claimed = since.findLastIndex(each => isClaim(each) && Number(each['fence']) > above)
  const isOnline = since
    .slice(claimed)
    .some(({ msg, state }) => msg === 'bot changed its state' && state === 'online')
  return claimed >= 0 && isOnline ? Number(since[claimed]!['fence']) : null
}

function timesToReadAnew(log: readonly LogLine[]): number[] {
  let claimedAt = Number.NaN
  return log.flatMap(line => {
    const at = Date.parse(String(line['time']))
    if (isClaim(line)) claimedAt = at
    return line['msg'] === 'bot synced' && line['reason'] === 'reconciled' ? [at - claimedAt] : []
  })
}

const isClaim = ({ msg }: LogLine): boolean => msg === 'this node runs a bot'

const linesOf = (nodes: readonly NodeProcess[]): LogLine[] => nodes.flatMap(({ log }) => log)

/** Waits until everything is told and kept, and judges it. */
async function settle(
  { world, bot, firstRoom, customer, tokens }: ProvingGround,
  { baseUrl }: NodeProcess,
  problems: string[],
): Promise<Verdict> {
  const judge = () => judgeCallbacks(customer.heard, world, new Set([bot.wxid]), new Set([firstRoom.wxid]))
  const isTold = () => judge().lost.length === 0
  await eventually('every entrance to be told', isTold, SETTLED_WITHIN_MS).catch(noteIn(problems))
  let differences: string[] = []
  const agrees = async () => {
    differences = await compareWithWorld({ baseUrl, token: tokens[0]! }, world, bot.wxid)
    return differences.length === 0
  }
  await eventually('store and world to agree', agrees, SETTLED_WITHIN_MS).catch(noteIn(problems))
  problems.push(...differences)
  return judge()
}

/** No fence is claimed twice, a bot that changes its node has not started anew, and nobody met a fault of his own. */
function noteLogs(nodes: readonly NodeProcess[], problems: string[]): void {
  const claims = linesOf(nodes).filter(isClaim)
  if (new Set(claims.map(({ fence }) => fence)).size < claims.length)
    problems.push('a fence was claimed twice')
  const starts = claims.filter(({ starting }) => starting).length
  if (starts !== 1) problems.push(`the bot was started ${starts} times`)
  for (const { level, msg, err, raw } of linesOf(nodes)) {
    if (raw !== undefined) problems.push(`a node said: ${raw}`)
    if (level === 'error' || level === 'fatal') problems.push(`a node logged: ${msg} ${JSON.stringify(err)}`)
  }
}

const noteIn = (problems: string[]) => (failure: Error) => void problems.push(failure.message)
