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
import type { NodeProcess } from '../processes/node-process.ts'
import { compareWithWorld } from './compare-with-world.ts'
import { judgeCallbacks, type Verdict } from './judge-callbacks.ts'

/** Between two things that happen, or are asked. */
const PACE_MS = 40
/** The load between two outages. */
const UP_MS = { min: 1000, max: 2500 } as const
const AWAY_MS = { min: 500, max: 8000 } as const
/** Longer than it may take, so that what takes too long is measured too. */
const RECOVERY_WAIT_MS = 20_000
const HANG_MS = 15_000
/** Members are added to a room that the gateway has had time to hear of. */
const ROOMS_BACK = 10
/** Every third outage the bot loses its events too, and has to read everything anew. */
const OUTAGES_PER_STREAM_LOSS = 3
const SETTLED_WITHIN_MS = 20_000

export interface Asked {
  readonly what: 'listByMember' | 'listByMHTag' | 'addMember' | 'ready'
  readonly ms: number
  /** `200 0`, `500 500`, or how the answer broke off. */
  readonly answer: string
  /** Neither when it was asked nor when it was answered was the database away, or had just come back. */
  readonly calm: boolean
  /** It was an addition, and WeCom had made it when the answer came. */
  readonly isDone: boolean
}

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

  const judge = () => judgeCallbacks(customer.heard, world, { botWxid: bot.wxid, firstRoom: firstRoom.wxid })
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

/** What happens in WeCom, and what is asked, one thing every PACE_MS until the end. */
function bearLoad({ world, bot, coworker }: ProvingGround, asker: ReturnType<typeof askGateway>) {
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

/** Asks the gateway, and holds every answer to what is documented. Each resolves with whether it was a success. */
function askGateway({ world, bot, tokens }: ProvingGround, { baseUrl }: NodeProcess, problems: string[]) {
  const asked: Asked[] = []
  const added = new Map<string, string>()
  let next = 0
  const nextToken = () => tokens[next++ % tokens.length]!
  const asker = {
    /** The database is there, and the gateway has recovered. */
    calm: true,
    asked: asked as readonly Asked[],
    list: () => ask('listByMHTag', `/room/listByMHTag?token=${nextToken()}`),
    listOf: (contactWxid: string) =>
      ask('listByMember', `/room/listByMember?${new URLSearchParams({ token: nextToken(), contactWxid })}`),
    async add(roomWxid: string) {
      const contactWxid = world.addContact({ friendOf: [bot.wxid] }).wxid
      const body = JSON.stringify({ token: nextToken(), botUserId: bot.userId, contactWxid, roomWxid })
      const isDone = () => world.rooms.get(roomWxid)!.members.has(contactWxid)
      const isAdded = await ask('addMember', '/room/addMember', { method: 'POST', body }, { isDone })
      if (isAdded) added.set(contactWxid, roomWxid)
      return isAdded
    },
    async ready(expected: 200 | 503) {
      await ask('ready', '/ready', {}, { ready: expected })
    },
    missingMembers: () =>
      [...added].flatMap(([contact, room]) =>
        world.rooms.get(room)!.members.has(contact)
          ? []
          : [`${contact} was answered to be in ${room}, and is not`],
      ),
  }

  async function ask(
    what: Asked['what'],
    path: string,
    init: RequestInit = {},
    { ready, isDone = () => false }: { ready?: 200 | 503; isDone?: () => boolean } = {},
  ) {
    const wasCalm = asker.calm
    const startedAt = performance.now()
    const note = (answer: string) => {
      const calm = wasCalm && asker.calm
      asked.push({ what, ms: performance.now() - startedAt, answer, calm, isDone: isDone() })
      return { calm }
    }
    try {
      const response = await fetch(baseUrl + path, { ...init, signal: AbortSignal.timeout(HANG_MS) })
      const body = JSON.parse(await response.text()) as Answer
      const { calm } = note(`${response.status} ${body.code ?? body.status}`)
      const fault = ready
        ? faultOfReady(response.status, body, ready)
        : faultOf(what, response.status, body, calm)
      if (fault) problems.push(`${what} answered ${response.status} ${JSON.stringify(body)}: ${fault}`)
      return response.status === 200 && body.code === 0
    } catch (failure) {
      const { name, message, cause } = failure as Error
      note(name)
      problems.push(`${what} was not answered: ${name} ${message} ${cause ?? ''}`)
      return false
    }
  }
  return asker
}

interface Answer {
  readonly code?: number
  readonly data?: unknown[]
  readonly status?: string
  readonly missing?: string[]
}

function faultOf(what: Asked['what'], status: number, { code, data }: Answer, calm: boolean): string | null {
  if (status === 200 && code === 0) return null
  if (calm) return 'nothing was away'
  const isList = what !== 'addMember'
  if (status === 500) return code === 500 && (!isList || data?.length === 0) ? null : 'not as documented'
  // The bot may be offline for a moment: its node has lost touch, or it has lost its stream.
  return status === 200 && !isList && [-5, -6, -7].includes(code!) ? null : 'not as documented'
}

function faultOfReady(status: number, { missing = [] }: Answer, expected: 200 | 503): string | null {
  if (status !== expected) return `expected ${expected}`
  return status === 503 && !missing.includes('store') ? 'the store is missing' : null
}

const noteIn = (problems: string[]) => (failure: Error) => void problems.push(failure.message)
