/**
 * A simulator in a process of its own, for benchmarks of bots: `{ idleBots }` or `{ rooms, members }`, next door or `eachWayMs` away. Says where, and who. Asked
 * `additions`, whom the bot of the rooms could add, one to each; asked `calls`, how often that bot was asked for anything.
 */
import { openSimulator } from '@qunhub/simulator'
import { large } from '../packages/simulator/src/scenes/large.ts'
import type { Addition } from './additions.ts'
import { openRoad } from './road.ts'

const {
  idleBots = 0,
  rooms = 0,
  members = 0,
  eachWayMs = 0,
} = JSON.parse(process.argv[2]!) as {
  idleBots?: number
  rooms?: number
  members?: number
  eachWayMs?: number
}
const simulator = await openSimulator({
  scene: world => {
    if (rooms > 0) large(world, rooms, members)
    else world.addCorp({ name: '群枢压测' })
    // In a room each: one that is in none is looked for again and again, for its puppet may not know yet (CB-14).
    for (let n = 0; n < idleBots; n++) {
      const { wxid } = world.addBot({ userId: `bot${n}` })
      world.addRoom({ ownerId: wxid, members: [world.addContact({ friendOf: [wxid] }).wxid] })
    }
  },
})
const { world } = simulator
process.on('message', asked => {
  const [bot] = world.bots.keys()
  if (asked === 'additions') process.send?.(additionsOf(bot!))
  if (asked === 'calls')
    process.send?.(Object.values(simulator.asked.of(bot!)).reduce((sum, count) => sum + count, 0))
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => void simulator.stop().then(() => process.exit(0)))
process.send?.({
  endpoint: eachWayMs > 0 ? await openRoad(simulator.endpoint, eachWayMs) : simulator.endpoint,
  bots: [...world.bots.values()].map(({ wxid, token }) => ({ wxid, token })),
})

function additionsOf(bot: string): Addition[] {
  const friends = [...world.friendships.get(bot)!]
  return [...world.rooms.values()].map(({ wxid, members: inside }, n) => {
    const others = friends.filter(friend => !inside.has(friend))
    return { room: wxid, members: [...inside.keys()], contact: others[n % others.length]! }
  })
}
