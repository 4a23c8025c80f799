import { openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { expect, test, vi } from 'vitest'
import { removalsUnderWay, removeBot } from '../store/bots/remove-bot.ts'
import { setSwitches } from '../store/workspaces/workspaces.ts'
import { SECOND_MS } from '../system/clock.ts'
import { createRemovals } from './removals.ts'

test('OP-41 a removal that broke off is finished soon after the gateway is started, and the courier hears of it', async () => {
  const office = await openOffice()
  try {
    const { db, keyring } = office.deps
    const workspaceId = await office.workspaceNamed('甲')
    const { botId } = await office.botInRoom(workspaceId)
    await setSwitches(db, workspaceId, { roomLeft: true })
    const broken = () => {
      throw new RangeError('the process ended')
    }
    await expect(removeBot(db, keyring, { workspaceId, botId }, 0, broken)).rejects.toThrow(RangeError)
    const chats = async () => (await office.value('list-chats', { workspace: workspaceId })).chats
    expect(await chats()).toHaveLength(1)

    let wakes = 0
    const removals = createRemovals({ ...office.deps, clock: office.clock, wakeCourier: () => wakes++ })
    removals.start()
    office.clock.advance(SECOND_MS)
    await vi.waitFor(() => expect(wakes).toBe(1))
    await removals.stop()
    expect(await removalsUnderWay(db)).toEqual([])
    expect(await chats()).toEqual([])
  } finally {
    await office.close()
  }
})
