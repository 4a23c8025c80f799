/**
 * The product of P1 and P9: a gateway on a filled store. Told `{ endpoint, token }` it hosts that bot in a workspace of its
 * own, and answers when its first sync is over.
 */
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import { readConfig } from '../packages/gateway/src/config/config.ts'
import { openGateway } from '../packages/gateway/src/gateway.ts'
import type { RateLimit } from '../packages/gateway/src/http/rate-limit.ts'
import type { Tenure } from '../packages/gateway/src/model/bot.ts'
import type { Contact } from '../packages/gateway/src/model/contact.ts'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import type { Room } from '../packages/gateway/src/model/room.ts'
import { addBot, saveBotAccount } from '../packages/gateway/src/store/bots/bots.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { saveRoom } from '../packages/gateway/src/store/rooms/rooms.ts'
import { issueToken } from '../packages/gateway/src/store/workspaces/tokens.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'
import { reportCpu } from './report-cpu.ts'

holdLittleMemory()
const {
  dataDir,
  rooms,
  members,
  databaseUrl,
  fill: mustFill,
} = JSON.parse(process.argv[2]!) as {
  dataDir: string
  rooms: number
  members: number
  /** Without it the store is SQLite in `dataDir`. */
  databaseUrl?: string
  /** Another process on the same database has filled it already. */
  fill: boolean
}
/** The contact that is asked for sits in this many rooms of this many members. */
const BUSY = { rooms: 20, members: 50 }
const SAVES_AT_ONCE = 200
const LOOK_EVERY_MS = 50
const SECRET_KEY = '5'.repeat(64)
const TOKEN = 'a-token-that-only-the-benchmark-has'

const wanted = wxidOf(0)
if (mustFill) await fillStore()
const unlimited: RateLimit = { take: () => ({ passed: true }) }
const gateway = await openGateway(
  readConfig({
    PORT: '0',
    QUNHUB_DATA_DIR: dataDir,
    QUNHUB_LOG_LEVEL: 'silent',
    QUNHUB_SECRET_KEY: SECRET_KEY,
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  }),
  { tokenLimit: unlimited },
)
process.send?.({ origin: gateway.baseUrl, path: `/room/listByMember?token=${TOKEN}&contactWxid=${wanted}` })
reportCpu()
process.on('message', async asked => {
  if (typeof asked === 'object') process.send?.(await syncBot(asked as { endpoint: string; token: string }))
})
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))

async function syncBot(puppet: { endpoint: string; token: string }) {
  const { db, keyring, live } = gateway.operator
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: puppet.endpoint, at: Date.now() })
  const beganAt = performance.now()
  const { id } = await addBot(db, keyring, systemRandom, workspaceId, {
    address: { ...puppet, tls: false },
    expectedUserId: null,
    at: Date.now(),
  })
  await live!.claimBots()
  const isStarting = { sql: `select starting from bot where id = '${id}'`, parameters: [] }
  while ((await db.first<{ starting: number }>(isStarting))!.starting === 1)
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  return { ms: performance.now() - beganAt }
}

async function fillStore(): Promise<void> {
  const store = await openStore({ dataDir, ...(databaseUrl ? { databaseUrl } : {}) })
  const { db } = store
  const keyring = new Keyring(Buffer.from(SECRET_KEY, 'hex'))
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: 'bench', at: 0 })
  await issueToken(db, keyring, systemRandom, workspaceId, { label: '', at: 0, token: TOKEN })
  const bot = await addBot(db, keyring, systemRandom, workspaceId, {
    address: { endpoint: '127.0.0.1:1', token: 'puppet_bench', tls: false },
    expectedUserId: null,
    at: 0,
  })
  const tenure = { workspaceId, botId: bot.id, fence: 0 }
  await saveBotAccount(db, tenure, {
    wxid: '1688850000000001' as ContactWxid,
    userId: 'bench' as never,
    nickName: '基准',
    avatarUrl: '',
    kind: 'wecom',
  })
  await fill(db, tenure)
  await store.close()
}

async function fill(db: Database, tenure: Tenure): Promise<void> {
  for (let from = 0; from < rooms; from += SAVES_AT_ONCE) {
    const batch = Array.from({ length: Math.min(SAVES_AT_ONCE, rooms - from) }, (_, n) => roomAt(from + n))
    await Promise.all(batch.map(room => saveRoom(db, { tenure, room, at: 0 }, () => null)))
  }
}

function roomAt(n: number): Room {
  const isBusy = n < BUSY.rooms
  const size = isBusy ? Math.min(BUSY.members, members) : members
  const people = Array.from({ length: size }, (_, m) =>
    contactAt(isBusy && m === 1 ? 0 : 1 + ((n * 37 + m * 101) % 200_000)),
  )
  return {
    wxid: `R:${1_000_000 + n}` as RoomWxid,
    topic: `大街小巷程序员 ${n} 群`,
    avatarUrl: `http://wx.qlogo.cn/mmcrhead/${n}/0`,
    ownerId: people[0]!.wxid,
    external: true,
    wecomChatId: null,
    members: [...new Map(people.map(contact => [contact.wxid, contact])).values()].map(contact => ({
      contact,
      roomAlias: null,
    })),
  }
}

function contactAt(n: number): Contact {
  return {
    wxid: wxidOf(n),
    name: `群成员昵称${n}`,
    alias: null,
    avatarUrl: `http://wx.qlogo.cn/mmhead/ver_1/3mtHGNE50ZpxZX3SMwqibluNAz5GgiaAVLyzyc3Ex0TThpfrVUibnKiagiciaP5jeO2f6wYAuia/${n}`,
    gender: 0,
    type: 1,
    isFriend: n % 2 === 0,
    coworker: false,
    corporation: null,
    handle: null,
    unionId: null,
  }
}

function wxidOf(n: number): ContactWxid {
  return `788${String(n).padStart(13, '0')}` as ContactWxid
}
