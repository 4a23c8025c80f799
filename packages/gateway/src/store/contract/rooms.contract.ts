import type { BotId, ChatId, ContactWxid, TagId, WorkspaceId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { chatIdOf, type Room } from '../../model/room.ts'
import { saveBotAccount, saveExpectedUserId } from '../bots/bots.ts'
import { findBot } from '../bots/find-bots.ts'
import { takeAccount } from '../bots/take-account.ts'
import { BotMissing } from '../database/store-error.ts'
import { storeTime } from '../database/store-time.ts'
import { readSketches } from '../rooms/chat-sketches.ts'
import { findContacts } from '../rooms/find-contacts.ts'
import {
  chatsOfMember,
  findChat,
  type LeftChat,
  leaveRoom,
  listChatsOfBot,
  pageOfChats,
  readChats,
  whoKnowsRoom,
} from '../rooms/rooms.ts'
import { searchRooms } from '../rooms/search-rooms.ts'
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
  roomWxidOf,
  Scene,
  wxidOf,
} from './scene.contract.ts'

/** How rooms, their members and what is owed for them are kept. */
export function roomsContract(open: OpenStore): void {
  describe('saveRoom', () => {
    test('CB-4 if the callback cannot be made, the room is not saved', async () => {
      const scene = await Scene.open(open)
      await scene.listen()
      const owe = () => {
        throw new RangeError('no body')
      }
      await expect(scene.save(room('街', ['lin']), { owe })).rejects.toThrow(new RangeError('no body'))
      expect(await scene.list()).toEqual([])
      expect(await scene.callbacks()).toEqual([])
      expect(
        await findContacts(scene.db, scene.workspaceId, scene.botId, { wxids: [wxidOf('lin')] }),
      ).toEqual([])
    })

    test('CB-4 the room and the callback that it owes are kept together', async () => {
      const scene = await Scene.open(open)
      await scene.listen()
      await scene.save(room('街', ['lin']), { owe: ({ chat }) => owed(chat.room.topic) })
      expect(await scene.topics()).toEqual(['街群'])
      expect(await scene.callbacks()).toEqual(['街群'])
    })

    test('ST-10 nothing is owed where nobody listens, and nothing when nothing is asked for', async () => {
      const scene = await Scene.open(open)
      await scene.save(room('街', []), { owe: () => owed('unheard') })
      await scene.listen()
      await scene.save(room('街', []))
      expect(await scene.callbacks()).toEqual([])
    })

    test('ST-11 a bot that is gone, or never logged in, has no room saved', async () => {
      const scene = await Scene.open(open)
      const nobody = 'f'.repeat(24) as BotId
      await expect(scene.save(room('街', ['lin']), { botId: nobody })).rejects.toThrow(BotMissing)
      expect(await scene.list()).toEqual([])
    })

    test('ST-12 what is saved is what is read, under the chat id that was known beforehand', async () => {
      const scene = await Scene.open(open)
      const lin = contact('lin', {
        corporation: '林记',
        isFriend: false,
        coworker: true,
        type: 3,
        gender: 2,
        alias: '小林',
      })
      const seen = room('街', [lin, 'mo'], {
        ownerId: lin.wxid,
        external: false,
        wecomChatId: 'wr1',
        avatarUrl: 'http://a',
      })
      const { chat, entered, changed } = await scene.save(seen)
      expect({ entered, changed }).toEqual({ entered: true, changed: true })
      expect(chat).toEqual({
        chatId: chatIdOf(scene.workspaceId, account('bei').wxid, seen.wxid),
        workspaceId: scene.workspaceId,
        bot: { wxid: account('bei').wxid, weixin: 'user-bei', nickName: '小bei' },
        room: seen,
        labels: [],
        showWecomChatId: false,
      })
      expect(await findChat(scene.db, scene.workspaceId, chat.chatId)).toEqual(chat)
    })

    test('NB-6 CB-3 a save says who joined, who left and whether the topic is new, but not of a room just entered', async () => {
      const scene = await Scene.open(open)
      await setSwitches(scene.db, scene.workspaceId, { roomLeft: true })
      const self = contact('bei', { wxid: account('bei').wxid })
      const told = async (names: readonly string[], but: Partial<Room> = {}) => {
        const { joined, left, renamed } = await scene.save(room('街', [self, ...names], but))
        return {
          joined: joined.map(member => member.contact.name),
          left: left.map(member => member.contact.name),
          renamed,
        }
      }
      const nothing = { joined: [], left: [], renamed: false }
      expect(await told(['a', 'b'])).toEqual(nothing)
      expect(await told(['a', 'b'])).toEqual(nothing)
      expect(await told(['b', 'a', 'c'])).toEqual({ ...nothing, joined: ['c'] })
      expect(await told(['c', 'd'], { topic: '新' })).toEqual({
        joined: ['d'],
        left: ['a', 'b'],
        renamed: true,
      })
      await scene.leave('街')
      expect(await told(['e'], { topic: '又新' })).toEqual(nothing)
    })

    test('NB-6 the bot itself is told neither as joined nor as left by a save', async () => {
      const scene = await Scene.open(open)
      await setSwitches(scene.db, scene.workspaceId, { roomLeft: true })
      const self = contact('bei', { wxid: account('bei').wxid })
      await scene.save(room('街', [self, 'a']))
      expect(await scene.save(room('街', ['a']))).toMatchObject({ joined: [], left: [] })
      expect(await scene.save(room('街', [self, 'a']))).toMatchObject({ joined: [], left: [] })
    })

    test('NB-6 where nobody wants to hear who left, nobody is looked up; the switches are told with the save', async () => {
      const scene = await Scene.open(open)
      await scene.save(room('街', ['a', 'b']))
      const page = { chatroomJoined: true, chatroomLoaded: true }
      const newer = { joinedOnAnyMember: false, roomJoined: false, roomLeft: false, roomTopic: false }
      const off = { ...page, ...newer }
      expect(await scene.save(room('街', ['a']))).toMatchObject({ left: [], switches: off })
      await setSwitches(scene.db, scene.workspaceId, { joinedOnAnyMember: true, roomTopic: true })
      const { switches } = await scene.save(room('街', ['a']))
      expect(switches).toEqual({ ...off, joinedOnAnyMember: true, roomTopic: true })
    })

    test('RW-1 members stand in the order of joining, through joins, leaves and a new order', async () => {
      const scene = await Scene.open(open)
      const orders = [
        ['a', 'b', 'c'],
        ['a', 'c'],
        ['a', 'c', 'd', 'e'],
        ['z', 'a', 'c', 'd', 'e'],
        ['e', 'd', 'c'],
        [],
        ['c', 'b'],
      ]
      for (const names of orders) {
        const { chat } = await scene.save(room('街', names))
        const kept = await findChat(scene.db, scene.workspaceId, chat.chatId)
        expect(kept!.room.members.map(member => member.contact.name)).toEqual(names)
      }
    })

    test('RW-3 a member that the puppet names twice is one member', async () => {
      const scene = await Scene.open(open)
      const { chat } = await scene.save(room('街', ['a', 'b', 'a']))
      expect(chat.room.members).toHaveLength(2)
      expect(await findChat(scene.db, scene.workspaceId, chat.chatId)).toEqual(chat)
    })

    test('ST-13 a room of 500 members is kept whole, and one who leaves is one row less', async () => {
      const scene = await Scene.open(open)
      const names = Array.from({ length: 500 }, (_, i) => `m${i}`)
      await scene.save(room('大', names))
      const { chat, changed } = await scene.save(room('大', names.toSpliced(3, 1)))
      expect(changed).toBe(true)
      expect((await findChat(scene.db, scene.workspaceId, chat.chatId))!.room.members).toHaveLength(499)
      expect((await scene.save(room('大', names.toSpliced(3, 1)))).changed).toBe(false)
    })

    test('G-5 a puppet that sends NUL and lone surrogates breaks neither the room nor the list', async () => {
      const scene = await Scene.open(open)
      const hostile = '"\0\ud800 \udfff\u2028\'; drop table chat; --'
      const clean = '"\ufffd\ufffd \ufffd\u2028\'; drop table chat; --'
      const nasty = contact('x', {
        name: hostile,
        alias: hostile,
        avatarUrl: hostile,
        corporation: hostile,
        handle: hostile,
        unionId: hostile,
      })
      const seen = room('街', [{ ...nasty, wxid: hostile as ContactWxid }, nasty], {
        topic: hostile,
        avatarUrl: hostile,
        wecomChatId: hostile,
      })
      const { chat } = await scene.save({ ...seen, wxid: hostile as never, ownerId: hostile as never })
      expect(chat.room).toMatchObject({
        wxid: clean,
        topic: clean,
        avatarUrl: clean,
        ownerId: clean,
        wecomChatId: clean,
      })
      expect(chat.room.members.map(member => member.contact.wxid)).toEqual([clean, wxidOf('x')])
      expect(await findChat(scene.db, scene.workspaceId, chat.chatId)).toEqual(chat)
      expect((await scene.save({ ...seen, wxid: hostile as never, ownerId: hostile as never })).changed).toBe(
        false,
      )
      expect(await chatsOfMember(scene.db, scene.workspaceId, clean)).toHaveLength(1)
      expect(await leaveRoom(scene.db, scene.tenure, hostile as never, NOON)).toBe(true)
    })

    test('ST-14 an official chat id and a unionId that the puppet does not tell this time are kept', async () => {
      const scene = await Scene.open(open)
      await scene.save(room('街', [contact('lin', { unionId: 'o1' })], { wecomChatId: 'wr1' }))
      const { chat, changed } = await scene.save(room('街', [contact('lin', { unionId: null })]))
      expect(changed).toBe(false)
      expect(chat.room.wecomChatId).toBe('wr1')
      expect(chat.room.members[0]!.contact.unionId).toBe('o1')
    })
  })

  describe('leaving and coming back', () => {
    test('EX-20 a chat that was left disappears from every list and keeps its tags and its id for the return', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, botId } = scene
      const { chat } = await scene.save(room('街', ['lin']))
      await scene.save(room('巷', ['lin']))
      const vip = await scene.tag('VIP')
      await assignTag(db, workspaceId, vip, chat.chatId)

      expect(await scene.leave('街')).toBe(true)
      expect(await scene.topics()).toEqual(['巷群'])
      expect(await scene.topics(vip)).toEqual([])
      expect(await chatsOfMember(db, workspaceId, wxidOf('lin'))).toHaveLength(1)
      expect(await listChatsOfBot(db, workspaceId, botId)).toHaveLength(1)
      expect((await searchRooms(db, workspaceId, {}, { limit: 9 })).rooms).toHaveLength(1)
      expect(await listTags(db, workspaceId)).toEqual([{ id: vip, name: 'VIP', roomCount: 0 }])
      expect(await whoKnowsRoom(db, workspaceId, roomWxidOf('街'))).toEqual([{ botId, left: true }])

      const back = await scene.save(room('街', ['lin']))
      expect(back).toMatchObject({
        entered: true,
        changed: true,
        chat: { chatId: chat.chatId, labels: [{ id: vip }] },
      })
      expect(await scene.topics()).toEqual(['街群', '巷群'])
      expect(await scene.topics(vip)).toEqual(['街群'])
      expect(await listTags(db, workspaceId)).toEqual([{ id: vip, name: 'VIP', roomCount: 1 }])
    })

    test('ST-15 leaving a room that the bot is not in says so', async () => {
      const scene = await Scene.open(open)
      await scene.save(room('街', []))
      expect(await scene.leave('巷')).toBe(false)
      expect(await scene.leave('街')).toBe(true)
      expect(await scene.leave('街')).toBe(false)
    })

    test('ST-145 what is told of a room has the time of the store where nodes share it, and else that of who saves', async () => {
      const scene = await Scene.open(open)
      const before = await storeTime(scene.db)
      const { storedAt } = await scene.save(room('街', []))
      if (before === null) expect(storedAt).toBe(NOON)
      else expect(storedAt).toBeGreaterThanOrEqual(before)
    })

    test('ST-16 a room entered for the first time is entered; seen again it is not', async () => {
      const scene = await Scene.open(open)
      const entered = []
      for (const _ of [1, 2]) entered.push((await scene.save(room('街', ['lin']))).entered)
      expect(entered).toEqual([true, false])
    })

    test('ST-17 a bot that logs in as another account leaves the rooms of the first, and finds them when it returns', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, botId } = scene
      const { chat } = await scene.save(room('街', ['lin']))
      await saveBotAccount(db, scene.tenure, account('nan'))
      expect(await scene.list()).toEqual([])

      const other = await scene.save(room('街', ['lin']))
      expect(other).toMatchObject({ entered: true, chat: { bot: { nickName: '小nan' } } })
      expect(other.chat.chatId).not.toBe(chat.chatId)
      expect(await whoKnowsRoom(db, workspaceId, roomWxidOf('街'))).toEqual([{ botId, left: false }])

      await saveBotAccount(db, scene.tenure, account('bei'))
      expect(await whoKnowsRoom(db, workspaceId, roomWxidOf('街'))).toEqual([{ botId, left: true }])
      expect((await scene.save(room('街', ['lin']))).chat.chatId).toBe(chat.chatId)
    })
  })

  test('BOT-125 an account that is not the bot’s is kept nowhere and leaves no room, until it is the expected one', async () => {
    const scene = await Scene.open(open)
    const { db, tenure, workspaceId, botId } = scene
    await scene.save(room('街', ['lin']))
    expect(await takeAccount(db, keyring, tenure, account('nan'))).toBe(false)
    expect((await findBot(db, keyring, workspaceId, botId))!.account).toEqual(account('bei'))
    expect(await scene.list()).toHaveLength(1)

    await saveExpectedUserId(db, workspaceId, botId, account('nan').userId)
    expect(await takeAccount(db, keyring, tenure, account('nan'))).toBe(true)
    expect((await findBot(db, keyring, workspaceId, botId))!.account).toEqual(account('nan'))
    expect(await scene.list()).toEqual([])
  })

  describe('what leaving owes', () => {
    test('NB-6 nothing where nobody wants to hear it, or the bot was not in; then nobody is even asked', async () => {
      const scene = await Scene.open(open)
      await scene.listen()
      await scene.save(room('街', ['lin']))
      const unasked = () => {
        throw new RangeError('asked')
      }
      const leave = (name: string) => leaveRoom(scene.db, scene.tenure, roomWxidOf(name), NOON, unasked)
      expect(await leave('街')).toBe(true)
      await setSwitches(scene.db, scene.workspaceId, { roomLeft: true })
      expect(await leave('街')).toBe(false)
      expect(await leave('巷')).toBe(false)
      expect(await scene.callbacks()).toEqual([])
    })

    test('NB-6 CB-4 if the callback cannot be made, the bot has not left', async () => {
      const scene = await Scene.open(open)
      await setSwitches(scene.db, scene.workspaceId, { roomLeft: true })
      await scene.save(room('街', ['lin']))
      const owe = () => {
        throw new RangeError('no body')
      }
      const leaving = leaveRoom(scene.db, scene.tenure, roomWxidOf('街'), NOON, owe)
      await expect(leaving).rejects.toThrow(new RangeError('no body'))
      expect(await scene.topics()).toEqual(['街群'])
    })

    test('NB-6 CB-4 the callback is owed with the leaving, told with the chat and the bot as they were known', async () => {
      const scene = await Scene.open(open)
      await scene.listen()
      await setSwitches(scene.db, scene.workspaceId, { roomLeft: true })
      const self = contact('bei', { wxid: account('bei').wxid })
      const seen = room('街', [self, 'lin'], { ownerId: wxidOf('lin'), avatarUrl: 'http://a' })
      const { chat } = await scene.save(seen)
      const told: LeftChat[] = []
      await leaveRoom(scene.db, scene.tenure, seen.wxid, NOON, left => {
        told.push(left)
        return owed('left')
      })
      const { chatId, workspaceId, bot } = chat
      const { wxid, topic, avatarUrl, ownerId } = seen
      expect(told).toEqual([
        {
          chat: { chatId, workspaceId, bot, room: { wxid, topic, avatarUrl, ownerId } },
          self: [{ contact: self, roomAlias: null }],
          storedAt: expect.any(Number),
        },
      ])
      expect(await scene.callbacks()).toEqual(['left'])
      expect(await scene.list()).toEqual([])
    })
  })

  describe('lists of rooms', () => {
    test('LM-2 two bots in one room give two chats, oldest first, each with its own view of a member', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const nan = await scene.hostBot(account('nan'))
      await scene.save(room('街', [contact('lin', { isFriend: false })]), { botId: nan })
      await scene.save(room('街', [contact('lin', { isFriend: true })]))
      const chats = await chatsOfMember(db, workspaceId, wxidOf('lin'))
      const read = await readChats(
        db,
        workspaceId,
        chats.map(({ chatId }) => chatId),
      )
      expect(read.map(chat => [chat.bot.nickName, chat.room.members[0]!.contact.isFriend])).toEqual([
        ['小nan', false],
        ['小bei', true],
      ])
      expect(await whoKnowsRoom(db, workspaceId, roomWxidOf('街'))).toEqual([
        { botId: nan, left: false },
        { botId: scene.botId, left: false },
      ])
    })

    test('LM-5 an externalUserId names everybody who goes by it, each chat once, oldest first', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const nan = await scene.hostBot(account('nan'))
      const handle = `wm${'x'.repeat(30)}`
      const lin = contact('lin', { handle })
      const linOfNan = contact('lin-of-nan', { handle })
      const first = await scene.save(room('街', [linOfNan]), { botId: nan })
      const second = await scene.save(room('街', [lin]))
      const third = await scene.save(room('巷', [lin, linOfNan]))
      await scene.save(room('别', [contact('mo')]))
      const chats = await chatsOfMember(db, workspaceId, handle)
      expect(chats.map(({ chatId }) => chatId)).toEqual([first, second, third].map(({ chat }) => chat.chatId))
      expect(chats.slice(1)).toEqual(await chatsOfMember(db, workspaceId, lin.wxid))
      expect(await chatsOfMember(db, workspaceId, `wm${'y'.repeat(30)}`)).toEqual([])
    })

    test('ST-18 chats are read in the order asked for, the unknown left out, however many', async () => {
      const scene = await Scene.open(open)
      const saved = await Promise.all(
        Array.from({ length: 45 }, (_, i) => scene.save(room(`${i}`, ['lin', `m${i}`]))),
      )
      const wanted = saved.map(({ chat }) => chat).toReversed()
      const asked = wanted.flatMap(({ chatId }) => [chatId, '0'.repeat(24) as ChatId])
      expect(await readChats(scene.db, scene.workspaceId, asked)).toEqual(wanted)
      expect(await readChats(scene.db, scene.workspaceId, [])).toEqual([])
    })

    test('ST-19 chats are found by bot and by a part of the topic, which is no pattern', async () => {
      const scene = await Scene.open(open)
      const nan = await scene.hostBot(account('nan'))
      await scene.save(room('1', ['lin'], { topic: '100%大街' }))
      await scene.save(room('2', [], { topic: '100 大街' }))
      await scene.save(room('3', [], { topic: '小巷' }), { botId: nan })
      const found = async (by: { botId?: BotId; topic?: string }, limit = 9) =>
        (
          await readSketches(
            scene.db,
            scene.workspaceId,
            (
              await searchRooms(scene.db, scene.workspaceId, by, { limit })
            ).rooms,
          )
        ).map(chat => chat.topic)
      expect(await found({})).toEqual(['100%大街', '100 大街', '小巷'])
      expect(await found({}, 1)).toEqual(['100%大街'])
      expect(await found({ topic: '%' })).toEqual(['100%大街'])
      expect(await found({ topic: '大街' })).toEqual(['100%大街', '100 大街'])
      expect(await found({ botId: nan, topic: '巷' })).toEqual(['小巷'])
      expect(await found({ botId: nan, topic: '街' })).toEqual([])
      expect((await searchRooms(scene.db, scene.workspaceId, {}, { limit: 1 })).rooms[0]).toMatchObject({
        ...{ botId: scene.botId, roomWxid: 'R:1' },
      })
    })

    test('LT-2 a tag that nobody knows has no chats', async () => {
      const scene = await Scene.open(open)
      await scene.save(room('街', []))
      const page = { offset: 0, limit: 20 }
      const nothing = { rows: [], total: 0 }
      expect(await pageOfChats(scene.db, scene.workspaceId, 'no such tag', page)).toEqual(nothing)
      expect(await pageOfChats(scene.db, 'f'.repeat(24) as WorkspaceId, null, page)).toEqual(nothing)
      expect(await pageOfChats(scene.db, scene.workspaceId, 'a'.repeat(24) as TagId, page)).toEqual(nothing)
    })
  })
}
