import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { compareWithWorld } from '@qunhub/testing/trials/compare-with-world.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOMS = 12
const MEMBERS = 15
const EVENTS = 800

let house: House
beforeAll(async () => {
  house = await openHouse({ env: { QUNHUB_DATABASE_POOL: '10' } })
})
afterAll(() => house.close())

test('BOT-22 after a storm of joins, leaves and new topics the store is as the world, and nobody synced by hand', async () => {
  const { world, simulator } = house
  const bot = world.addBot({ userId: 'xiaobei' })
  const owner = world.addCoworker()
  for (let room = 0; room < ROOMS; room++) {
    const members = Array.from({ length: MEMBERS }, () => world.addContact().wxid)
    world.addRoom({ ownerId: owner.wxid, members: [bot.wxid, ...members] })
  }
  await house.host(bot)
  simulator.storm.begin({ perSecond: 400, events: EVENTS })
  await eventually('the storm is over', () => simulator.storm.state.left === 0)
  expect(simulator.storm.state.happened).toBe(EVENTS)
  const differences = () => compareWithWorld(house, world, bot.wxid)
  await eventually('the store agrees', async () => (await differences()).length === 0)
  const topics = async () => {
    const { body } = await house.get('/room/listByMHTag', { pageSize: '100' })
    return (body as { data: { wxid: string; topic: string }[] }).data.map(({ wxid, topic }) => [wxid, topic])
  }
  const inWorld = [...world.rooms.values()].map(({ wxid, topic }) => [wxid, topic])
  await eventually(
    'so do the topics',
    async () => JSON.stringify((await topics()).toSorted()) === JSON.stringify(inWorld.toSorted()),
  )
})
