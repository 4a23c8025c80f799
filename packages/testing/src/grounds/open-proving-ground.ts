import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Bot,
  type Coworker,
  openSimulator,
  type Room,
  type Simulator,
  type World,
} from '@qunhub/simulator'
import type { BotId } from '@qunhub/wire'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { addBot } from '../../../gateway/src/store/bots/bots.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { setCallbackUrl } from '../../../gateway/src/store/outbox/callback-addresses.ts'
import { issueToken } from '../../../gateway/src/store/workspaces/tokens.ts'
import { addWorkspace } from '../../../gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../../../gateway/src/system/random.ts'
import { eventually } from '../eventually.ts'
import { type NodeProcess, openNodeProcess } from '../processes/node-process.ts'
import { type Customer, openCustomer } from '../receivers/customer.ts'

/** As `QUNHUB_SECRET_KEY` of the node processes. */
const MASTER_KEY = Buffer.from('5'.repeat(64), 'hex')
const FIRST_START_MAX_MS = 20_000

/**
 * One bot of a simulated WeCom on a PostgreSQL database, a customer who listens, and gateways in their own processes. The
 * bot is in one room from the beginning: of one that is in none nobody knows for minutes whether its puppet just does not
 * know yet, and so long it is starting (CB-14).
 */
export interface ProvingGround {
  readonly simulator: Simulator
  readonly world: World
  readonly customer: Customer
  readonly bot: Bot
  readonly botId: BotId
  /** Makes rooms from outside. */
  readonly coworker: Coworker
  /** The room that the bot is in from the beginning. */
  readonly firstRoom: Room
  /** Of the one workspace; several, because each is good for 500 requests a minute (G-6). */
  readonly tokens: readonly string[]
  /** The store, as a test looks into it. */
  readonly db: Database
  /** The data directory of the node of that name. */
  folderOf(name: string): string
  /** Not started yet. */
  addNode(name: string, env?: Record<string, string>): Promise<NodeProcess>
  /** Resolves when a node runs the bot and its start is over. */
  started(): Promise<unknown>
  /** Kills every node, whatever became of it, and removes every file. */
  close(): Promise<void>
}

export async function openProvingGround(databaseUrl: string, tokenCount = 1): Promise<ProvingGround> {
  const opened: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const end of opened.splice(0).toReversed()) await end()
  }
  try {
    const home = await mkdtemp(join(tmpdir(), 'qunhub-proof-'))
    opened.push(() => rm(home, { recursive: true, force: true }))
    const simulator = await openSimulator({ scene: 'empty' })
    opened.push(() => simulator.stop())
    const customer = await openCustomer()
    opened.push(() => customer.close())
    const store = await openStore({ dataDir: join(home, 'eyes'), databaseUrl })
    opened.push(() => store.close())

    const { db } = store
    const keyring = new Keyring(MASTER_KEY)
    const at = Date.now()
    const bot = simulator.world.addBot({ userId: 'xiaobei' })
    const coworker = simulator.world.addCoworker()
    const members = [bot.wxid]
    const firstRoom = simulator.world.addRoom({ ownerId: coworker.wxid, members, external: true })
    const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: '试验场', at })
    await setCallbackUrl(db, keyring, systemRandom, workspaceId, customer.url, at)
    const tokens: string[] = []
    for (let n = 0; n < tokenCount; n++)
      tokens.push((await issueToken(db, keyring, systemRandom, workspaceId, { label: `${n}`, at })).token)
    const { id: botId } = await addBot(db, keyring, systemRandom, workspaceId, {
      address: { endpoint: simulator.endpoint, token: bot.token, tls: false },
      expectedUserId: bot.userId as never,
      at,
    })

    return {
      simulator,
      world: simulator.world,
      customer,
      bot,
      botId,
      coworker,
      firstRoom,
      tokens,
      db,
      folderOf: name => join(home, name),
      async addNode(name, env = {}) {
        const node = await openNodeProcess({
          DATABASE_URL: databaseUrl,
          QUNHUB_DATA_DIR: join(home, name),
          ...env,
        })
        opened.push(() => node.kill9())
        return node
      },
      started: () =>
        eventually(
          'the start of the bot',
          async () => {
            const row = await db.first<{ starting: number; state: string }>({
              sql: 'select starting, state from bot where id = $1',
              parameters: [botId],
            })
            return row?.starting === 0 && row.state === 'online'
          },
          FIRST_START_MAX_MS,
        ),
      close,
    }
  } catch (failure) {
    await close()
    throw failure
  }
}
