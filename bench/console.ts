/**
 * What the pages of the console ask, each verb by itself on a full store: 10,000 rooms, 1,000,000 members in them and 1,000,000
 * callbacks, on SQLite and on PostgreSQL. The limit is 50 ms; the verb's own time, without HTTP. And what a browser makes of its
 * pages.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VerbAsk, VerbName } from '@qunhub/wire'
import { oweForLeave } from '../packages/gateway/src/chatroom/owe.ts'
import { Keyring } from '../packages/gateway/src/model/keyring.ts'
import { runVerb } from '../packages/gateway/src/operator/run-verb.ts'
import type { VerbDeps } from '../packages/gateway/src/operator/verb.ts'
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { systemClock } from '../packages/gateway/src/system/clock.ts'
import { silentLog } from '../packages/gateway/src/system/log.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'
import { consoleLoad } from './console-load.ts'
import { type ConsoleSize, fillConsole, soughtWebhookId } from './console-store.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'

export const VERB_LIMIT_MS = 50

const SIZES = {
  full: { rooms: 10_000, membersPerRoom: 100, callbacks: 1_000_000, rounds: 15 },
  tiny: { rooms: 50, membersPerRoom: 3, callbacks: 500, rounds: 2 },
} as const

/** What a page asks, by what somebody does there. */
export const asked = (now: number): readonly (readonly [string, VerbName, object])[] => [
  ['overview', 'show-overview', {}],
  ['callbacks', 'list-callbacks', { limit: 100 }],
  ['callbacks, parked', 'list-callbacks', { limit: 100, state: 'parked' }],
  ['callbacks of a room', 'list-callbacks', { limit: 100, room: 'R:7' }],
  ['callbacks of a bot', 'list-callbacks', { limit: 100, bot: 'user-0' }],
  ['callbacks of a bot that has none', 'list-callbacks', { limit: 100, bot: 'idle' }],
  ['callbacks answered 5xx', 'list-callbacks', { limit: 100, status: '5xx' }],
  ['callbacks answered 3xx: none', 'list-callbacks', { limit: 100, status: '3xx' }],
  [
    'callbacks of an hour',
    'list-callbacks',
    { limit: 100, from: now - 500_000_000, until: now - 496_400_000 },
  ],
  ['a callback by its webhook-id', 'list-callbacks', { limit: 100, webhookId: soughtWebhookId(now) }],
  ['chips', 'show-callback-counts', {}],
  ['chips of a room', 'show-callback-counts', { room: 'R:7' }],
  ['chips of a bot', 'show-callback-counts', { bot: 'user-0' }],
  ['chips of 5xx', 'show-callback-counts', { status: '5xx' }],
  ['address', 'show-callback-address', {}],
  ['rate of a day', 'show-callback-rate', {}],
  ['rooms', 'list-chats', { limit: 100 }],
  ['rooms by topic', 'list-chats', { limit: 100, search: '群 99' }],
  ['rooms by roomWxid', 'list-chats', { limit: 100, search: 'R:7' }],
  ['rooms by the id of a member', 'list-chats', { limit: 100, search: 'w7' }],
  ['rooms by the name of a member', 'list-chats', { limit: 100, search: '王7' }],
  ['rooms by tag', 'list-chats', { limit: 100, tag: 'VIP' }],
  ['rooms by bot, internal', 'list-chats', { limit: 100, bot: 'user-1', external: 'no' }],
  ['contacts', 'list-contacts', { limit: 100 }],
  ['bots', 'list-bots', {}],
  ['tags', 'list-tags', {}],
  ['a chat as a row', 'show-chat', { chat: '000000000000000000000007' }],
  ['a tag on all that fit, counted', 'assign-tag-to-all', { tag: 'VIP', search: '群 99', dryRun: true }],
  [
    'a replay of an hour, counted',
    'start-replay',
    { from: now - 500_000_000, until: now - 496_400_000, dryRun: true },
  ],
  ['a replay of what is parked, counted', 'start-replay', { state: 'parked', dryRun: true }],
]

export async function consoleVerbs(size: keyof typeof SIZES): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size, { fsync: false })
  try {
    const sqlite = await measure(SIZES[size], { dataDir: join(home, 'sqlite') })
    // Where the rest breaks off, an hour is not lost.
    console.error(JSON.stringify({ sqlite }))
    const postgres = await measure(SIZES[size], { dataDir: join(home, 'postgres'), databaseUrl: server.url })
    const browser = await consoleLoad(size)
    const table = Object.fromEntries(
      Object.keys(sqlite).map(what => [what, { sqliteMs: sqlite[what], postgresMs: postgres[what] }]),
    )
    const over = Object.entries(table).filter(([, { sqliteMs, postgresMs }]) =>
      [sqliteMs!, postgresMs!].some(ms => ms > VERB_LIMIT_MS),
    )
    const { rooms, membersPerRoom, callbacks } = SIZES[size]
    return {
      what: 'the median time of each verb that pages of the console ask, and what a browser makes of its pages',
      ...{ rooms, members: rooms * membersPerRoom, callbacks, limitMs: VERB_LIMIT_MS },
      overLimit: over.map(([what]) => what),
      verbs: table,
      browser,
    }
  } finally {
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function measure(
  size: ConsoleSize & { readonly rounds: number },
  where: { dataDir: string; databaseUrl?: string },
): Promise<Record<string, number>> {
  const store = await openStore(where)
  try {
    const now = Date.now()
    const keyring = new Keyring(Buffer.alloc(32, 1))
    await fillConsole(store.db, keyring, size, now)
    const deps: VerbDeps = {
      ...{ db: store.db, keyring, clock: systemClock, random: systemRandom, log: silentLog, live: null },
      ...{ oweForLeave, vetName: async () => null as never, sendTest: async () => undefined as never },
      ...{ tryPuppet: async () => null, examineReceiver: async () => null },
    }
    const figures: Record<string, number> = {}
    for (const [what, verb, input] of asked(now)) {
      const times: number[] = []
      for (let round = 0; round <= size.rounds; round++) {
        const begin = performance.now()
        const reply = await runVerb(verb, input as VerbAsk<typeof verb>, deps)
        if (!reply.ok) throw new Error(`${what}: ${reply.message}`)
        // The first one warms up.
        if (round > 0) times.push(performance.now() - begin)
      }
      figures[what] = Number(median(times).toFixed(1))
    }
    return figures
  } finally {
    await store.close()
  }
}
