import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bot, openSimulator, type Room, type World } from '@qunhub/simulator'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { addBot } from '../../../gateway/src/store/bots/bots.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { setCallbackUrl } from '../../../gateway/src/store/outbox/callback-addresses.ts'
import { issueToken } from '../../../gateway/src/store/workspaces/tokens.ts'
import { addWorkspace } from '../../../gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../../../gateway/src/system/random.ts'
import { type NodeProcess, openNodeProcess } from '../processes/node-process.ts'
import { type Customer, openCustomer } from '../receivers/customer.ts'

/** As `QUNHUB_SECRET_KEY` of the node processes. */
const MASTER_KEY = Buffer.from('5'.repeat(64), 'hex')

export interface ManyBotsSize {
  readonly workspaces: number
  readonly bots: number
  /** That each bot is in from the beginning, with as many members. */
  readonly roomsOfEach: number
  readonly members: number
}

/** A workspace of many, as its customer sees it. */
export interface Tenant {
  readonly token: string
  readonly bots: readonly Bot[]
}

/** Many bots of several workspaces in one simulated WeCom, on one PostgreSQL, and one receiver that hears of all of them. */
export interface ManyBots {
  readonly world: World
  readonly customer: Customer
  readonly tenants: readonly Tenant[]
  /** Makes rooms from outside. */
  readonly coworkerId: string
  /** The bots' rooms of the beginning. */
  readonly rooms: readonly Room[]
  /** The store, as a trial looks into it. */
  readonly db: Database
  /** Not started yet. */
  addNode(name: string, env?: Record<string, string>): Promise<NodeProcess>
  /** How many bots these nodes run that are online, and their starts over. */
  online(nodes: readonly NodeProcess[]): Promise<number>
  /** Connections to the store, of nodes and whoever else. */
  connections(): Promise<number>
  /** Kills every node and removes every file. */
  close(): Promise<void>
}

export async function openManyBots(databaseUrl: string, size: ManyBotsSize): Promise<ManyBots> {
  const opened: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const end of opened.splice(0).toReversed()) await end()
  }
  try {
    const home = await mkdtemp(join(tmpdir(), 'qunhub-many-'))
    opened.push(() => rm(home, { recursive: true, force: true }))
    const simulator = await openSimulator({ scene: 'empty' })
    opened.push(() => simulator.stop())
    const customer = await openCustomer()
    opened.push(() => customer.close())
    const store = await openStore({ dataDir: join(home, 'eyes'), databaseUrl })
    opened.push(() => store.close())

    const { world, endpoint } = simulator
    const { db } = store
    const keyring = new Keyring(MASTER_KEY)
    const coworkerId = world.addCoworker().wxid
    const guests = Array.from({ length: size.members * 50 }, () => world.addContact().wxid)
    const rooms: Room[] = []
    const addFilledBot = (n: number): Bot => {
      const bot = world.addBot({ userId: `bot${n}` })
      for (let room = 0; room < size.roomsOfEach; room++) {
        const from = world.chance.below(guests.length - size.members)
        const members = [bot.wxid, ...guests.slice(from, from + size.members - 2)]
        rooms.push(world.addRoom({ ownerId: coworkerId, members, external: true }))
      }
      return bot
    }
    const addTenant = async (n: number): Promise<Tenant> => {
      const at = Date.now()
      const { id } = await addWorkspace(db, systemRandom, { name: `租户 ${n}`, at })
      await setCallbackUrl(db, keyring, systemRandom, id, `${customer.url}/${n}`, at)
      const { token } = await issueToken(db, keyring, systemRandom, id, { label: 'scale', at })
      const bots: Bot[] = []
      for (let bot = n; bot < size.bots; bot += size.workspaces) {
        const added = addFilledBot(bot)
        const address = { endpoint, token: added.token, tls: false }
        await addBot(db, keyring, systemRandom, id, { address, expectedUserId: added.userId as never, at })
        bots.push(added)
      }
      return { token, bots }
    }
    const tenants: Tenant[] = []
    for (let n = 0; n < size.workspaces; n++) tenants.push(await addTenant(n))

    return {
      ...{ world, customer, tenants, coworkerId, rooms, db, close },
      async addNode(name, env = {}) {
        const node = await openNodeProcess({
          DATABASE_URL: databaseUrl,
          QUNHUB_DATA_DIR: join(home, name),
          ...env,
        })
        opened.push(() => node.kill9())
        return node
      },
      online: nodes =>
        count(
          db,
          `select count(*) as count from bot join node on node.id = bot.node_id
           where bot.starting = 0 and bot.state = 'online' and node.address = any(string_to_array($1, ','))`,
          nodes.map(({ address }) => address).join(),
        ),
      connections: () =>
        count(db, 'select count(*) as count from pg_stat_activity where datname = current_database()'),
    }
  } catch (failure) {
    await close()
    throw failure
  }
}

async function count(db: Database, sql: string, ...parameters: string[]): Promise<number> {
  return Number((await db.first<{ count: number }>({ sql, parameters }))!.count)
}
