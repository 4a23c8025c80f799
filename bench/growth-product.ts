/** The store of P16. Told a number, it saves so many rooms of a bot that it did not know, as a first sync does; says what that cost. */
import { openStore } from '../packages/gateway/src/store/database/open-store.ts'
import { saveRoom } from '../packages/gateway/src/store/rooms/rooms.ts'
import { addWorkspace } from '../packages/gateway/src/store/workspaces/workspaces.ts'
import { systemRandom } from '../packages/gateway/src/system/random.ts'
import { addBotTo, contactAt, roomAt, wxidOf } from './filled-store.ts'

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
const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: 'bench', at: 0 })
let bots = 0

process.on('message', async rooms => {
  const tenure = await addBotTo(db, workspaceId, ++bots)
  const { user, system } = process.cpuUsage()
  const beganAt = performance.now()
  let next = 0
  const save = async () => {
    while (next < (rooms as number)) {
      const n = next++
      const room = roomAt(bots * 100_000 + n, peopleOf(bots, n))
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

const peopleOf = (bot: number, n: number) =>
  Array.from({ length: members }, (_, m) => {
    const customer = (n * 37 + m * 101) % CUSTOMERS
    return personAt((bot * 7919 + customer * 104_729) % PEOPLE)
  })

/** Scattered, as ids are. */
const personAt = (person: number) => ({
  ...contactAt(person),
  wxid: wxidOf((person * 7_919_317) % 9_999_999_999_971),
})
