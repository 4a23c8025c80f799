/** A simulator in a process of its own, for benchmarks of bots: `{ idleBots }` or `{ rooms, members }`. Says where, and who. */
import { openSimulator } from '@qunhub/simulator'
import { large } from '../packages/simulator/src/scenes/large.ts'

const {
  idleBots = 0,
  rooms = 0,
  members = 0,
} = JSON.parse(process.argv[2]!) as {
  idleBots?: number
  rooms?: number
  members?: number
}
const simulator = await openSimulator({
  scene: world => {
    if (rooms > 0) large(world, rooms, members)
    else world.addCorp({ name: '群枢压测' })
    for (let n = 0; n < idleBots; n++) world.addBot({ userId: `bot${n}` })
  },
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => void simulator.stop().then(() => process.exit(0)))
process.send?.({
  endpoint: simulator.endpoint,
  bots: [...simulator.world.bots.values()].map(({ wxid, token }) => ({ wxid, token })),
})
