/**
 * A process to be killed. It opens the store of the directory and says `open`; asked to `write`, six hands save rooms
 * without pause, each with a callback that says its wxid, and say aloud each room whose save was acknowledged.
 */
import type { BotId, ContactWxid, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { Keyring } from '../../model/keyring.ts'
import { systemRandom } from '../../system/random.ts'
import { addBot, listBots, saveBotAccount } from '../bots/bots.ts'
import type { Database } from '../database/database.ts'
import { openStore } from '../database/open-store.ts'
import { saveRoom } from '../rooms/rooms.ts'
import { addWorkspace } from '../workspaces/workspaces.ts'

const HANDS = 6
const keyring = new Keyring(Buffer.alloc(32, 7))
const [task, dataDir, round] = process.argv.slice(2)

const { db } = await openStore({ dataDir: dataDir! })
console.log('open')
if (task === 'write') {
  const bot = (await listBots(db, keyring))[0] ?? (await furnish())
  for (let hand = 0; hand < HANDS; hand++) void saveForEver(db, bot, hand)
} else setInterval(() => {}, 60_000)

async function furnish(): Promise<{ workspaceId: WorkspaceId; id: BotId }> {
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: '小组', at: 1 })
  const address = { endpoint: '127.0.0.1:1', token: 'puppet_token', tls: false }
  const bot = await addBot(db, keyring, systemRandom, workspaceId, { address, expectedUserId: null, at: 1 })
  const account = {
    wxid: '1688' as ContactWxid,
    userId: 'bei' as never,
    nickName: '小北',
    avatarUrl: '',
    kind: 'wecom',
  } as const
  await saveBotAccount(db, { workspaceId, botId: bot.id, fence: 0 }, account)
  const row = { workspace_id: workspaceId, id: 'address', base_url: 'http://127.0.0.1:1/', created_at: 1 }
  await db.write(tx =>
    tx.run(
      tx.query
        .insertInto('callback_address')
        .values({ ...row, secrets_sealed: keyring.seal('[]') })
        .compile(),
    ),
  )
  return bot
}

async function saveForEver(
  to: Database,
  bot: { workspaceId: WorkspaceId; id: BotId },
  hand: number,
): Promise<never> {
  for (let i = 0; ; i++) {
    const wxid = `R:${round}-${hand}-${i}` as RoomWxid
    const members = Array.from({ length: 20 }, (_, at) => ({
      contact: contact(hand * 1000 + i + at),
      roomAlias: null,
    }))
    const room = {
      wxid,
      topic: wxid,
      avatarUrl: '',
      ownerId: '',
      external: true,
      wecomChatId: null,
      members,
    } as const
    const owed = { kind: 'chatroom/joined', laneKey: wxid, body: Buffer.from(wxid) } as const
    const tenure = { workspaceId: bot.workspaceId, botId: bot.id, fence: 0 }
    await saveRoom(to, { tenure, room, at: i }, () => owed)
    console.log(wxid)
  }
}

function contact(n: number) {
  return {
    wxid: `7881${n}` as ContactWxid,
    name: `客户${n}`,
    alias: null,
    avatarUrl: '',
    gender: 0 as const,
    type: 1 as const,
    isFriend: true,
    coworker: false,
    corporation: null,
    handle: null,
    unionId: null,
  }
}
