/**
 * The product of P3: a gateway on a store with many rooms. Its rows are written by hand, because as many saves would take longer
 * than the measurement. Told `rss` it says how much memory it holds.
 */
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import type { Tenure } from '../packages/gateway/src/model/bot.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { fillStore, moveIn, openOnStore } from './filled-store.ts'
import { reportCpu } from './report-cpu.ts'

holdLittleMemory()
const { rooms, members, people, ...at } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  rooms: number
  members: number
  people: number
  databaseUrl?: string
}
const TOKEN = 'a-token-that-only-the-benchmark-has'
const ROOMS_PER_WRITE = 2500

await fillStore(at, async db => fill(db, await moveIn(db, TOKEN)))
const gateway = await openOnStore(at)
process.send?.({ origin: gateway.baseUrl, path: `?token=${TOKEN}` })
reportCpu()
process.on('message', asked => {
  if (asked === 'rss') process.send?.(process.memoryUsage.rss())
})
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))

async function fill(db: Database, { workspaceId, botId }: Tenure): Promise<void> {
  const isSqlite = db.dialect === 'sqlite'
  const numbers = (from: number, to: number) =>
    isSqlite
      ? `(with recursive series (n) as (select ${from} union all select n + 1 from series where n < ${to}) select n from series)`
      : `(select n from generate_series(${from}, ${to}) as series (n))`
  const hex = isSqlite ? `printf('%024x', n)` : `lpad(to_hex(n), 24, '0')`
  const digits = (n: string) => (isSqlite ? `printf('%013d', ${n})` : `lpad((${n})::text, 13, '0')`)
  const wxid = (n: string) => `'788' || ${digits(n)}`
  const run = (...statements: string[]) =>
    db.exclusively(async tx => {
      for (const sql of statements) await tx.run({ sql, parameters: [] })
    })

  await run(
    `insert into contact (workspace_id, bot_id, wxid, name, avatar_url, gender, type, is_friend, coworker)
      select '${workspaceId}', '${botId}', ${wxid('n')}, '群成员昵称' || n,
        'http://wx.qlogo.cn/mmhead/ver_1/3mtHGNE50ZpxZX3SMwqibluNAz5GgiaAVLyzyc3Ex0TThpfrVUibnKiagiciaP5jeO2f6wYAuia/' || n, 0, 1, n % 2, 0
      from ${numbers(0, people - 1)} as numbers`,
    'drop index chat_member_wxid',
  )
  // Steps of another size for each room, so that those who share one room share no others.
  const step = Math.floor(people / members) - 1
  const member = `((n * 37 + m * (1 + (n * 7919) % ${step})) % ${people})`
  for (let from = 0; from < rooms; from += ROOMS_PER_WRITE) {
    const some = numbers(from, Math.min(rooms, from + ROOMS_PER_WRITE) - 1)
    await run(
      `insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external, ordinal, created_at, member_count)
        select '${workspaceId}', ${hex}, '${botId}', 'R:' || (1000000 + n), '大街小巷程序员 ' || n || ' 群',
          'http://wx.qlogo.cn/mmcrhead/' || n || '/0', ${wxid(member.replace('m * ', '0 * '))}, 1, n, 0, ${members} from ${some} as numbers`,
      `insert into chat_member (workspace_id, chat_id, wxid, position)
        select '${workspaceId}', ${hex}, ${wxid(member)}, m
        from ${some} as numbers cross join ${numbers(0, members - 1).replaceAll(/\bn\b/g, 'm')} as others`,
    )
  }
  await run(
    `insert into list_block (workspace_id, list, block, chats)
      select workspace_id, '', ordinal / 1000, count(*) from chat group by workspace_id, ordinal / 1000`,
    'create index chat_member_wxid on chat_member (workspace_id, wxid, chat_id)',
    'analyze',
  )
}
