/**
 * Two nodes of an older commit behind a proxy, one PostgreSQL, one bot. Callers ask over TLS without a pause, rooms are made with the
 * bot inside, and one node after the other is stopped and started as the newer commit. What was not answered, or not told, is noted.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openTlsAsker } from '../debian/ask-tls.ts'
import { openProxy, type ProxyKind } from '../debian/open-proxy.ts'
import { eventually } from '../eventually.ts'
import { openProvingGround, type ProvingGround } from '../grounds/open-proving-ground.ts'
import { compareWithWorld } from './compare-with-world.ts'
import { judgeCallbacks, type Verdict } from './judge-callbacks.ts'

const CALLERS = 4
const CALL_EVERY_MS = 40
const ROOM_EVERY_MS = 150
/** Each is good for 500 requests in 30 s. */
const TOKENS = 12
const BETWEEN_MS = 1000
/** What nobody heard while the bot changed its node is found by a reconcile, which reads every room. */
const SETTLED_WITHIN_MS = 120_000
const LOOK_EVERY_MS = 500

export interface UpgradeReport {
  readonly requests: number
  /** By code. */
  readonly codes: Readonly<Record<string, number>>
  /** Requests without an answer of the endpoint's own. */
  readonly lost: readonly string[]
  readonly slowestMs: number
  readonly rooms: number
  /** From the end of the load until everything was told and kept. */
  readonly settledMs: number
  readonly verdict: Verdict
  readonly problems: readonly string[]
  /** What the proxy saw of the nodes, and what these warned of. */
  readonly signs: readonly string[]
}

export async function tryUpgrade(
  databaseUrl: string,
  kind: ProxyKind,
  olderMain: string,
): Promise<UpgradeReport> {
  const ground = await openProvingGround(databaseUrl, TOKENS)
  const asker = openTlsAsker()
  const closing: (() => Promise<void>)[] = [() => ground.close(), async () => asker.close()]
  try {
    const env = { QUNHUB_DRAIN_SECONDS: '3', QUNHUB_CONSOLE: 'off', QUNHUB_TRUST_PROXY: '127.0.0.1' }
    const nodes = [await ground.addNode('a', env), await ground.addNode('b', env)]
    for (const node of nodes) await node.start(olderMain)
    await ground.started()
    const proxy = await openProxy(
      kind,
      nodes.map(({ baseUrl }) => baseUrl),
    )
    closing.push(() => proxy.close())
    const load = bearLoad(ground, proxy.baseUrl, asker)
    const problems: string[] = []
    for (const [at, node] of nodes.entries()) {
      await pause(BETWEEN_MS)
      await proxy.take(at, 'out')
      const exitCode = await node.stop()
      if (exitCode !== 0) problems.push(`a node ended with ${exitCode}`)
      await node.start()
      await proxy.take(at, 'in')
    }
    await pause(BETWEEN_MS)
    const { codes, ...report } = await load.end()
    const endedAt = performance.now()
    const { verdict, differences } = await settle(ground, nodes[0]!.baseUrl)
    const looks = (await proxy.log())
      .split('\n')
      .filter(line => /is (DOWN|UP)|no server available/.test(line))
    const warned = nodes.flatMap(({ log }, at) =>
      log
        .filter(({ level }) => level === 'warn' || level === 'error')
        .map(line => `node ${at}: ${line['time']} ${line['msg']}`),
    )
    return {
      ...{ ...report, codes: Object.fromEntries(codes), verdict, settledMs: performance.now() - endedAt },
      ...{ problems: [...problems, ...differences], signs: [...looks, ...warned] },
    }
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}

/** What customers ask, and what happens in WeCom, until the end. */
function bearLoad(ground: ProvingGround, baseUrl: string, { ask }: ReturnType<typeof openTlsAsker>) {
  const { world, bot, coworker, tokens } = ground
  const codes = new Map<string, number>()
  const lost: string[] = []
  let isOver = false
  let requests = 0
  let slowestMs = 0
  let rooms = 0

  const call = async (n: number) => {
    const token = tokens[n % TOKENS]!
    const post = (path: string, body: object) =>
      ask(baseUrl + path, { method: 'POST', body: JSON.stringify({ token, ...body }) })
    const asks = [
      () => ask(`${baseUrl}/room/listByMHTag?token=${token}`),
      () => post('/room/addMember', { botUserId: bot.userId, contactWxid: 'nobody', roomWxid: 'R:none' }),
      () => post('/room/exit', { wecomUserId: bot.userId, roomWxid: 'R:none' }),
    ]
    const startedAt = performance.now()
    try {
      const { status, text } = await asks[n % asks.length]!()
      const code = /"code":(-?\d+)/.exec(text)?.[1] ?? 'none'
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if (status !== 200 || code === 'none')
        lost.push(`${new Date().toISOString()} ${status} ${text.slice(0, 200)}`)
    } catch (failure) {
      lost.push(String(failure))
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
  }
  const caller = async () => {
    while (!isOver) {
      await call(requests++)
      await pause(CALL_EVERY_MS)
    }
  }
  const life = async () => {
    while (!isOver) {
      world.addRoom({ ownerId: coworker.wxid, members: [bot.wxid], external: true })
      rooms++
      await pause(ROOM_EVERY_MS)
    }
  }
  const working = Promise.all([life(), ...Array.from({ length: CALLERS }, caller)])
  return {
    async end() {
      isOver = true
      await working
      return { requests, codes, lost, slowestMs, rooms }
    },
  }
}

async function settle(
  { world, bot, firstRoom, customer, tokens }: ProvingGround,
  baseUrl: string,
): Promise<{ verdict: Verdict; differences: string[] }> {
  const judge = () => judgeCallbacks(customer.heard, world, new Set([bot.wxid]), new Set([firstRoom.wxid]))
  let differences: string[] = []
  let looks = 0
  const isSettled = async () => {
    await pause(LOOK_EVERY_MS)
    if (judge().lost.length > 0) return false
    differences = await compareWithWorld({ baseUrl, token: tokens[looks++ % TOKENS]! }, world, bot.wxid)
    return differences.length === 0
  }
  await eventually('all is told and kept', isSettled, SETTLED_WITHIN_MS).catch(() => {})
  return { verdict: judge(), differences }
}
