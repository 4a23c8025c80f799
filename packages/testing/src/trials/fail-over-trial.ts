/**
 * Two nodes on three PostgreSQL under Patroni: one asks through HAProxy, the other knows all three servers. The primary is handed over,
 * or its processes are killed, again and again. Meanwhile rooms are made with the bot inside, people join, lists are asked for, members
 * are added, and tags are made, each of which must be there in the end if it was acknowledged.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { askGateway as askDoor } from '../../../gateway/src/cli/ask-gateway.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { StoreError } from '../../../gateway/src/store/database/store-error.ts'
import type { Random } from '../../../gateway/src/system/random.ts'
import type { PatroniCluster } from '../debian/open-patroni.ts'
import { eventually } from '../eventually.ts'
import { openProvingGround, type ProvingGround } from '../grounds/open-proving-ground.ts'
import { type Asked, askGateway } from './ask-while-away.ts'
import { compareWithWorld } from './compare-with-world.ts'
import { judgeCallbacks, type Verdict } from './judge-callbacks.ts'
import { bearLoad } from './outage-trial.ts'
import { watchFences } from './watch-fences.ts'

/** Each is good for 500 requests a minute (G-6). */
const TOKENS = 6
/** The load between two fail-overs. */
const UP_MS = { min: 1000, max: 3000 } as const
const TAG_EVERY_MS = 100
const DOOR_WAIT_MS = 15_000
/** A server that falls silent while it goes is waited for once more than one that is gone (NODE-15). */
const HANG_MS = 40_000
/** Longer than it may take, so that what takes too long is measured too. */
const RECOVERY_WAIT_MS = 120_000
const SETTLED_WITHIN_MS = 120_000
const LOOK_EVERY_MS = 500

export type FailOver = 'switch-over' | 'kill' | 'kill with Patroni'

export interface FailOverReport {
  /** From the command, or the kill, until both nodes list, add and keep again and news is told. */
  readonly recoveries: readonly { readonly how: FailOver; readonly ms: number; readonly moved: boolean }[]
  readonly asked: readonly Asked[]
  readonly tags: { readonly acknowledged: number; readonly refused: number; readonly lost: readonly string[] }
  readonly fences: number
  readonly rooms: number
  readonly verdict: Verdict
  readonly problems: readonly string[]
}

export async function tryFailOvers(
  patroni: PatroniCluster,
  { switchOvers, kills }: { switchOvers: number; kills: number },
  random: Random,
): Promise<FailOverReport> {
  const ground = await openProvingGround(patroni.url, TOKENS)
  try {
    return await failOver(
      patroni,
      ground,
      [
        ...Array.from({ length: switchOvers }, () => 'switch-over' as const),
        ...Array.from({ length: kills }, (_, n) => (n % 2 ? 'kill with Patroni' : 'kill') as FailOver),
      ],
      random,
    )
  } finally {
    await ground.close()
  }
}

async function failOver(
  patroni: PatroniCluster,
  ground: ProvingGround,
  hows: readonly FailOver[],
  random: Random,
): Promise<FailOverReport> {
  const { world, bot, firstRoom, customer } = ground
  const problems: string[] = []
  const nodes = [
    await ground.addNode('through-haproxy'),
    await ground.addNode('knows-all', { DATABASE_URL: patroni.urlOfAll }),
  ] as const
  await nodes[0].start()
  await ground.started()
  await nodes[1].start()
  const askers = nodes.map(node => askGateway(ground, node, problems, HANG_MS)) as [Asker, Asker]
  const inTurn = (
    n => () =>
      askers[n++ % 2]!
  )(0)
  const load = bearLoad(ground, {
    list: () => inTurn().list(),
    listOf: contact => inTurn().listOf(contact),
    add: room => inTurn().add(room),
  })
  const fences = watchFences(patient(ground.db), ground.botId, problems)
  const tags = makeTags([ground.folderOf('through-haproxy'), ground.folderOf('knows-all')])
  const recoveries: { how: FailOver; ms: number; moved: boolean }[] = []
  try {
    for (const how of hows) {
      await patroni.steady()
      for (const asker of askers) asker.calm = true
      await pause(UP_MS.min + random.fraction() * (UP_MS.max - UP_MS.min))
      for (const asker of askers) asker.calm = false
      const before = await patroni.primary()
      const startedAt = performance.now()
      if (how === 'switch-over') await patroni.switchOver()
      else await patroni.killPrimary(how === 'kill with Patroni')
      const news = load.makeRoom()
      const keptUntil = tags.acknowledgedBy()
      await eventually('both nodes to list', () => all(askers, asker => asker.list()), RECOVERY_WAIT_MS)
      await eventually(
        'both nodes to add a member',
        () => all(askers, asker => asker.add(load.roomToFill())),
        RECOVERY_WAIT_MS,
      )
      await eventually(
        'both nodes to keep a tag',
        () => tags.acknowledgedBy().every((count, at) => count > keptUntil[at]!),
        RECOVERY_WAIT_MS,
      )
      const isTold = () => customer.heard.some(({ json }) => (json as { wxid: string }).wxid === news)
      await eventually('news to be told', isTold, RECOVERY_WAIT_MS)
      const ms = performance.now() - startedAt
      const after = await eventually('a primary', () => patroni.primary(), RECOVERY_WAIT_MS)
      recoveries.push({ how, ms, moved: after !== before })
      patroni.revive()
      for (const node of nodes) if (!node.isUp) problems.push('a gateway ended')
    }
  } finally {
    await load.end()
    await tags.end()
    await fences.stop()
  }

  const judge = () => judgeCallbacks(customer.heard, world, new Set([bot.wxid]), new Set([firstRoom.wxid]))
  let differences: string[] = []
  let looks = 0
  const isSettled = async () => {
    await pause(LOOK_EVERY_MS)
    if (judge().lost.length > 0) return false
    const token = ground.tokens[looks++ % TOKENS]!
    for (const { baseUrl } of nodes) {
      differences = await compareWithWorld({ baseUrl, token }, world, bot.wxid)
      if (differences.length > 0) return false
    }
    return true
  }
  await eventually('all is told and kept', isSettled, SETTLED_WITHIN_MS).catch((failure: Error) =>
    problems.push(failure.message, ...differences),
  )
  for (const asker of askers) problems.push(...asker.missingMembers())
  for (const node of nodes)
    for (const { raw } of node.log) if (raw !== undefined) problems.push(`a gateway said: ${raw}`)
  const { rows: kept } = await keptTags(ground.db)
  return {
    recoveries,
    asked: askers.flatMap(({ asked }) => asked),
    tags: { ...tags.counts(), lost: tags.acknowledged.filter(name => !kept.has(name)) },
    fences: fences.nodeOf.size,
    rooms: world.rooms.size,
    verdict: judge(),
    problems,
  }
}

type Asker = ReturnType<typeof askGateway>

/** One after the other, so that none succeeds only while the other one does. */
async function all(askers: readonly Asker[], ask: (asker: Asker) => Promise<boolean>): Promise<boolean> {
  for (const asker of askers) if (!(await ask(asker))) return false
  return true
}

/** Makes tags at the operator's door of each node, each of a name of its own. */
function makeTags(folders: readonly string[]) {
  const acknowledged: string[] = []
  const by = folders.map(() => 0)
  let refused = 0
  let isOver = false
  const make = async (at: number) => {
    for (let n = 0; !isOver; n++) {
      const name = `标签-${at}-${n}`
      const reply = await askDoor(folders[at]!, 'add-tag', { name }, DOOR_WAIT_MS).catch(() => undefined)
      if (reply?.ok) {
        acknowledged.push(name)
        by[at]!++
      } else refused++
      await pause(TAG_EVERY_MS)
    }
  }
  const making = Promise.all(folders.map((_, at) => make(at)))
  return {
    acknowledged: acknowledged as readonly string[],
    acknowledgedBy: () => [...by],
    counts: () => ({ acknowledged: acknowledged.length, refused }),
    async end() {
      isOver = true
      await making
    },
  }
}

async function keptTags(db: Database): Promise<{ rows: ReadonlySet<string> }> {
  const rows = await db.all<{ name: string }>({ sql: 'select name from tag', parameters: [] })
  return { rows: new Set(rows.map(({ name }) => name)) }
}

/** Looks again where the database is away. */
const patient = (db: Database): Database =>
  Object.assign(Object.create(db) as Database, {
    async first(statement: Parameters<Database['first']>[0]) {
      for (;;) {
        try {
          return await db.first(statement)
        } catch (failure) {
          if (!(failure instanceof StoreError)) throw failure
          await pause(TAG_EVERY_MS)
        }
      }
    },
  })
