import { expect, test } from 'vitest'
import { SCENES, sceneOfName, UnknownId, WeComRefused, World } from '../src/index.ts'
import { fixedClock } from './world-builder.ts'

function build(name: string, seed = 1): World {
  const world = new World({ seed, clock: fixedClock() })
  sceneOfName(name)(world)
  return world
}

const sizes = (world: World) => [...world.rooms.values()].map(room => room.members.size)

test('SIM-20 an unknown scene is refused with the names of those there are', () => {
  expect(() => sceneOfName('nowhere')).toThrow(UnknownId)
  expect(() => sceneOfName('nowhere')).toThrow('two-bots-one-user')
  expect(() => build('large(3,501)')).toThrow(WeComRefused)
  expect(() => build('large(3,1)')).toThrow(WeComRefused)
})

test.each(SCENES.map(scene => scene.name))(
  'SIM-21 the scene %s is the same for the same seed and differs for another',
  name => {
    const small = name === 'large' ? 'large(20,10)' : name
    expect(build(small).snapshot()).toEqual(build(small).snapshot())
    expect(build(small, 2).snapshot()).not.toEqual(build(small).snapshot())
  },
)

test('SIM-22 demo has rooms around the forty, an internal one, and rooms owned by a bot and by a coworker', () => {
  const world = build('demo')
  const [xiaobei, xiaonan] = world.bots.values()
  const rooms = [...world.rooms.values()]
  expect([...world.bots.values()].map(bot => [bot.userId, bot.nickName, bot.state])).toEqual([
    ['xiaobei', '小北', 'online'],
    ['xiaonan', '小南', 'online'],
  ])
  expect(sizes(world)).toContain(39)
  expect(sizes(world)).toContain(42)
  expect(rooms.some(room => !room.external)).toBe(true)
  expect(rooms.some(room => room.ownerId === xiaobei!.wxid)).toBe(true)
  expect(rooms.some(room => room.members.has(xiaobei!.wxid) && room.members.has(xiaonan!.wxid))).toBe(true)
  expect([...world.contacts.values()].some(contact => contact.kind === 'wecom')).toBe(true)
})

test('SIM-23 the other scenes are what their names say', () => {
  expect(sizes(build('full-room'))).toEqual([500])
  expect([...build('internal-room').rooms.values()].map(room => room.external)).toEqual([false])
  const bots = [...build('two-bots-one-user').bots.values()]
  expect(bots.map(bot => bot.userId)).toEqual(['xiaobei', 'xiaobei'])
  expect(new Set(bots.map(bot => bot.corpId)).size).toBe(2)
  expect(build('empty').bots.size).toBe(0)
  expect(build('empty').corps.size).toBe(1)
  expect(sizes(build('large(30, 12)'))).toEqual(Array(30).fill(12))
})
