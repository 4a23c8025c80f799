/**
 * The product of P13: a gateway whose store holds two workspaces, one with many rooms and one with a single one, which has
 * just begun. Told `rss` it says how much memory it has held at most.
 */
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import { readConfig } from '../packages/gateway/src/config/config.ts'
import { openGateway } from '../packages/gateway/src/gateway.ts'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import { addBot, saveBotAccount } from '../packages/gateway/src/store/bots/bots.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { saveRoom } from '../packages/gateway/src/store/rooms/rooms.ts'
import { issueToken } from '../packages/gateway/src/store/workspaces/tokens.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'

holdLittleMemory()
const { dataDir, databaseUrl, rooms, members, fill } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  databaseUrl?: string
  rooms: number
  members: number
  /** An earlier process has filled the store already. */
  fill: boolean
}
const SECRET_KEY = '5'.repeat(64)
const HEAVY = 'the-token-of-the-one-who-asks-for-all'
const LIGHT = 'the-token-of-the-one-who-lives-beside'
const PEOPLE = 20_000

if (fill) {
  const store = await openStore({ dataDir, ...(databaseUrl ? { databaseUrl } : {}) })
  await moveIn(store.db, HEAVY, rooms)
  await moveIn(store.db, LIGHT, 1)
  await store.close()
}
const gateway = await openGateway(
  readConfig({
    PORT: '0',
    QUNHUB_DATA_DIR: dataDir,
    QUNHUB_LOG_LEVEL: 'silent',
    QUNHUB_SECRET_KEY: SECRET_KEY,
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  }),
  // The neighbour asks more often than a token may; the crowd keeps to its 500.
  { tokenLimit: { take: () => ({ passed: true }) } },
)
process.send?.({
  origin: gateway.baseUrl,
  heavyPath: `/room/listByMHTag?token=${HEAVY}&pageSize=100`,
  lightPath: `/room/listByMHTag?token=${LIGHT}`,
})
process.on('message', () => process.send?.(process.resourceUsage().maxRSS * 1024))
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))

async function moveIn(db: Database, token: string, count: number): Promise<void> {
  const keyring = new Keyring(Buffer.from(SECRET_KEY, 'hex'))
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: token, at: 0 })
  await issueToken(db, keyring, systemRandom, workspaceId, { label: '', at: 0, token })
  const bot = await addBot(db, keyring, systemRandom, workspaceId, {
    address: { endpoint: '127.0.0.1:1', token: `puppet_${count}`.padEnd(9, '_'), tls: false },
    expectedUserId: null,
    at: 0,
  })
  const tenure = { workspaceId, botId: bot.id, fence: 0 }
  await saveBotAccount(db, tenure, {
    wxid: wxidOf(0),
    userId: 'bench' as never,
    nickName: '基准',
    avatarUrl: '',
    kind: 'wecom',
  })
  for (let n = 0; n < count; n++) await saveRoom(db, { tenure, room: roomAt(n), at: 0 }, () => null)
}

function roomAt(n: number) {
  const people = Array.from({ length: members }, (_, m) => contactAt((n * 37 + m * 101) % PEOPLE))
  return {
    wxid: `R:${1_000_000 + n}` as RoomWxid,
    topic: `大街小巷程序员 ${n} 群`,
    avatarUrl: `http://wx.qlogo.cn/mmcrhead/${n}/0`,
    ownerId: people[0]!.wxid,
    external: true,
    wecomChatId: null,
    members: people.map(contact => ({ contact, roomAlias: null })),
  }
}

function contactAt(n: number) {
  return {
    wxid: wxidOf(n),
    name: `群成员昵称${n}`,
    alias: null,
    avatarUrl: `http://wx.qlogo.cn/mmhead/ver_1/3mtHGNE50ZpxZX3SMwqibluNAz5GgiaAVLyzyc3Ex0TThpfrVUibnKiagiciaP5jeO2f6wYAuia/${n}`,
    gender: 0 as const,
    type: 1 as const,
    isFriend: true,
    coworker: false,
    corporation: null,
    handle: null,
    unionId: null,
  }
}

function wxidOf(n: number): ContactWxid {
  return `788${String(n).padStart(13, '0')}` as ContactWxid
}
