/** The store of P16. Told a number, it saves so many rooms of a bot that it did not know, as a first sync does; says what that cost. */
import type { ContactWxid, RoomWxid } from '@qunhub/wire'
import type { Contact } from '../packages/gateway/src/model/contact.ts'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import type { Room } from '../packages/gateway/src/model/room.ts'
import { addBot, saveBotAccount } from '../packages/gateway/src/store/bots/bots.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { saveRoom } from '../packages/gateway/src/store/rooms/rooms.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'

const { members, dataDir, databaseUrl } = JSON.parse(process.argv[2]!) as {
  members: number
  dataDir: string
  databaseUrl?: string
}
/** As many as a sync keeps under way. */
const SAVES_AT_ONCE = 64
/** Whom one bot knows, of how many. */
const CUSTOMERS = 5000
const PEOPLE = 1_000_000

const store = await openStore({ dataDir, ...(databaseUrl ? { databaseUrl } : {}) })
const { db } = store
const keyring = new Keyring(Buffer.from('5'.repeat(64), 'hex'))
const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: 'bench', at: 0 })
let bots = 0

process.on('message', async rooms => {
  const tenure = await addNextBot()
  const { user, system } = process.cpuUsage()
  const beganAt = performance.now()
  let next = 0
  const save = async () => {
    while (next < (rooms as number)) {
      const room = roomAt(bots, next++)
      await saveRoom(db, { tenure, room, at: 0 }, () => null)
    }
  }
  await Promise.all(Array.from({ length: SAVES_AT_ONCE }, save))
  const ms = performance.now() - beganAt
  const spent = process.cpuUsage()
  process.send?.({ ms, cpuUs: spent.user + spent.system - user - system })
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => void store.close().then(() => process.exit(0)))
process.send?.('open')

async function addNextBot() {
  bots++
  const { id: botId } = await addBot(db, keyring, systemRandom, workspaceId, {
    address: { endpoint: '127.0.0.1:1', token: `puppet_bench_${bots}`, tls: false },
    expectedUserId: null,
    at: 0,
  })
  const tenure = { workspaceId, botId, fence: 0 }
  await saveBotAccount(db, tenure, {
    wxid: `16888500${String(bots).padStart(8, '0')}` as ContactWxid,
    userId: `bench${bots}` as never,
    nickName: '基准',
    avatarUrl: '',
    kind: 'wecom',
  })
  return tenure
}

function roomAt(bot: number, n: number): Room {
  const people = Array.from({ length: members }, (_, m) => {
    const customer = (n * 37 + m * 101) % CUSTOMERS
    return contactAt((bot * 7919 + customer * 104_729) % PEOPLE)
  })
  return {
    wxid: `R:${bot * 100_000 + n}` as RoomWxid,
    topic: `大街小巷程序员 ${n} 群`,
    avatarUrl: `http://wx.qlogo.cn/mmcrhead/${n}/0`,
    ownerId: people[0]!.wxid,
    external: true,
    wecomChatId: null,
    members: people.map(contact => ({ contact, roomAlias: null })),
  }
}

function contactAt(person: number): Contact {
  // Scattered, as ids are.
  const digits = (person * 7_919_317) % 9_999_999_999_971
  return {
    wxid: `788${String(digits).padStart(13, '0')}` as ContactWxid,
    name: `群成员昵称${person}`,
    alias: null,
    avatarUrl: `http://wx.qlogo.cn/mmhead/ver_1/3mtHGNE50ZpxZX3SMwqibluNAz5GgiaAVLyzyc3Ex0TThpfrVUibnKiagiciaP5jeO2f6wYAuia/${person}`,
    gender: 0,
    type: 1,
    isFriend: person % 2 === 0,
    coworker: false,
    corporation: null,
    handle: null,
    unionId: null,
  }
}
