import { World } from '../src/index.ts'

export const NOON = Date.UTC(2026, 0, 5, 4)

/** Time that stands still until a test moves it. */
export const fixedClock = (at = NOON) => {
  let now = at
  return {
    now: () => now,
    advance: (ms: number) => {
      now += ms
    },
  }
}

/** One bot, one coworker who owns an external room with it, one friend, one stranger. */
export function smallWorld(world = new World({ seed: 7, clock: fixedClock() })) {
  const bot = world.addBot({ userId: 'xiaobei', nickName: '小北' })
  const owner = world.addCoworker({ name: '店长-周敏', userId: 'zhoumin' })
  const friend = world.addContact({ name: '林晓', friendOf: [bot.wxid] })
  const stranger = world.addContact({ name: '陌生人' })
  const room = world.addRoom({ topic: '大街小巷', ownerId: owner.wxid, members: [bot.wxid], external: true })
  return { world, bot, owner, friend, stranger, room }
}
