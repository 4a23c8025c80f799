/** A store as the console meets it after a year: each statement fills a part of a table, in the words of either dialect. */
import type { Keyring } from '../packages/gateway/src/model/keyring.ts'
import { newWebhookId } from '../packages/gateway/src/model/webhook-id.ts'
import { addBot } from '../packages/gateway/src/store/bots/bots.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { setCallbackUrl } from '../packages/gateway/src/store/outbox/callback-addresses.ts'
import { addTag } from '../packages/gateway/src/store/rooms/tags.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'

export interface ConsoleSize {
  readonly rooms: number
  readonly membersPerRoom: number
  readonly callbacks: number
}

/** The last of them has no rooms. */
const BOTS = 11
/** Rows of one statement: with all its indexes it stays far below the time that the gateway's client waits for an answer. */
const ROWS_AT_ONCE = 20_000
/** A callback every 604.8 ms: a million in a week. */
const EVERY_MS = 604.8

/** How many are newer than the callback that is looked for by its webhook-id. */
const NEWER = 300
export const soughtWebhookId = (now: number): string =>
  newWebhookId(now - NEWER * EVERY_MS, { ...systemRandom, bytes: count => Buffer.alloc(count, 7) })

const FILLED = ['chat', 'chat_member', 'chat_tag', 'contact', 'callback', 'callback_body', 'attempt']

export async function fillConsole(
  db: Database,
  keyring: Keyring,
  { rooms, membersPerRoom, callbacks }: ConsoleSize,
  now: number,
): Promise<void> {
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: 'bench', at: now })
  const url = 'http://127.0.0.1:9/'
  const { addressId } = await setCallbackUrl(db, keyring, systemRandom, workspaceId, url, now)
  const tagId = await addTag(db, systemRandom, workspaceId, { name: 'VIP' })
  const botIds: string[] = []
  for (let at = 0; at < BOTS; at++) {
    const address = { endpoint: '127.0.0.1:1', token: `puppet_bench_${at}`, tls: false }
    const { id } = await addBot(db, keyring, systemRandom, workspaceId, {
      ...{ address, expectedUserId: (at === BOTS - 1 ? 'idle' : `user-${at}`) as never, at: now },
    })
    botIds.push(id)
  }
  const isSqlite = db.dialect === 'sqlite'
  const to = (count: number) =>
    isSqlite
      ? `(with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < ${count - 1})
          select n from numbers) as numbers`
      : `generate_series(0::bigint, ${count - 1}) as numbers(n)`
  const run = (sql: string) => db.write(tx => tx.run({ sql, parameters: [] }))
  const botOf = (room: string) =>
    `case (${room}) % ${BOTS - 1} ${botIds
      .slice(0, -1)
      .map((id, at) => `when ${at} then '${id}'`)
      .join(' ')} end`
  const padded = isSqlite ? `printf('%024d', n)` : `lpad(n::text, 24, '0')`

  await run(
    `update bot set wxid = 'b' || id, user_id = expected_user_id, nick_name = '小北', kind = 'wecom', avatar_url = '' where workspace_id = '${workspaceId}'`,
  )
  await run(`insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external, ordinal,
      created_at, member_count)
    select '${workspaceId}', ${padded}, ${botOf('n')}, 'R:' || n, '答疑群 ' || n, '', '', case when n % 5 = 0 then 0 else 1 end, n, 0,
      ${membersPerRoom} from ${to(rooms)}`)
  await run(`insert into list_block (workspace_id, list, block, chats)
    select workspace_id, '', ordinal / 1000, count(*) from chat group by workspace_id, ordinal / 1000`)
  await run(`insert into chat_tag (workspace_id, tag_id, chat_id, ordinal, chat_ordinal)
    select workspace_id, '${tagId.id}', chat_id, 1, ordinal from chat where ordinal % 3 = 0`)
  await run(`insert into list_block (workspace_id, list, block, chats)
    select workspace_id, tag_id, chat_ordinal / 1000, count(*) from chat_tag group by workspace_id, tag_id, chat_ordinal / 1000`)
  const membersAtOnce = Math.max(1, Math.floor(ROWS_AT_ONCE / rooms))
  for (let from = 0; from < membersPerRoom; from += membersAtOnce) {
    const numbers = to(Math.min(membersAtOnce, membersPerRoom - from))
    await run(`insert into chat_member (workspace_id, chat_id, wxid, position)
      select workspace_id, chat_id, 'w' || (ordinal + (${from} + n) * ${rooms}), ${from} + n
      from chat cross join ${numbers}`)
    await run(`insert into contact (workspace_id, bot_id, wxid, name, avatar_url, gender, type, is_friend, coworker, handle, union_id)
      select workspace_id, bot_id, wxid, '王' || substr(wxid, 2), '', 0, 1, 1, 0, 'h' || wxid, 'u' || wxid
      from (select chat.workspace_id, bot_id, 'w' || (ordinal + (${from} + n) * ${rooms}) as wxid
        from chat cross join ${numbers}) as counted`)
  }
  const state = `case when n % 1000 = 0 then 'due' when n % 100 = 1 then 'parked' else 'delivered' end`
  const owedAt = `${now} - cast((${callbacks} - n) * ${EVERY_MS} as bigint)`
  for (let from = 0; from < callbacks; from += ROWS_AT_ONCE) {
    const numbers = `(select n + ${from} as n from ${to(Math.min(ROWS_AT_ONCE, callbacks - from))}) as counted`
    await run(`insert into callback_body (workspace_id, id, bytes)
      select '${workspaceId}', n + 1, ${isSqlite ? `x'7b7d'` : `'{}'::bytea`} from ${numbers}`)
    const webhook = isSqlite ? `'msg_' || printf('%024d', n)` : `'msg_' || lpad(n::text, 24, '0')`
    await run(`insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, state, due_at, body_id, owed_at, settled_at)
      select '${workspaceId}', n + 1, ${webhook}, '${addressId}', 'R:' || (n * 7919 % ${rooms}),
        case when n % 4 = 0 then 'room/joined' else 'chatroom/loaded' end, ${state}, ${owedAt}, n + 1, ${owedAt},
        case when n % 1000 <> 0 then ${owedAt} end from ${numbers}`)
    await run(`insert into attempt (workspace_id, callback_id, n, started_at, ms, outcome, status)
      select '${workspaceId}', counted.n + 1, 1, ${owedAt}, 9, 'answered',
        case when n % 1000 = 0 or n % 200 = 1 then 503 when n % 100 = 1 then 404 else 200 end from ${numbers}`)
  }
  await run(`update callback set webhook_id = '${soughtWebhookId(now)}'
    where workspace_id = '${workspaceId}' and id = ${callbacks + 1 - NEWER}`)
  // As its own housekeeping leaves a PostgreSQL, which the one of the benchmarks does without.
  if (!isSqlite) for (const table of FILLED) await db.all({ sql: `vacuum analyze ${table}`, parameters: [] })
}
