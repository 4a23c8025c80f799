import { once } from 'node:events'
import { request } from 'node:http'
import { eventually } from '@qunhub/testing/eventually.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DemoReceiver, openDemoReceiver } from './demo-receiver.ts'

let receiver: DemoReceiver
const told: string[] = []

beforeEach(async () => {
  told.length = 0
  receiver = await openDemoReceiver(line => void told.push(line))
})
afterEach(() => receiver.close())

const callback = {
  chatId: '5dbe8287184b7cb41f52674e',
  botInfo: { wxid: '1688', weixin: 'xiaobei', nickName: '小北' },
  wxid: 'R:1',
  topic: '大街小巷',
  avatarUrl: '',
  ownerId: '1688',
  members: [],
  labels: [],
  external: true,
  group: '5dbe8287184b7cb41f52674f',
  syncedTime: 1,
}
const send = async (body: object): Promise<number> => {
  const init = { method: 'POST', body: JSON.stringify(body) }
  return (await fetch(`${receiver.url}/chatroom/joined`, init)).status
}

test('CLI-40 what is no callback is refused with 400 and not told', async () => {
  expect(await send({})).toBe(400)
  expect(told).toEqual([])
})

test('CLI-40 a callback is told in one line', async () => {
  expect(await send(callback)).toBe(200)
  expect(told).toEqual([expect.stringMatching(/^← chatroom\/joined {2}大街小巷 .*小北/)])
})

test('CLI-40 the newer callbacks are told too, where somebody has switched them on', async () => {
  const body = JSON.stringify({
    chatId: '5dbe8287184b7cb41f52674e',
    botInfo: { imBotId: '1688', wecomUserId: 'xiaobei', nickName: '小北' },
    imRoomId: 'R:1',
    topic: '小街小巷',
    avatarUrl: '',
    ownerImContactId: '1688',
    groupId: '5dbe8287184b7cb41f52674f',
    timestamp: '1764000000000',
  })
  const { status } = await fetch(`${receiver.url}/room/topic`, { method: 'POST', body })
  expect(status).toBe(200)
  expect(told).toEqual([expect.stringMatching(/^← room\/topic {2}小街小巷 .*小北/)])
})

test('CLI-40 a test is told as what it is, and what only looks like one is not', async () => {
  const post = async (body: object) =>
    (await fetch(`${receiver.url}/callback/test`, { method: 'POST', body: JSON.stringify(body) })).status
  expect(await post(callback)).toBe(400)
  const group = callback.group
  expect(await post({ test: true, message: 'a \u001b[2J test', group, timestamp: '1764000000000' })).toBe(200)
  expect(told).toEqual(['← callback/test  a \uFFFD[2J test'])
})

test('CLI-41 a callback that breaks off does not end the demo', async () => {
  const faults: unknown[] = []
  const note = (fault: unknown) => void faults.push(fault)
  process.on('unhandledRejection', note)
  const headers = { expect: '100-continue' }
  const sending = request(`${receiver.url}/chatroom/joined`, { method: 'POST', headers })
  sending.flushHeaders()
  // The receiver has begun to read by then.
  await once(sending, 'continue')
  sending.on('error', () => {}).write('{"chatId":')
  sending.destroy()
  await new Promise(resolve => sending.once('close', resolve))
  expect(await send(callback)).toBe(200)
  await eventually('the callback after it', () => told.length === 1)
  process.off('unhandledRejection', note)
  expect(faults).toEqual([])
})

test('CLI-42 a stranger’s topic or nickname cannot steer the terminal', async () => {
  const botInfo = { ...callback.botInfo, nickName: '小\u202E北\r' }
  expect(await send({ ...callback, topic: '\u001B[2J大\n街', botInfo })).toBe(200)
  expect(told.join()).toContain('\uFFFD[2J大\uFFFD街')
  expect(told.join()).not.toMatch(/[\p{Cc}\u202E]/u)
})
