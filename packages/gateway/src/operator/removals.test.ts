import { eventually } from '@qunhub/testing/eventually.ts'
import { openOffice } from '@qunhub/testing/grounds/open-office.ts'
import type { ChatId } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import { removalsUnderWay, removeBot } from '../store/bots/remove-bot.ts'
import type { LeftChat } from '../store/rooms/rooms.ts'
import { setSwitches } from '../store/workspaces/workspaces.ts'
import { SECOND_MS } from '../system/clock.ts'
import { createRemovals } from './removals.ts'

/** An office in which the removals of so many bots have broken off, each in one room, and what may finish them. */
async function openScene(bots: number) {
  const office = await openOffice()
  onTestFinished(() => office.close())
  const { db, keyring } = office.deps
  const workspaceId = await office.workspaceNamed('甲')
  const chatOf = new Map<string, ChatId>()
  const broken = () => {
    throw new RangeError('the process ended')
  }
  await setSwitches(db, workspaceId, { roomLeft: true })
  for (let n = 0; n < bots; n++) {
    const given = { token: `puppet_token_${n}`, roomWxid: `R:${n}`, userId: `xiaobei${n}` }
    const { botId, chatId } = await office.botInRoom(workspaceId, given)
    chatOf.set(botId, chatId)
    await expect(removeBot(db, keyring, { workspaceId, botId }, 0, broken)).rejects.toThrow(RangeError)
  }
  const chats = async () => (await office.value('list-chats', { workspace: workspaceId })).chats
  expect(await chats()).toHaveLength(bots)
  return {
    db,
    chatOf,
    chats,
    /** Lets them be finished once, and waits until the courier has heard of each. */
    async finish(given: Pick<Partial<Parameters<typeof createRemovals>[0]>, 'oweForLeave'> = {}) {
      let wakes = 0
      const { clock } = office
      const removals = createRemovals({ ...office.deps, ...given, clock, wakeCourier: () => wakes++ })
      removals.start()
      clock.advance(SECOND_MS)
      await eventually('the courier hears of each', () => wakes >= bots)
      await removals.stop()
    },
  }
}

test('OP-41 a removal that broke off is finished soon after the gateway is started, and the courier hears of it', async () => {
  const { db, chats, finish } = await openScene(1)
  await finish()
  expect(await removalsUnderWay(db)).toEqual([])
  expect(await chats()).toEqual([])
})

test('OP-41 a removal that cannot be finished keeps no other from it', async () => {
  const { db, chatOf, chats, finish } = await openScene(2)
  const [first] = await removalsUnderWay(db)
  const its = chatOf.get(first!.botId)
  await finish({
    oweForLeave({ chat }: LeftChat) {
      if (chat.chatId === its) throw new RangeError('no body')
      return { kind: 'room/left', laneKey: chat.room.wxid, body: Buffer.from('{}') }
    },
  })
  expect(await removalsUnderWay(db)).toEqual([first])
  expect((await chats()).map(({ chatId }) => chatId)).toEqual([its])
})
