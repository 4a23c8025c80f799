import { openOffice } from '@qunhub/testing/grounds/open-office.ts'
import type { BotId, ChatId, ContactWxid, RoomWxid, UserId, WorkspaceId } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import { done } from '../model/result.ts'
import { HOUR_MS } from '../system/clock.ts'
import { createAnswerMemory } from './answer-memory.ts'

test('CR-25 ST-145 however far the clocks of nodes are apart, a key has one age: the store’s', async () => {
  const office = await openOffice()
  onTestFinished(() => office.close())
  const workspaceId: WorkspaceId = await office.workspaceNamed('甲')
  const { botId }: { botId: BotId } = await office.botInRoom(workspaceId)
  const { db } = office.deps
  let storeTime = 1_000_000_000_000
  const nodes = [0, 1].map(() => createAnswerMemory({ db, now: async () => storeTime }))

  const ask = { botUserId: 'u' as UserId, wxids: ['w1', 'w2'] as ContactWxid[], userIds: [], unionIds: [] }
  let made = 0
  const askOf = (node: number) =>
    nodes[node]!.once(workspaceId, 'key', ask, async attempt => {
      await attempt.note({ workspaceId, botId, fence: 0 }, { lastOrdinal: 0, unkept: [] })
      made++
      return done({ chatId: `c${made}` as ChatId, roomWxid: `R:${made}` as RoomWxid })
    })
  const first = await askOf(0)
  storeTime += 23 * HOUR_MS
  expect(await askOf(1)).toEqual(first)
  expect(made).toBe(1)
  storeTime += 2 * HOUR_MS
  await askOf(1)
  expect(made).toBe(2)
})
