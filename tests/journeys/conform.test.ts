import type { Bot } from '@qunhub/simulator'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

let house: House
let bot: Bot
const friends: string[] = []

beforeAll(async () => {
  house = await openHouse({ env: { QUNHUB_BASE_PATH: '/open/api' } })
  const { world } = house
  bot = world.addBot({ userId: 'xiaobei', nickName: '小北' })
  for (let n = 0; n < 5; n++) friends.push(world.addContact({ friendOf: [bot.wxid] }).wxid)
  for (let n = 0; n < 7; n++)
    world.addRoom({ ownerId: world.addCoworker().wxid, members: [bot.wxid, friends[0]!], topic: `群${n} 🏮` })
  await house.host(bot)
  await house.operate('add-tag', { workspace: house.workspaceId, name: 'VIP客户群' })
})
afterAll(() => house.close())

interface Report {
  readonly passed: boolean
  readonly findings: readonly { check: string; verdict: string; seen: unknown; next?: unknown }[]
}

async function conform(more = ''): Promise<{ exitCode: number | null; stderr: string; report: Report }> {
  const args = `conform --api ${house.baseUrl} --json ${more}`.trim()
  const { exitCode, stdout, stderr } = await runCliHere(args, { QUNHUB_TOKEN: house.token })
  return { exitCode, stderr, report: JSON.parse(stdout) as Report }
}

test('CLI-114 our gateway keeps the contract, and is the same afterwards as before', async () => {
  const snapshot = () => JSON.stringify(house.world.snapshot())
  const [world, rooms] = [snapshot(), (await house.get('/room/list')).text]
  const { exitCode, stderr, report } = await conform()
  expect(report.findings.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
  expect({ exitCode, stderr, passed: report.passed }).toEqual({ exitCode: 0, stderr: '', passed: true })
  expect(report.findings.length).toBeGreaterThan(45)
  expect(snapshot()).toBe(world)
  expect((await house.get('/room/list')).text).toBe(rooms)
})

test('CLI-114 with --write it says beforehand what it makes, makes one room, and our gateway keeps the contract', async () => {
  const before = house.world.snapshot().rooms.length
  const contacts = friends.slice(0, 3)
  const { exitCode, stderr, report } = await conform(`--write --bot xiaobei --contacts ${contacts.join(',')}`)
  expect(report.findings.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
  expect(exitCode).toBe(0)
  for (const words of ['xiaobei', 'qunhub conform', ...contacts]) expect(stderr).toContain(words)
  const { rooms } = house.world.snapshot()
  expect(rooms).toHaveLength(before + 1)
  const made = rooms.find(({ topic }) => topic === 'qunhub conform')!
  expect(made.members.map(({ wxid }) => wxid).sort()).toEqual([bot.wxid, ...contacts].sort())
})
