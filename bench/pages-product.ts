/** The product of P5: a gateway whose store has one tag on very many rooms, without members, and as many contacts of ten accounts. */
import type { TagId } from '@qunhub/wire'
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import { readConfig } from '../packages/gateway/src/config/config.ts'
import { openGateway } from '../packages/gateway/src/gateway.ts'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import { addBot, saveBotAccount } from '../packages/gateway/src/store/bots/bots.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { addTag } from '../packages/gateway/src/store/rooms/tags.ts'
import { issueToken } from '../packages/gateway/src/store/workspaces/tokens.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'
import { reportCpu } from './report-cpu.ts'

holdLittleMemory()
const { dataDir, rooms, databaseUrl } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  rooms: number
  databaseUrl?: string
}
const SECRET_KEY = '5'.repeat(64)
const TOKEN = 'a-token-that-only-the-benchmark-has'
/** They share the contacts. */
const ACCOUNTS = 10
const TAG = 'f'.repeat(24) as TagId

await fillStore()
const gateway = await openGateway(
  readConfig({
    PORT: '0',
    QUNHUB_DATA_DIR: dataDir,
    QUNHUB_SECRET_KEY: SECRET_KEY,
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  }),
  { tokenLimit: { take: () => ({ passed: true }) } },
)
process.send?.({ origin: gateway.baseUrl, path: `/room/listByMHTag?token=${TOKEN}&mhTagId=${TAG}` })
reportCpu()
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))

async function fillStore(): Promise<void> {
  const store = await openStore({ dataDir, ...(databaseUrl ? { databaseUrl } : {}) })
  const { db } = store
  const keyring = new Keyring(Buffer.from(SECRET_KEY, 'hex'))
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: 'bench', at: 0 })
  await issueToken(db, keyring, systemRandom, workspaceId, { label: '', at: 0, token: TOKEN })
  const { id: botId } = await addBot(db, keyring, systemRandom, workspaceId, {
    address: { endpoint: '127.0.0.1:1', token: 'puppet_bench', tls: false },
    expectedUserId: null,
    at: 0,
  })
  await saveBotAccount(
    db,
    { workspaceId, botId, fence: 0 },
    { wxid: '1688' as never, userId: 'bench' as never, nickName: '基准', avatarUrl: '', kind: 'wecom' },
  )
  await addTag(db, systemRandom, workspaceId, { name: '全部', id: TAG })
  for (let account = 1; account < ACCOUNTS; account++) {
    const { id } = await addBot(db, keyring, systemRandom, workspaceId, {
      address: { endpoint: '127.0.0.1:1', token: 'puppet_bench', tls: false },
      expectedUserId: null,
      at: account,
    })
    await saveBotAccount(
      db,
      { workspaceId, botId: id, fence: 0 },
      {
        wxid: `1688${account}` as never,
        userId: `bench${account}` as never,
        nickName: '基准',
        avatarUrl: '',
        kind: 'wecom',
      },
    )
  }
  // By hand, because a million saves would take longer than the measurement.
  const [numbers, chatId] = databaseUrl
    ? [`select n from generate_series(1, ${rooms}) as series (n)`, `lpad(to_hex(n), 24, '0')`]
    : [
        `with recursive series (n) as (select 1 union all select n + 1 from series where n < ${rooms}) select n from series`,
        `printf('%024x', n)`,
      ]
  const statements = [
    `insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external, ordinal, created_at, member_count)
      select '${workspaceId}', ${chatId}, '${botId}', 'R:' || n, '群', '', '', 1, n, 0, 0 from (${numbers}) as numbers`,
    `insert into chat_tag (workspace_id, tag_id, chat_id, ordinal, chat_ordinal)
      select workspace_id, '${TAG}', chat_id, 1, ordinal from chat`,
    `insert into list_block (workspace_id, list, block, chats)
      select workspace_id, '${TAG}', ordinal / 1000, count(*) from chat group by workspace_id, ordinal / 1000`,
    `insert into contact (workspace_id, bot_id, wxid, name, avatar_url, gender, type, is_friend, coworker, ordinal)
      select '${workspaceId}', bot.id, '7881' || n, '客户', '', 0, 1, 1, 0, n - 1
      from bot, (${numbers.replace(String(rooms), String(rooms / ACCOUNTS))}) as numbers`,
    `insert into list_block (workspace_id, list, block, chats)
      select workspace_id, 'contacts/' || bot_id, ordinal / 1000, count(*) from contact group by workspace_id, bot_id, ordinal / 1000`,
    'analyze',
  ]
  const fill = async (tx: { run: typeof db.run }) => {
    for (const sql of statements) await tx.run({ sql, parameters: [] })
  }
  await db.exclusively(fill)
  await store.close()
}
