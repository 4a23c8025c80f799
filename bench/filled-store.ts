/** What the stores of benchmarks are filled with, and the gateway that works on one of them. */
import type { ContactWxid, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { readConfig } from '../packages/gateway/src/config/config.ts'
import { type Gateway, openGateway } from '../packages/gateway/src/gateway.ts'
import type { Tenure } from '../packages/gateway/src/model/bot.ts'
import type { Contact } from '../packages/gateway/src/model/contact.ts'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import type { Room } from '../packages/gateway/src/model/room.ts'
import { addBot, saveBotAccount } from '../packages/gateway/src/store/bots/bots.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { issueToken } from '../packages/gateway/src/store/workspaces/tokens.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'

/** SQLite in `dataDir`, unless it names a database. */
export interface StorePlace {
  readonly dataDir: string
  readonly databaseUrl?: string
}

const SECRET_KEY = '5'.repeat(64)
const keyring = new Keyring(Buffer.from(SECRET_KEY, 'hex'))

const placeOf = ({ dataDir, databaseUrl }: StorePlace) => ({
  dataDir,
  ...(databaseUrl ? { databaseUrl } : {}),
})

export async function fillStore(at: StorePlace, fill: (db: Database) => Promise<void>): Promise<void> {
  const store = await openStore(placeOf(at))
  await fill(store.db)
  await store.close()
}

/** A gateway that lets anybody ask as often as he likes, and says nothing. */
export const openOnStore = ({ dataDir, databaseUrl }: StorePlace): Promise<Gateway> =>
  openGateway(
    readConfig({
      PORT: '0',
      QUNHUB_DATA_DIR: dataDir,
      QUNHUB_LOG_LEVEL: 'silent',
      QUNHUB_SECRET_KEY: SECRET_KEY,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    }),
    { tokenLimit: { take: () => ({ passed: true }) } },
  )

/** A workspace that is called by its token, with a bot that nobody hosts. */
export async function moveIn(db: Database, token: string): Promise<Tenure> {
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: token, at: 0 })
  await issueToken(db, keyring, systemRandom, workspaceId, { label: '', at: 0, token })
  return addBotTo(db, workspaceId)
}

/** Another one, by its number. */
export async function addBotTo(db: Database, workspaceId: WorkspaceId, n = 0): Promise<Tenure> {
  const { id: botId } = await addBot(db, keyring, systemRandom, workspaceId, {
    address: { endpoint: '127.0.0.1:1', token: `puppet_bench_${workspaceId}_${n}`, tls: false },
    expectedUserId: null,
    at: n,
  })
  const tenure = { workspaceId, botId, fence: 0 }
  await saveBotAccount(db, tenure, {
    wxid: `16888500${String(n).padStart(8, '0')}` as ContactWxid,
    userId: `bench${n}` as never,
    nickName: '基准',
    avatarUrl: '',
    kind: 'wecom',
  })
  return tenure
}

export function roomAt(n: number, people: readonly Contact[]): Room {
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

export const contactAt = (n: number): Contact => ({
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
})

export const wxidOf = (n: number): ContactWxid => `788${String(n).padStart(13, '0')}` as ContactWxid
