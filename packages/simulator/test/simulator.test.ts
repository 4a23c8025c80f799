import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { puppet } from '@juzi/wechaty-grpc'
import { expect, onTestFinished, test } from 'vitest'
import {
  openSimulator,
  PuppetPortTaken,
  StateFileCorrupt,
  StateFileUnwritable,
  UnknownId,
} from '../src/index.ts'
import { SAVE_DELAY_MS } from '../src/state-file.ts'
import { control } from './control-client.ts'
import { eventually } from './eventually.ts'
import { handTimers } from './hand-timers.ts'
import { ask } from './raw-client.ts'
import { servedWorld } from './served-world.ts'
import { fixedClock, smallWorld } from './world-builder.ts'

function stateFileIn(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qunhub-simulator-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'world.json')
}

test('SIM-100 an unknown scene, a taken port and a taken control port are said plainly', async () => {
  await expect(openSimulator({ scene: 'nowhere' })).rejects.toThrow(UnknownId)
  const squatter = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void squatter.close())
  await eventually(() => squatter.listening)
  const { port } = squatter.address() as { port: number }
  await expect(openSimulator({ puppetPort: port })).rejects.toThrow(PuppetPortTaken)
  await expect(openSimulator({ controlPort: port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test.each([
  ['half a file', '{"version":1,"corps":['],
  ['another file', '{"name":"package"}'],
  ['a file of a later version', '{"version":2}'],
  ['nothing', ''],
  [
    'a room of nobody',
    JSON.stringify({
      version: 1,
      chance: 1,
      corps: [],
      bots: [],
      contacts: [],
      rooms: [
        {
          wxid: 'R:1',
          wecomChatId: '',
          external: true,
          createdAt: 0,
          topic: '',
          ownerId: 'x',
          announcement: '',
          members: [],
        },
      ],
      invitations: [],
      messages: [],
    }),
  ],
])('SIM-101 %s is no world: the error names the file, and the file stays', async (_what, text) => {
  const stateFile = stateFileIn()
  writeFileSync(stateFile, text)
  const opening = openSimulator({ stateFile })
  await expect(opening).rejects.toThrow(StateFileCorrupt)
  await expect(opening).rejects.toThrow(stateFile)
  expect(readFileSync(stateFile, 'utf8')).toBe(text)
})

test('SIM-102 a world goes on where it stopped: same tokens, same rooms, same chance', async () => {
  const stateFile = stateFileIn()
  const options = {
    stateFile,
    seed: 3,
    clock: fixedClock(),
    scene: smallWorld as (world: Parameters<typeof smallWorld>[0]) => void,
  }
  const first = await openSimulator(options)
  const [bot] = first.world.bots.values()
  const [room] = first.world.rooms.values()
  first.world.setRemark([...first.world.contacts.keys()][0]!, '老板', bot!.wxid)
  first.world.say(bot!.wxid, room!.wxid, '早')
  await first.stop()

  const second = await openSimulator({ ...options, seed: 99, scene: 'empty' })
  const withoutEndpoint = (simulator: typeof first) => ({
    ...simulator.world.snapshot(),
    bots: [...simulator.world.bots.values()],
  })
  expect(withoutEndpoint(second)).toEqual(withoutEndpoint(first))
  expect(second.world.remarks).toEqual(first.world.remarks)
  expect(second.world.addContact().wxid).toBe(first.world.addContact().wxid)
  await second.stop()
})

test('SIM-103 a change is in the file soon, and no half-written file is left behind', async () => {
  const stateFile = stateFileIn()
  const timers = handTimers()
  const { world, room, simulator } = await servedWorld({ stateFile, timers })
  world.setTopic(room.wxid, '存下来')
  timers.fire(SAVE_DELAY_MS)
  await eventually(() => existsSync(stateFile) && readFileSync(stateFile, 'utf8').includes('存下来'))
  await simulator.stop()
  expect(await readdir(join(stateFile, '..'))).toEqual(['world.json'])
})

test('SIM-104 same seed, same world; the port is the only difference', async () => {
  const open = () => openSimulator({ scene: 'demo', seed: 42, clock: fixedClock() })
  const [one, other] = [await open(), await open()]
  const seen = ({ world }: typeof one) => ({ ...world.snapshot(), bots: [...world.bots.values()] })
  expect(seen(one)).toEqual(seen(other))
  await Promise.all([one.stop(), other.stop()])
})

test('SIM-105 a killed server answers nothing until it is restarted, on the same port', async () => {
  const { simulator, clientOf, bot, client } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  simulator.killServer()
  expect(await stream.failed()).toBe(14)
  await expect(clientOf(bot).ask('roomList', ask.roomList())).rejects.toMatchObject({ code: 14 })

  const endpoint = simulator.endpoint
  await Promise.all([simulator.restartServer({ downMs: 0 }), simulator.restartServer({ downMs: 5 })])
  expect(simulator.world.endpoint).toBe(endpoint)
  await clientOf(bot).listen().event('login')
})

test('SIM-106 stopping twice, or in the middle of a restart, is harmless', async () => {
  const { simulator } = await servedWorld()
  const restarting = simulator.restartServer({ downMs: 5 })
  await Promise.all([simulator.stop(), simulator.stop()])
  await restarting
})

test('SIM-170 what was answered is in the file: a room that the bot made, and one from outside', async () => {
  const stateFile = stateFileIn()
  const { client, simulator, owner, friend, bot } = await servedWorld({ stateFile, timers: handTimers() })
  const made = await client.ask<puppet.RoomCreateResponse>(
    'roomCreate',
    ask.roomCreate([owner.wxid, friend.wxid], '群一'),
  )
  expect(readFileSync(stateFile, 'utf8')).toContain(made.getId())

  const { controlUrl } = simulator
  const answers = await Promise.all(
    ['群二', '群三', '群四'].map(topic =>
      control(controlUrl, 'POST', '/rooms', { ownerId: owner.wxid, members: [bot.wxid], topic }),
    ),
  )
  const saved = readFileSync(stateFile, 'utf8')
  for (const { body } of answers) expect(saved).toContain(String(body['wxid']))
})

test('SIM-171 a state file that cannot be written is refused at the start, and afterwards in the answer', async () => {
  const stateFile = stateFileIn()
  const nowhere = openSimulator({ stateFile: join(stateFile, '..', 'missing', 'world.json') })
  await expect(nowhere).rejects.toThrow(StateFileUnwritable)
  await expect(nowhere).rejects.toThrow('文件夹不存在')

  const { client, simulator, owner, friend, world, room } = await servedWorld({
    stateFile,
    timers: handTimers(),
  })
  const folder = join(stateFile, '..')
  await rm(folder, { recursive: true })
  const rename = () => control(simulator.controlUrl, 'PATCH', `/rooms/${room.wxid}`, { topic: '新名' })
  expect(await rename()).toMatchObject({
    status: 500,
    body: { error: expect.stringContaining('world.json') },
  })
  await expect(client.ask('roomCreate', ask.roomCreate([owner.wxid, friend.wxid], '群一'))).rejects.toThrow(
    '未能保存',
  )
  mkdirSync(folder)
  expect(await rename()).toMatchObject({ status: 200 })
  expect(readFileSync(stateFile, 'utf8')).toContain([...world.rooms.keys()].at(-1))
})
