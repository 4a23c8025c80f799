import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bot, openSimulator, type Simulator, type SimulatorOptions, type World } from '@qunhub/simulator'
import type { BotId, VerbAsk, VerbName, VerbOutput, WorkspaceId } from '@qunhub/wire'
import { simulatedWorld } from '../../../gateway/src/cli/demo/simulated-world.ts'
import { type Config, readConfig } from '../../../gateway/src/config/config.ts'
import { type Gateway, openGateway } from '../../../gateway/src/gateway.ts'
import type { PasswordCost } from '../../../gateway/src/model/password.ts'
import { runVerb } from '../../../gateway/src/operator/run-verb.ts'
import { type Clock, systemClock } from '../../../gateway/src/system/clock.ts'
import { type Log, silentLog } from '../../../gateway/src/system/log.ts'
import { eventually } from '../eventually.ts'
import { type LentDatabase, lendDatabase } from '../postgres/lent-database.ts'
import { type Customer, openCustomer } from '../receivers/customer.ts'
import { LOOPBACK } from '../receivers/loopback.ts'

/** A quarter of a second for each password that is hashed is right for an installation, and long for a test. */
export const CHEAP_PASSWORDS: PasswordCost = { N: 2 ** 10, r: 8, p: 1 }

/** How long a call to a puppet may take here: long enough for a busy machine, short enough for a test that waits for it. */
export const PUPPET_DEADLINE_MS = 1500

/** A request's answer as a customer sees it. */
export interface Heard {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body, or undefined when it is no JSON. */
  readonly body: unknown
}

/** Whom a house works for: a workspace with a token and a customer who hears its callbacks. */
export interface Tenancy {
  readonly workspaceId: WorkspaceId
  readonly token: string
  readonly customer: Customer
}

/** A whole Qunhub on loopback: a simulated WeCom, the gateway on a real store, and a customer who listens. */
export interface House extends Tenancy {
  readonly world: World
  readonly simulator: Simulator
  readonly gateway: Gateway
  readonly baseUrl: string
  readonly dataDir: string
  /** For another gateway on the same store, when this one has stopped. */
  readonly config: Config
  /** POST with the token of the house unless the body brings its own. */
  post(path: string, body: object, headers?: Record<string, string>): Promise<Heard>
  /** GET, likewise. */
  get(path: string, query?: Record<string, string>): Promise<Heard>
  /** Anything at all, sent as it is. */
  send(path: string, init?: RequestInit): Promise<Heard>
  operate<N extends VerbName>(verb: N, ask: VerbAsk<N>): Promise<VerbOutput<N>>
  /** Adds the bot to a workspace and, if it is online, waits until its first sync is in the store. */
  host(bot: Bot, workspaceId?: WorkspaceId): Promise<BotId>
  /** Another workspace with a token and a customer of its own. */
  anotherWorkspace(): Promise<Tenancy>
  close(): Promise<void>
}

export interface HouseOptions {
  readonly clock?: Clock
  readonly log?: Log
  readonly env?: Record<string, string>
  /** The console is told that its bots are simulated, as they are. */
  readonly isSimulated?: boolean
  /** Where a console is built, for its pages. */
  readonly consoleFolder?: string
  readonly simulator?: Pick<SimulatorOptions, 'clock' | 'timers' | 'keepsPayloads'>
  /** Left out, what the whole run is about. */
  readonly store?: 'sqlite' | 'postgres'
}

/** Opens a house on an empty world with one corp; what is in it, the test says. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const { clock = systemClock, log = silentLog } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-house-'))
  const simulator = await openSimulator({ scene: 'empty', ...options.simulator })
  const database = await databaseUnderTest(options.store)
  const config = readConfig({
    PORT: '0',
    QUNHUB_DATA_DIR: dataDir,
    QUNHUB_PUPPET_DEADLINE_MS: String(PUPPET_DEADLINE_MS),
    QUNHUB_CALLBACK_ALLOW_CIDRS: LOOPBACK,
    // Each connection is 20 ms of work for the server; a gateway fills as many as it may have when it starts. A test of writes, or
    // lists, that meet asks for as many as are usual.
    ...(database ? { DATABASE_URL: database.url, QUNHUB_DATABASE_POOL: '4' } : {}),
    ...options.env,
  })
  const gateway = await openGateway(config, {
    ...{ clock, log, passwordCost: CHEAP_PASSWORDS, isSimulated: options.isSimulated ?? false },
    simulatedWorld: () => simulatedWorld(simulator.world, simulator.faults),
    ...(options.consoleFolder && { consoleFolder: options.consoleFolder }),
  })
  const customers: Customer[] = []

  const operate: House['operate'] = async (verb, ask) => {
    const reply = await runVerb(verb, ask, gateway.operator)
    if (!reply.ok) throw new Error(`${verb}: ${reply.message}`)
    return reply.value as never
  }

  async function moveIn(): Promise<Tenancy> {
    const { id: workspaceId } = await operate('add-workspace', { name: '测试小组' })
    const { token } = await operate('issue-token', { workspace: workspaceId })
    const customer = await openCustomer()
    customers.push(customer)
    await operate('set-callback-url', { workspace: workspaceId, url: customer.url })
    return { workspaceId, token, customer }
  }

  const first = await moveIn()
  const send: House['send'] = (path, init) => hear(fetch(gateway.baseUrl + path, init))
  return {
    ...first,
    world: simulator.world,
    simulator,
    gateway,
    baseUrl: gateway.baseUrl,
    dataDir,
    config,
    operate,
    send,
    post: (path, body, headers) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ token: first.token, ...body }),
      }),
    get: (path, query) => send(`${path}?${new URLSearchParams({ token: first.token, ...query })}`),
    anotherWorkspace: moveIn,
    async host(bot, workspaceId = first.workspaceId) {
      const { id } = await operate('add-bot', {
        workspace: workspaceId,
        endpoint: simulator.endpoint,
        token: bot.token,
        userId: bot.userId as never,
      })
      if (bot.state === 'online')
        await eventually(`the first sync of ${bot.userId}`, () => isSynced(workspaceId, id, bot))
      return id
    },
    async close() {
      await gateway.stop()
      await simulator.stop()
      for (const customer of customers) await customer.close()
      await database?.giveBack()
      await rm(dataDir, { recursive: true, force: true })
    },
  }

  async function isSynced(workspace: WorkspaceId, id: BotId, bot: Bot): Promise<boolean> {
    const hosted = gateway.operator.live?.roster.byId(workspace, id)
    if (hosted?.session.state !== 'online') return false
    const rooms = [...simulator.world.rooms.values()].filter(room => room.members.has(bot.wxid)).length
    const { chats } = await operate('list-chats', { workspace, limit: 500 })
    return chats.filter(chat => chat.botId === id).length >= rooms
  }
}

/** A PostgreSQL database where the whole run is about that dialect (vitest.config.ts); otherwise SQLite serves. */
async function databaseUnderTest(
  store = process.env.QUNHUB_TEST_DIALECT ?? 'sqlite',
): Promise<LentDatabase | null> {
  return store === 'postgres' ? lendDatabase() : null
}

async function hear(answering: Promise<Response>): Promise<Heard> {
  const answer = await answering
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
