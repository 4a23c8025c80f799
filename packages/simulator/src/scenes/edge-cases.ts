import { ROOM_MEMBERS_MAX } from '../world/platform-limits.ts'
import type { World } from '../world/world.ts'

/** A room that takes nobody any more, and a friend who would like to come in. */
export function fullRoom(world: World): void {
  const { bot, owner } = company(world)
  const friends = Array.from({ length: 5 }, () => world.addContact({ friendOf: [bot.wxid] }).wxid)
  const room = world.addRoom({
    topic: '满员福利群',
    ownerId: owner.wxid,
    members: [bot.wxid, ...friends.slice(0, 3)],
  })
  world.fillRoom(room.wxid, ROOM_MEMBERS_MAX)
}

/** A room of coworkers only, which no customer may enter. */
export function internalRoom(world: World): void {
  const { bot, owner } = company(world)
  const staff = Array.from({ length: 4 }, () => world.addCoworker().wxid)
  world.addContact({ friendOf: [bot.wxid] })
  world.addRoom({
    topic: '内部通知群',
    ownerId: owner.wxid,
    members: [bot.wxid, ...staff.slice(0, 3)],
    external: false,
  })
}

/** A userId is unique within its corp only; here two companies both employ a "xiaobei". */
export function twoBotsOneUser(world: World): void {
  for (const name of ['群枢示范', '群枢分公司']) {
    const corp = world.addCorp({ name })
    const bot = world.addBot({ userId: 'xiaobei', nickName: '小北', corpId: corp.id })
    const owner = world.addCoworker({ corpId: corp.id })
    const friends = Array.from({ length: 3 }, () => world.addContact({ friendOf: [bot.wxid] }).wxid)
    world.addRoom({ topic: `${name}客户群`, ownerId: owner.wxid, members: [bot.wxid, ...friends] })
  }
}

function company(world: World) {
  const corp = world.addCorp({ name: '群枢示范' })
  const bot = world.addBot({ userId: 'xiaobei', nickName: '小北', corpId: corp.id })
  const owner = world.addCoworker({ corpId: corp.id })
  return { bot, owner }
}
