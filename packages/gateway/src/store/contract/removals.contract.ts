import type { TagId, UserId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { listBotIds } from '../bots/bot-row.ts'
import { listBotSessions } from '../bots/bot-sessions.ts'
import { changeBot, listBots, saveBotAccount } from '../bots/bots.ts'
import { botsOfNodes, claimBots, countBots, finishStart } from '../bots/claim-bots.ts'
import { findBot, findBotsByUserId } from '../bots/find-bots.ts'
import { enterNode } from '../bots/nodes.ts'
import { finishRemoval, removalsUnderWay, removeBot } from '../bots/remove-bot.ts'
import type { Database, Transaction, WriteOptions } from '../database/database.ts'
import { BotMissing, FenceLost } from '../database/store-error.ts'
import { CHATS_LEFT_PER_WRITE_MAX } from '../rooms/leave-room.ts'
import { listContacts } from '../rooms/list-contacts.ts'
import { removeTag } from '../rooms/remove-tag.ts'
import type { LeftChat } from '../rooms/rooms.ts'
import { assignTag, listTags } from '../rooms/tags.ts'
import { setSwitches } from '../workspaces/workspaces.ts'
import {
  account,
  contact,
  keyring,
  NOON,
  type OpenStore,
  owed,
  room,
  Scene,
  tenureOf,
  wxidOf,
} from './scene.contract.ts'

/** What operators change of a bot or a tag, and take away. */
export function removalsContract(open: OpenStore): void {
  describe('what operators change and take away', () => {
    const nobody = (_: LeftChat) => null
    const remove = (scene: Scene, owe: (left: LeftChat) => ReturnType<typeof owed> | null = nobody) =>
      removeBot(scene.db, keyring, scene, NOON, owe)

    test('OP-41 a bot that is removed is in no list, goes by no name, is claimed by nobody and counted nowhere', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, botId } = scene
      await scene.meet(contact('lin'))
      await scene.save(room('街', ['lin']))
      await scene.save(room('巷', ['lin']))
      await enterNode(db, 'one', null)
      expect(await claimBots(db, keyring, 'one', 9)).toHaveLength(1)

      expect(await remove(scene)).toBe(2)
      expect(await scene.list()).toEqual([])
      expect(await listBots(db, keyring, workspaceId)).toEqual([])
      expect(await listBotIds(db, workspaceId)).toEqual([])
      expect(await listBotSessions(db, workspaceId)).toEqual([])
      expect(await findBot(db, keyring, workspaceId, botId)).toBeUndefined()
      expect(await findBotsByUserId(db, keyring, workspaceId, account('bei').userId)).toEqual([])
      expect(await claimBots(db, keyring, 'one', 9)).toEqual([])
      expect(await countBots(db, 'one')).toEqual({ all: 0, free: 0, mine: 0 })
      expect(await botsOfNodes(db)).toEqual(new Map())
      expect((await listContacts(db, workspaceId, { limit: 9 })).contacts).toEqual([])
      expect(await remove(scene)).toBeUndefined()
    })

    test('OP-41 whoever runs it is refused whatever it still wants to write, and its puppet token is kept no more', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, botId } = scene
      await remove(scene)
      await expect(scene.save(room('街', []))).rejects.toThrow(FenceLost)
      await expect(saveBotAccount(db, scene.tenure, account('nan'))).rejects.toThrow(FenceLost)
      const row = await db.first(
        db.query.selectFrom('bot').select('token_sealed').where('id', '=', botId).compile(),
      )
      expect(keyring.open(row!.token_sealed)).toBe('')
      expect(await remove({ ...scene, workspaceId, botId: 'f'.repeat(24) } as Scene)).toBeUndefined()
      await expect(
        saveBotAccount(db, tenureOf(workspaceId, 'f'.repeat(24) as never), account('nan')),
      ).rejects.toThrow(BotMissing)
    })

    test('OP-41 NB-6 that the bot left is owed for each of its chats where that is switched on, so many a write, and a removal that broke off is finished', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, botId } = scene
      await scene.listen()
      const self = contact('bei', { wxid: account('bei').wxid })
      const rooms = 2 * CHATS_LEFT_PER_WRITE_MAX + 3
      for (let n = 0; n < rooms; n++) await scene.save(room(`街${n}`, [self, 'lin']))
      await setSwitches(db, workspaceId, { roomLeft: true })
      let asked = 0
      const breaksOff = ({ chat: { room: left } }: LeftChat) => {
        if (++asked > CHATS_LEFT_PER_WRITE_MAX + 1) throw new RangeError('no body')
        return owed(`${left.topic} bei`, left.wxid)
      }
      await expect(remove(scene, breaksOff)).rejects.toThrow(new RangeError('no body'))
      // What is told is what has left the lists, and the rest is neither.
      expect(await scene.topics()).toHaveLength(rooms - CHATS_LEFT_PER_WRITE_MAX)
      expect(await scene.callbacks()).toHaveLength(CHATS_LEFT_PER_WRITE_MAX)
      expect(await remove(scene)).toBeUndefined()
      expect(await listBots(db, keyring, workspaceId)).toEqual([])

      expect(await removalsUnderWay(db)).toEqual([{ workspaceId, botId }])
      const finish = () =>
        finishRemoval(db, { workspaceId, botId }, NOON, ({ chat: { room: left }, self: [me] }) =>
          owed(`${left.topic} ${me!.contact.name}`, left.wxid),
        )
      // Two nodes may do so beside each other; one of them has finished it.
      expect((await Promise.all([finish(), finish()])).toSorted()).toEqual([false, true])
      expect(await finish()).toBe(false)
      expect(await removalsUnderWay(db)).toEqual([])
      expect(await scene.topics()).toEqual([])
      expect((await scene.callbacks()).toSorted()).toEqual(
        Array.from({ length: rooms }, (_, n) => `街${n}群 bei`).toSorted(),
      )
    })

    test('OP-41 a bot that logs in as another account leaves its chats so many a write, and is the other one with the last of them', async () => {
      const scene = await Scene.open(open)
      const { db, tenure } = scene
      const rooms = CHATS_LEFT_PER_WRITE_MAX + 3
      for (let n = 0; n < rooms; n++) await scene.save(room(`街${n}`, ['lin']))
      const left: number[] = []
      const counted: Database = Object.assign(Object.create(db), {
        write: (work: (tx: Transaction) => Promise<unknown>, options: WriteOptions) =>
          db.write(work, options).finally(async () => left.push((await scene.topics()).length)),
      })
      await saveBotAccount(counted, tenure, account('nan'))
      expect(left).toEqual([3, 0])
      expect(await scene.list()).toEqual([])
    })

    test('ST-17 where becoming another account breaks off it is still the first one, and the next login goes on', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, botId, tenure } = scene
      const rooms = CHATS_LEFT_PER_WRITE_MAX + 3
      for (let n = 0; n < rooms; n++) await scene.save(room(`街${n}`, ['lin']))
      let writes = 0
      const broken: Database = Object.assign(Object.create(db), {
        async write(work: (tx: Transaction) => Promise<unknown>, options: WriteOptions) {
          if (writes++ > 0) throw new RangeError('the process ended')
          return db.write(work, options)
        },
      })
      await expect(saveBotAccount(broken, tenure, account('nan'))).rejects.toThrow(RangeError)
      const known = async () => (await findBot(db, keyring, workspaceId, botId))!.account
      expect(await known()).toEqual(account('bei'))
      expect(await scene.topics()).toHaveLength(3)
      await saveBotAccount(db, tenure, account('nan'))
      expect(await known()).toEqual(account('nan'))
      expect(await scene.topics()).toEqual([])
    })

    test('OP-40 a bot that is changed is free at once, refuses its former node, and does not start again', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, botId } = scene
      await enterNode(db, 'one', null)
      const [first] = await claimBots(db, keyring, 'one', 9)
      await finishStart(db, { workspaceId, botId, fence: first!.fence })
      const address = { endpoint: '127.0.0.1:9', token: 'another_puppet', tls: true }
      expect(await changeBot(db, keyring, workspaceId, botId, { address })).toBe(true)
      await expect(
        saveBotAccount(db, tenureOf(workspaceId, botId, first!.fence), account('nan')),
      ).rejects.toThrow(FenceLost)

      const [again] = await claimBots(db, keyring, 'one', 9)
      expect(again).toMatchObject({ starting: false, bot: { address, expectedUserId: null } })
      const expectedUserId = 'lin' as UserId
      expect(await changeBot(db, keyring, workspaceId, botId, { expectedUserId })).toBe(true)
      expect(await findBot(db, keyring, workspaceId, botId)).toMatchObject({ address, expectedUserId })
      expect(await changeBot(db, keyring, workspaceId, 'f'.repeat(24) as never, { address })).toBe(false)
    })

    test('OP-27 a tag that is removed is on no chat, listed or left, and its list is gone', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const vip = await scene.tag('VIP')
      const other = await scene.tag('其他')
      for (const name of ['街', '巷', '店']) {
        const { chat } = await scene.save(room(name, [wxidOf('lin')]))
        for (const tag of [vip, other]) await assignTag(db, workspaceId, tag, chat.chatId)
      }
      await scene.leave('店')
      const before = (await scene.list()).map(({ revision }) => revision)
      expect(await removeTag(db, workspaceId, vip)).toBe(3)
      expect(await listTags(db, workspaceId)).toEqual([{ id: other, name: '其他', roomCount: 2 }])
      expect(await scene.list(vip)).toEqual([])
      expect(await scene.list(other)).toHaveLength(2)
      const after = await scene.list()
      expect(after.map(({ revision }) => revision)).not.toEqual(before)
      expect(after.some(({ row }) => row.includes('VIP'))).toBe(false)
      expect(await removeTag(db, workspaceId, vip)).toBeUndefined()
      expect(await removeTag(db, workspaceId, 'e'.repeat(24) as TagId)).toBeUndefined()
    })
  })
}
