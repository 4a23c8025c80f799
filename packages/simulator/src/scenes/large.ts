import { ROOM_MEMBERS_MAX } from '../world/platform-limits.ts'
import { WeComRefused } from '../world/refused.ts'
import type { World } from '../world/world.ts'

/** Customers sit in several rooms at once, so there are fewer of them than seats. */
const CUSTOMERS_MAX = 5_000
const FRIENDS_PERCENT = 20

/** Many rooms of many members around one bot, to see what a cold start costs. */
export function large(world: World, rooms = 1_000, members = 100): void {
  if (members < 2 || members > ROOM_MEMBERS_MAX)
    throw new WeComRefused(members < 2 ? 'too-few-members' : 'room-full')
  const corp = world.addCorp({ name: '群枢压测' })
  const bot = world.addBot({ userId: 'xiaobei', nickName: '小北', corpId: corp.id })
  const owner = world.addCoworker({ corpId: corp.id })

  const customersPerRoom = members - 2
  const customers = Array.from(
    { length: Math.max(customersPerRoom, Math.min(rooms * customersPerRoom, CUSTOMERS_MAX)) },
    () => world.addContact({ friendOf: world.chance.happens(FRIENDS_PERCENT) ? [bot.wxid] : [] }).wxid,
  )
  for (let room = 0; room < rooms; room++) {
    const from = world.chance.below(customers.length)
    // Around the end and on from the start, so that every room is full.
    const inside = [...customers.slice(from, from + customersPerRoom), ...customers].slice(
      0,
      customersPerRoom,
    )
    world.addRoom({ ownerId: owner.wxid, members: [bot.wxid, ...inside] })
  }
}
