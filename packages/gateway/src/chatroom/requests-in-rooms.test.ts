import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import type { BotId, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import { RequestsInRooms } from './requests-in-rooms.ts'

const TENURE = { workspaceId: 'w' as WorkspaceId, botId: 'b' as BotId, fence: 1 }
const ROOM = 'R:1' as RoomWxid

test('BOT-250 an event of a room waits for all requests at work in it, a second at most, and for no others', async () => {
  const clock = new ManualClock(0)
  const requests = new RequestsInRooms()
  const over: string[] = []
  const waits = (name: string, room = ROOM, fence = 1) =>
    requests.over(clock, { ...TENURE, fence }, room).then(() => over.push(name))
  const [fails, hangs] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const failing = requests.run(TENURE, ROOM, () => fails.promise)
  const hanging = requests.run(TENURE, ROOM, () => hangs.promise)
  const waiting = waits('both')
  await Promise.all([waits('another room', 'R:2' as RoomWxid), waits('another tenure', ROOM, 2)])
  fails.reject(new Error('no puppet'))
  await expect(failing).rejects.toThrow('no puppet')
  expect(over).toEqual(['another room', 'another tenure'])
  clock.advance(999)
  expect(over).toHaveLength(2)
  clock.advance(1)
  await waiting
  const next = waits('the one that is left')
  hangs.resolve()
  await Promise.all([hanging, next])
  await waits('nobody')
  expect(over.slice(2)).toEqual(['both', 'the one that is left', 'nobody'])
})
