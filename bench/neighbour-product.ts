/**
 * The product of P13: a gateway whose store holds two workspaces, one with many rooms and one with a single one, which has
 * just begun. Told `rss` it says how much memory it has held at most.
 */
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import type { Database } from '../packages/gateway/src/store/database/database.ts'
import { saveRoom } from '../packages/gateway/src/store/rooms/rooms.ts'
import { contactAt, fillStore, moveIn, openOnStore, roomAt } from './filled-store.ts'

holdLittleMemory()
const { rooms, members, fill, ...at } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  databaseUrl?: string
  rooms: number
  members: number
  /** An earlier process has filled the store already. */
  fill: boolean
}
const HEAVY = 'the-token-of-the-one-who-asks-for-all'
const LIGHT = 'the-token-of-the-one-who-lives-beside'
const PEOPLE = 20_000

if (fill)
  await fillStore(at, async db => {
    await settleIn(db, HEAVY, rooms)
    await settleIn(db, LIGHT, 1)
  })
// The neighbour asks more often than a token may; the crowd keeps to its 500.
const gateway = await openOnStore(at)
process.send?.({
  origin: gateway.baseUrl,
  heavyPath: `/room/listByMHTag?token=${HEAVY}&pageSize=100`,
  lightPath: `/room/listByMHTag?token=${LIGHT}`,
})
process.on('message', () => process.send?.(process.resourceUsage().maxRSS * 1024))
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)))

async function settleIn(db: Database, token: string, count: number): Promise<void> {
  const tenure = await moveIn(db, token)
  for (let n = 0; n < count; n++) {
    const people = Array.from({ length: members }, (_, m) => contactAt((n * 37 + m * 101) % PEOPLE))
    await saveRoom(db, { tenure, room: roomAt(n, people), at: 0 }, () => null)
  }
}
