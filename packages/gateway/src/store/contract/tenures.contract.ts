import { describe, expect, test } from 'vitest'
import { type BotSession, NO_PAST } from '../../model/bot.ts'
import { listBotMoves, saveBotMove } from '../bots/bot-moves.ts'
import { saveAnswersDings, saveBotAccount, saveBotAddress } from '../bots/bots.ts'
import { claimBots, countBots, finishStart, releaseBot } from '../bots/claim-bots.ts'
import { enterNode, leaveNode, listNodes, reapNode, removeEveryNode } from '../bots/nodes.ts'
import { FenceLost } from '../database/store-error.ts'
import { saveContacts } from '../rooms/contacts.ts'
import { leaveRoom, saveRoom } from '../rooms/rooms.ts'
import {
  account,
  beatNode,
  contact,
  keyring,
  moveTo,
  NOON,
  type OpenStore,
  offline,
  room,
  roomWxidOf,
  Scene,
} from './scene.contract.ts'

/** Who runs which bot, and what a former node can still do: nothing. */
export function tenuresContract(open: OpenStore): void {
  const opened = async () => {
    const scene = await Scene.open(open)
    await enterNode(scene.db, 'one', '127.0.0.1:1')
    return scene
  }
  const claim = (scene: Scene, node: string, limit = 10) => claimBots(scene.db, keyring, node, limit)

  describe('tenures', () => {
    test('NODE-5 whatever a former node wants to write about its bot is refused, and nothing is changed', async () => {
      const scene = await opened()
      const { db, workspaceId, botId } = scene
      await scene.save(room('街', ['lin']))
      const before = await scene.list()
      const [first] = await claim(scene, 'one')
      const former = { workspaceId, botId, fence: first!.fence }
      await leaveNode(db, 'one')
      await enterNode(db, 'two', null)
      const [second] = await claim(scene, 'two')
      expect(second!.fence).toBeGreaterThan(former.fence)

      const writes = [
        () => saveRoom(db, { tenure: former, room: room('街', ['mo']), at: NOON }, () => null),
        () => saveRoom(db, { tenure: former, room: room('巷', []), at: NOON }, () => null),
        () => leaveRoom(db, former, roomWxidOf('街'), NOON),
        () => saveContacts(db, former, [contact('lin', { name: '假' })]),
        () => saveBotAccount(db, former, account('nan')),
        () => saveBotMove(db, former, moveTo(offline('stale'))),
        () => finishStart(db, former),
      ]
      for (const write of writes) await expect(write()).rejects.toThrow(FenceLost)
      expect(await scene.list()).toEqual(before)
      expect(await listBotMoves(db, workspaceId, botId, 9)).toEqual([])

      await releaseBot(db, former)
      expect(await countBots(db, 'two')).toEqual({ all: 1, free: 0, mine: 1 })
      const present = { ...former, fence: second!.fence }
      expect(await saveContacts(db, present, [contact('lin', { name: '真' })])).toBe(1)
    })

    test('NODE-6 nobody claims for a node that is not there, or what another one runs', async () => {
      const scene = await opened()
      expect(await claim(scene, 'nobody')).toEqual([])
      expect(await claim(scene, 'one')).toHaveLength(1)
      await enterNode(scene.db, 'two', null)
      expect(await claim(scene, 'two')).toEqual([])
      expect(await countBots(scene.db, 'two')).toEqual({ all: 1, free: 0, mine: 0 })
    })

    test('NODE-6 of two that claim at once each bot goes to one', async () => {
      const scene = await opened()
      for (const name of ['nan', 'dong', 'xi', 'zhong']) await scene.hostBot(account(name))
      await enterNode(scene.db, 'two', null)
      const claimed = (
        await Promise.all([claim(scene, 'one'), claim(scene, 'two'), claim(scene, 'one', 2)])
      ).flat()
      expect(new Set(claimed.map(({ bot }) => bot.id)).size).toBe(claimed.length)
      expect((await countBots(scene.db, 'one')).free + claimed.length).toBe(5)
    })

    test('NODE-7 only a beat that has stood still is reaped; then its bots are free, and it cannot come back', async () => {
      const scene = await opened()
      const { db } = scene
      await enterNode(db, 'two', '127.0.0.1:2')
      await claim(scene, 'one')
      const seen = (await listNodes(db)).find(({ id }) => id === 'one')!
      expect(await beatNode(db, 'one')).toBe(true)
      expect(await reapNode(db, 'one', seen.beat)).toBe(false)

      const still = (await listNodes(db)).find(({ id }) => id === 'one')!
      expect(still.beat).toBeGreaterThan(seen.beat)
      expect(await reapNode(db, 'one', still.beat)).toBe(true)
      expect(await beatNode(db, 'one')).toBe(false)
      expect(await claim(scene, 'one')).toEqual([])
      expect((await listNodes(db)).map(({ id, address }) => [id, address])).toEqual([['two', '127.0.0.1:2']])
      expect(await claim(scene, 'two')).toHaveLength(1)
    })

    test('CB-1 a bot starts until its start is finished, whoever runs it; then it goes on with whoever was there', async () => {
      const scene = await opened()
      const { db, workspaceId, botId } = scene
      await enterNode(db, 'two', null)
      const [first] = await claim(scene, 'one')
      expect(first!.starting).toBe(true)

      await leaveNode(db, 'one')
      const [second] = await claim(scene, 'two')
      expect(second!.starting).toBe(true)
      await finishStart(db, { workspaceId, botId, fence: second!.fence })

      await enterNode(db, 'three', null)
      await releaseBot(db, { workspaceId, botId, fence: second!.fence })
      const [third] = await claim(scene, 'three')
      expect(third!.starting).toBe(false)
    })

    test('BOT-260 BOT-263 whoever claims a bot is told how it was left: with a stream, answering dings, deaf', async () => {
      const scene = await opened()
      const { db, workspaceId, botId } = scene
      const again = async () => {
        await removeEveryNode(db)
        await enterNode(db, 'one', null)
        return (await claim(scene, 'one'))[0]!
      }
      const first = await again()
      expect(first.past).toEqual(NO_PAST)
      let tenure = { workspaceId, botId, fence: first.fence }
      await saveAnswersDings(db, tenure)
      const deaf = { since: NOON - 5, stage: 'operator' } as const
      await saveBotMove(db, tenure, moveTo({ ...offline('unheard'), deaf } as BotSession))
      const second = await again()
      expect(second.past).toEqual({ hadStream: true, answersDings: true, deafSince: NOON - 5 })
      await expect(saveAnswersDings(db, tenure)).rejects.toThrow(FenceLost)

      tenure = { ...tenure, fence: second.fence }
      // Nothing was heard yet, and the slot was somebody else's: it is as deaf as before.
      await saveBotMove(db, tenure, moveTo({ state: 'connecting', since: NOON }))
      await saveBotMove(db, tenure, moveTo({ state: 'occupied', since: NOON, nextTryAt: NOON }, { seq: 2 }))
      const third = await again()
      expect(third.past).toEqual({ hadStream: false, answersDings: true, deafSince: NOON - 5 })

      tenure = { ...tenure, fence: third.fence }
      await saveBotMove(db, tenure, moveTo({ state: 'online', since: NOON, account: account('bei') }))
      expect((await again()).past).toEqual({ hadStream: true, answersDings: true, deafSince: null })
      await saveBotAddress(db, keyring, workspaceId, botId, {
        ...{ endpoint: '127.0.0.1:9', token: 'another_puppet', tls: false },
      })
      expect((await again()).past).toEqual({ hadStream: true, answersDings: false, deafSince: null })
    })

    test('CB-1 a bot starts anew with a node that was not there yet when its last node went', async () => {
      const scene = await opened()
      const { db, workspaceId, botId } = scene
      const [first] = await claim(scene, 'one')
      await finishStart(db, { workspaceId, botId, fence: first!.fence })
      // Killed: its last sign of life is older than the newcomer, even though it is reaped after the newcomer came.
      const { beat } = (await listNodes(db))[0]!
      await enterNode(db, 'newcomer', null)
      expect(await reapNode(db, 'one', beat)).toBe(true)
      expect((await claim(scene, 'newcomer'))[0]!.starting).toBe(true)
    })

    test('NODE-8 the only process on a store frees everything when it enters', async () => {
      const scene = await opened()
      await claim(scene, 'one')
      await removeEveryNode(scene.db)
      expect(await listNodes(scene.db)).toEqual([])
      expect(await countBots(scene.db, 'one')).toEqual({ all: 1, free: 1, mine: 0 })
    })
  })
}
