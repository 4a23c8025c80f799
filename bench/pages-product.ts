/** The product of P5: a gateway whose store has one tag on very many rooms, without members, and as many contacts of ten accounts. */
import type { TagId } from '@qunhub/wire'
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { addTag } from '../packages/gateway/src/store/rooms/tags.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'
import { addBotTo, fillStore, moveIn, openOnStore } from './filled-store.ts'
import { reportCpu } from './report-cpu.ts'

holdLittleMemory()
const { rooms, ...at } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  rooms: number
  databaseUrl?: string
}
const TOKEN = 'a-token-that-only-the-benchmark-has'
/** They share the contacts. */
const ACCOUNTS = 10
const TAG = 'f'.repeat(24) as TagId

await fillStore(at, fill)
const gateway = await openOnStore(at)
process.send?.({ origin: gateway.baseUrl, path: `/room/listByMHTag?token=${TOKEN}&mhTagId=${TAG}` })
reportCpu()
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))

async function fill(db: Database): Promise<void> {
  const { workspaceId, botId } = await moveIn(db, TOKEN)
  await addTag(db, systemRandom, workspaceId, { name: '全部', id: TAG })
  for (let account = 1; account < ACCOUNTS; account++) await addBotTo(db, workspaceId, account)
  // By hand, because a million saves would take longer than the measurement.
  const [numbers, chatId] = at.databaseUrl
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
  await db.exclusively(async tx => {
    for (const sql of statements) await tx.run({ sql, parameters: [] })
  })
}
