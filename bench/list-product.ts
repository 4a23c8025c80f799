/**
 * The product of P1 and P9: a gateway on a filled store. Told `{ endpoint, token }` it hosts that bot in a workspace of its
 * own, and answers when its first sync is over.
 */
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import type { Tenure } from '../packages/gateway/src/model/bot.ts'
import { addBot } from '../packages/gateway/src/store/bots/bots.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { saveRoom } from '../packages/gateway/src/store/rooms/rooms.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'
import { contactAt, fillStore, moveIn, openOnStore, roomAt, wxidOf } from './filled-store.ts'
import { reportCpu } from './report-cpu.ts'

holdLittleMemory()
const {
  rooms,
  members,
  fill: mustFill,
  ...at
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
const TOKEN = 'a-token-that-only-the-benchmark-has'

const wanted = wxidOf(0)
if (mustFill) await fillStore(at, async db => fill(db, await moveIn(db, TOKEN)))
const gateway = await openOnStore(at)
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

async function fill(db: Database, tenure: Tenure): Promise<void> {
  for (let from = 0; from < rooms; from += SAVES_AT_ONCE) {
    const batch = Array.from({ length: Math.min(SAVES_AT_ONCE, rooms - from) }, (_, n) =>
      roomAt(from + n, peopleOf(from + n)),
    )
    await Promise.all(batch.map(room => saveRoom(db, { tenure, room, at: 0 }, () => null)))
  }
}

function peopleOf(n: number) {
  const isBusy = n < BUSY.rooms
  const size = isBusy ? Math.min(BUSY.members, members) : members
  const numbers = Array.from({ length: size }, (_, m) =>
    isBusy && m === 1 ? 0 : 1 + ((n * 37 + m * 101) % 200_000),
  )
  return [...new Set(numbers)].map(contactAt)
}
