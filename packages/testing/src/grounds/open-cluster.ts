import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bot, openSimulator, type Simulator, type World } from '@qunhub/simulator'
import type { BotId, VerbAsk, VerbName, VerbOutput, WorkspaceId } from '@qunhub/wire'
import { inject } from 'vitest'
import { readConfig } from '../../../gateway/src/config/config.ts'
import { type Gateway, openGateway } from '../../../gateway/src/gateway.ts'
import { runVerb } from '../../../gateway/src/operator/run-verb.ts'
import { openStore, type Store } from '../../../gateway/src/store/database/open-store.ts'
import type { Clock } from '../../../gateway/src/system/clock.ts'
import { type Log, silentLog } from '../../../gateway/src/system/log.ts'
import { eventually } from '../eventually.ts'
import { openFreshDatabase } from '../postgres/fresh-database.ts'
import { freePort } from '../processes/node-process.ts'
import { type Customer, openCustomer } from '../receivers/customer.ts'
import { LOOPBACK } from '../receivers/loopback.ts'

export const NODE_SECRET = 'n'.repeat(32)
const MASTER_KEY = '5'.repeat(64)

export interface ClusterNode {
  readonly gateway: Gateway
  /** The ids of the bots that it runs. */
  bots(): BotId[]
  send(path: string, init?: RequestInit): Promise<{ status: number; text: string }>
  post(
    path: string,
    body: object,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string }>
  get(path: string, query?: Record<string, string>): Promise<{ status: number; text: string }>
  operate<N extends VerbName>(verb: N, ask: VerbAsk<N>): Promise<VerbOutput<N>>
}

/** Several gateways on one PostgreSQL database, one simulated WeCom, and one customer who listens. */
export interface Cluster {
  readonly nodes: readonly ClusterNode[]
  readonly world: World
  readonly simulator: Simulator
  readonly customer: Customer
  readonly workspaceId: WorkspaceId
  readonly token: string
  /** The store, as a test looks into it. */
  readonly store: Store
  addNode(options?: { log?: Log; env?: Record<string, string> }): Promise<ClusterNode>
  /** Adds the bot and waits until a node runs it and has read its rooms. */
  host(bot: Bot): Promise<BotId>
  nodeOf(botId: BotId): ClusterNode
  /** Any node but its own. */
  otherThan(botId: BotId): ClusterNode
  stop(node: ClusterNode): Promise<void>
  close(): Promise<void>
}

export interface ClusterOptions {
  /** Of all nodes; left out, each has the real time. */
  readonly clock?: Clock
  readonly env?: Record<string, string>
}

export async function openCluster(
  count: number,
  log: Log = silentLog,
  { clock, env }: ClusterOptions = {},
): Promise<Cluster> {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const home = await mkdtemp(join(tmpdir(), 'qunhub-cluster-'))
  const simulator = await openSimulator({ scene: 'empty' })
  const customer = await openCustomer()
  const nodes: ClusterNode[] = []
  const synced = new Set<unknown>()
  let token = ''
  let added = 0

  const addNode: Cluster['addNode'] = async (options = {}) => {
    const dataDir = join(home, `node-${++added}`)
    const gateway = await openGateway(
      readConfig({
        PORT: '0',
        QUNHUB_DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        QUNHUB_NODE_ADDRESS: `127.0.0.1:${await freePort()}`,
        QUNHUB_NODE_SECRET: NODE_SECRET,
        QUNHUB_SECRET_KEY: MASTER_KEY,
        QUNHUB_PUPPET_DEADLINE_MS: '600',
        QUNHUB_CALLBACK_ALLOW_CIDRS: LOOPBACK,
        ...env,
        ...options.env,
      }),
      { log: notingSyncs(options.log ?? log, synced), ...(clock && { clock }) },
    )
    const send: ClusterNode['send'] = async (path, init) => {
      const answer = await fetch(gateway.baseUrl + path, init)
      return { status: answer.status, text: await answer.text() }
    }
    const node: ClusterNode = {
      gateway,
      bots: () => gateway.operator.live!.roster.all().map(({ bot }) => bot.id),
      send,
      post: (path, body, headers) =>
        send(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ token, ...body }),
        }),
      get: (path, query) => send(`${path}?${new URLSearchParams({ token, ...query })}`),
      async operate(verb, ask) {
        const reply = await runVerb(verb, ask, gateway.operator)
        if (!reply.ok) throw new Error(`${verb}: ${reply.message}`)
        return reply.value as never
      },
    }
    nodes.push(node)
    return node
  }

  for (let n = 0; n < count; n++) await addNode()
  const [first] = nodes as [ClusterNode]
  const { id: workspaceId } = await first.operate('add-workspace', { name: '多节点' })
  token = (await first.operate('issue-token', { workspace: workspaceId })).token
  await first.operate('set-callback-url', { workspace: workspaceId, url: customer.url })
  const store = await openStore({ dataDir: join(home, 'eyes'), databaseUrl: database.url })

  const nodeOf = (botId: BotId): ClusterNode => {
    const itsNode = nodes.find(node => node.bots().includes(botId))
    if (!itsNode) throw new Error('nobody runs the bot')
    return itsNode
  }

  return {
    nodes,
    world: simulator.world,
    simulator,
    customer,
    workspaceId,
    token,
    store,
    addNode,
    nodeOf,
    otherThan: botId => nodes.find(node => !node.bots().includes(botId))!,
    async host(bot) {
      const { id } = await first.operate('add-bot', {
        workspace: workspaceId,
        endpoint: simulator.endpoint,
        token: bot.token,
        userId: bot.userId as never,
      })
      // The start of a bot that is in no room goes on for minutes: its puppet may just not know of any yet (CB-14).
      const isInARoom = [...simulator.world.rooms.values()].some(({ members }) => members.has(bot.wxid))
      await eventually(`the first sync of ${bot.userId}`, async () => {
        const row = await store.db.first<{ starting: number; state: string }>({
          sql: 'select starting, state from bot where id = $1',
          parameters: [id],
        })
        return synced.has(id) && row?.state === 'online' && (row.starting === 0 || !isInARoom)
      })
      return id
    },
    async stop(node) {
      nodes.splice(nodes.indexOf(node), 1)
      await node.gateway.stop()
    },
    async close() {
      await Promise.all(nodes.map(node => node.gateway.stop()))
      await store.close()
      await simulator.stop()
      await customer.close()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

const notingSyncs = (log: Log, synced: Set<unknown>): Log => ({
  ...log,
  info(facts, sentence) {
    if (sentence === 'bot synced' && 'bot' in facts) synced.add(facts.bot)
    log.info(facts, sentence)
  },
})
