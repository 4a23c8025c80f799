import { noteStatements } from '@qunhub/testing/note-statements.ts'
import type { ChatId, TagId, UserId, WorkspaceId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { saveBotMove } from '../bots/bot-moves.ts'
import { listBotSessions } from '../bots/bot-sessions.ts'
import { addBot, listBots, saveBotAccount, saveBotAddress } from '../bots/bots.ts'
import { findBot, findBotsByUserId } from '../bots/find-bots.ts'
import type { Statement } from '../database/database.ts'
import { FenceLost, StoreError, TokenTaken } from '../database/store-error.ts'
import { findContacts } from '../rooms/find-contacts.ts'
import { listContacts } from '../rooms/list-contacts.ts'
import { findChat, pageOfChats, readChats } from '../rooms/rooms.ts'
import {
  addTag,
  assignTag,
  assignTags,
  listTags,
  renameTag,
  unassignTag,
  unassignTags,
  unknownChats,
} from '../rooms/tags.ts'
import {
  findAnswer,
  forgetAnswers,
  isInAnAnswer,
  saveAnswer,
  takeKey,
  takeKeyFor,
} from '../workspaces/idempotency.ts'
import { findToken, issueToken, listTokens, revokeToken } from '../workspaces/tokens.ts'
import { addWorkspace, findWorkspace, listWorkspaces, setSwitches } from '../workspaces/workspaces.ts'
import {
  account,
  contact,
  keyring,
  moveTo,
  NOON,
  type OpenStore,
  offline,
  room,
  Scene,
  tenureOf,
  wxidOf,
} from './scene.contract.ts'

/** Workspaces, tokens, bots, contacts, tags and answers: written, found, listed, changed. */
export function recordsContract(open: OpenStore): void {
  const nowhere = 'f'.repeat(24) as WorkspaceId

  describe('workspaces', () => {
    test('ST-30 a workspace is found as it was added, with its switches as they are by default, until they are set', async () => {
      const { db, random } = await Scene.open(open)
      const added = await addWorkspace(db, random, { name: '二组', at: NOON + 1 })
      expect(added).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        name: '二组',
        createdAt: NOON + 1,
        showWecomChatId: false,
        paceAdditions: false,
        verifyAdditions: false,
        chatroomJoined: true,
        chatroomLoaded: true,
        joinedOnAnyMember: false,
        roomJoined: false,
        roomLeft: false,
        roomTopic: false,
      })
      expect(await findWorkspace(db, added.id)).toEqual(added)
      const some = { showWecomChatId: true, joinedOnAnyMember: true, roomLeft: true, chatroomJoined: false }
      expect(await setSwitches(db, added.id, some)).toBe(true)
      expect(await findWorkspace(db, added.id)).toEqual({ ...added, ...some })
      const others = { paceAdditions: true, roomJoined: true, roomLeft: false, chatroomLoaded: false }
      expect(await setSwitches(db, added.id, others)).toBe(true)
      expect(await findWorkspace(db, added.id)).toEqual({ ...added, ...some, ...others })
      expect((await listWorkspaces(db)).map(({ name }) => name)).toEqual(['小组', '二组'])
    })

    test('ST-31 a workspace that is not there is not found and has no switches', async () => {
      const { db } = await Scene.open(open)
      expect(await findWorkspace(db, nowhere)).toBeUndefined()
      expect(await setSwitches(db, nowhere, { showWecomChatId: true })).toBe(false)
      expect(await setSwitches(db, nowhere, { roomLeft: true })).toBe(false)
    })
  })

  describe('tokens', () => {
    test('G-4 a token that was never issued, or is revoked, finds no workspace', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const { id, token } = await issueToken(db, keyring, random, workspaceId, { label: '商城', at: NOON })
      for (const wrong of ['', token.slice(1), `${token}x`, token.toUpperCase()])
        expect(await findToken(db, keyring, wrong)).toBeUndefined()
      expect(await revokeToken(db, workspaceId, id, NOON + 1)).toBe(true)
      expect(await revokeToken(db, workspaceId, id, NOON + 2)).toBe(false)
      expect(await findToken(db, keyring, token)).toBeUndefined()
      expect(await listTokens(db, workspaceId)).toEqual([
        { id, label: '商城', realm: 'api', createdAt: NOON, revokedAt: NOON + 1 },
      ])
    })

    test('MG-1 a token finds its workspace in its own realm only', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const issued = { label: '', at: NOON }
      const page = await issueToken(db, keyring, random, workspaceId, issued)
      const manage = await issueToken(db, keyring, random, workspaceId, { ...issued, realm: 'manage' })
      expect(await findToken(db, keyring, page.token, 'manage')).toBeUndefined()
      expect(await findToken(db, keyring, manage.token)).toBeUndefined()
      const found = { tokenId: manage.id, workspaceId, label: '' }
      expect(await findToken(db, keyring, manage.token, 'manage')).toEqual(found)
    })

    test('ST-32 a new token has 256 bits, URL-safe, and finds its workspace', async () => {
      const { db, random, workspaceId } = await Scene.open(open)
      const { id, token } = await issueToken(db, keyring, random, workspaceId, { label: '', at: NOON })
      expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(await findToken(db, keyring, token)).toMatchObject({ tokenId: id, workspaceId })
    })

    test('ST-33 an old token is taken over once, by one workspace, and not again when it is revoked', async () => {
      const scene = await Scene.open(open)
      const { db, random, workspaceId } = scene
      const old = { label: '旧', at: NOON, token: '5dbe8287184b7cb41f52674e' }
      const { id } = await issueToken(db, keyring, random, workspaceId, old)
      expect(await findToken(db, keyring, old.token)).toMatchObject({ tokenId: id, workspaceId })
      const other = await Scene.in(db, random)
      await expect(issueToken(db, keyring, random, other.workspaceId, old)).rejects.toThrow(TokenTaken)
      await revokeToken(db, workspaceId, id, NOON)
      await expect(issueToken(db, keyring, random, workspaceId, old)).rejects.toThrow(TokenTaken)
    })
  })

  describe('bots', () => {
    test('ST-34 a bot is found as it was added and as it turned out to be', async () => {
      const { db, random, workspaceId, botId } = await Scene.open(open)
      const address = { endpoint: 'puppet:8788', token: 'puppet_token_2', tls: true }
      const added = await addBot(db, keyring, random, workspaceId, {
        address,
        expectedUserId: 'nan' as UserId,
        at: NOON + 1,
      })
      expect(added).toEqual({
        workspaceId,
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        address,
        expectedUserId: 'nan',
        account: null,
        createdAt: NOON + 1,
      })
      expect(await findBot(db, keyring, workspaceId, added.id)).toEqual(added)

      await saveBotAccount(db, tenureOf(workspaceId, added.id), account('nan', { kind: 'wechat' }))
      const moved = { endpoint: 'puppet:1', token: 'puppet_token_3', tls: false }
      await saveBotAddress(db, keyring, workspaceId, added.id, moved)
      const known = { ...added, address: moved, account: account('nan', { kind: 'wechat' }) }
      expect(await findBot(db, keyring, workspaceId, added.id)).toEqual(known)
      expect((await listBots(db, keyring, workspaceId)).map(({ id }) => id)).toEqual([botId, added.id])
      await Scene.in(db, random)
      expect(await listBots(db, keyring)).toHaveLength(3)
    })

    test('ST-35 the last session of a bot is kept for whoever looks from outside', async () => {
      const { db, workspaceId, botId } = await Scene.open(open)
      expect(await listBotSessions(db, workspaceId)).toEqual([
        { botId, state: 'new', reason: '', since: NOON },
      ])
      await saveBotMove(db, tenureOf(workspaceId, botId), moveTo(offline('lost\0', NOON + 5)))
      expect(await listBotSessions(db, workspaceId)).toEqual([
        { botId, state: 'offline', reason: 'lost\ufffd', since: NOON + 5 },
      ])
    })
  })

  describe('contacts', () => {
    test('ST-36 contacts are found by wxid, handle and unionId, each once, and only by what was asked', async () => {
      const scene = await Scene.open(open)
      await scene.meet(
        contact('a', { handle: 'wma', unionId: 'oa' }),
        contact('b', { handle: 'wmb', unionId: 'ob' }),
        contact('c', { handle: null }),
      )
      const found = async (by: Parameters<typeof findContacts>[3]) =>
        (await findContacts(scene.db, scene.workspaceId, scene.botId, by)).map(({ name }) => name).sort()
      expect(await found({})).toEqual([])
      expect(await found({ wxids: [wxidOf('a'), wxidOf('c'), 'nobody'] })).toEqual(['a', 'c'])
      expect(await found({ handles: ['wmb', 'wmx'] })).toEqual(['b'])
      expect(await found({ unionIds: ['oa'] })).toEqual(['a'])
      expect(await found({ wxids: [wxidOf('a')], handles: ['wma', 'wmb'], unionIds: ['oa'] })).toEqual([
        'a',
        'b',
      ])
      expect(await found({ wxids: ['oa', 'wma'], handles: [wxidOf('a')], unionIds: ['wma'] })).toEqual([])
    })

    test('BOT-262 coworkers are found by userId in any case of letters, ASCII or not; externalUserIds and wxids only as they are', async () => {
      const scene = await Scene.open(open)
      const coworker = (name: string, handle: string) => contact(name, { handle, coworker: true })
      await scene.meet(
        coworker('a', 'LinLing'),
        coworker('b', 'Ångström.Ö'),
        coworker('c', '林'),
        coworker('d', 'İzmir'),
        contact('e', { handle: 'wmLinLing' }),
      )
      const found = async (...userIds: string[]) =>
        (await findContacts(scene.db, scene.workspaceId, scene.botId, { userIds }))
          .map(({ name }) => name)
          .sort()
      expect(await found('linling')).toEqual(['a'])
      expect(await found('LINLING', 'linLing', 'ångSTRÖM.ö')).toEqual(['a', 'b'])
      expect(await found('林', 'i̇zmir')).toEqual(['c', 'd'])
      expect(await found('wmlinling', 'wmLinLing', 'izmir', 'lin', wxidOf('a'))).toEqual([])
      const listed = async (id: string) =>
        (await listContacts(scene.db, scene.workspaceId, { id, limit: 9 })).contacts
      expect((await listed('linLING')).map(({ contact: { name } }) => name)).toEqual(['a'])
      expect(await listed('WMLINLING')).toEqual([])
    })

    test('BOT-262 bots are found by userId in any case of letters, by the expected one until they have logged in', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      await saveBotAccount(db, scene.tenure, account('x', { userId: 'XiaoBei' as UserId }))
      const found = async (userId: string) =>
        (await findBotsByUserId(db, keyring, workspaceId, userId as UserId)).map(({ bot }) => bot.id)
      expect(await found('xiaobei')).toEqual([scene.botId])
      expect(await found('xiaobe')).toEqual([])
      const address = { endpoint: '127.0.0.1:9', token: 'puppet_token', tls: false }
      const addExpecting = (userId: string, at: number) =>
        addBot(db, keyring, scene.random, workspaceId, { address, expectedUserId: userId as UserId, at })
      const namesake = await addExpecting('XIAOBEI', NOON + 1)
      expect(await found('xiaobei')).toEqual([scene.botId, namesake.id])
      const foreign = await addExpecting('Jürgen', NOON + 2)
      expect(await found('JÜRGEN')).toEqual([foreign.id])
      // What it is expected to be does not count once it is known who it is.
      await saveBotAccount(
        db,
        tenureOf(workspaceId, foreign.id),
        account('y', { userId: 'somebody' as UserId }),
      )
      expect(await found('jürgen')).toEqual([])
      expect(await found('SOMEBODY')).toEqual([foreign.id])
    })

    test('ST-37 BOT-142 a unionId or a handle that is not told is kept; every other fact is as it was last told', async () => {
      const scene = await Scene.open(open)
      await scene.meet(contact('a', { unionId: 'oa', corporation: '林记', handle: 'wma' }))
      await scene.meet(contact('a', { unionId: null, corporation: null, handle: null }))
      const by = { wxids: [wxidOf('a')] }
      expect(await findContacts(scene.db, scene.workspaceId, scene.botId, by)).toEqual([
        contact('a', { unionId: 'oa', handle: 'wma' }),
      ])
    })
  })

  describe('tags', () => {
    test('RW-2 labels keep the order of tagging', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const { chat } = await scene.save(room('街', []))
      const [a, b, c] = [await scene.tag('甲'), await scene.tag('乙'), await scene.tag('丙')]
      for (const tag of [c, a, b]) expect(await assignTag(db, workspaceId, tag, chat.chatId)).toBe('assigned')
      const names = async () => (await findChat(db, workspaceId, chat.chatId))!.labels.map(({ name }) => name)
      expect(await names()).toEqual(['丙', '甲', '乙'])
      expect(await unassignTag(db, workspaceId, c, chat.chatId)).toBe(true)
      expect(await assignTag(db, workspaceId, c, chat.chatId)).toBe('assigned')
      expect(await names()).toEqual(['甲', '乙', '丙'])
    })

    test('ST-38 tagging says what it met: an unknown tag, an unknown chat, a tag that is there, one that is not', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const { chat } = await scene.save(room('街', []))
      const vip = await scene.tag('VIP')
      const noTag = 'e'.repeat(24) as TagId
      expect(await assignTag(db, workspaceId, noTag, chat.chatId)).toBe('tag-unknown')
      expect(await assignTag(db, workspaceId, vip, 'e'.repeat(24) as never)).toBe('chat-unknown')
      expect(await assignTag(db, workspaceId, vip, chat.chatId)).toBe('assigned')
      expect(await assignTag(db, workspaceId, vip, chat.chatId)).toBe('already')
      expect(await unassignTag(db, workspaceId, noTag, chat.chatId)).toBe(false)
      expect(await unassignTag(db, workspaceId, vip, chat.chatId)).toBe(true)
      expect(await unassignTag(db, workspaceId, vip, chat.chatId)).toBe(false)
    })

    test('ST-144 a thousand chats are tagged in a few statements and some writes, and say which had it', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const chatIds: ChatId[] = []
      for (let n = 0; n < 450; n++) chatIds.push((await scene.save(room(`街${n}`, []))).chat.chatId)
      const vip = await scene.tag('VIP')
      const first = await scene.tag('先')
      await assignTags(db, workspaceId, first, chatIds.slice(0, 10))
      await assignTag(db, workspaceId, vip, chatIds[3]!)

      const statements: Statement[] = []
      const noted = noteStatements(db, statements)
      const assigned = await assignTags(noted, workspaceId, vip, chatIds)
      expect(assigned).toEqual(new Set(chatIds.filter((_, n) => n !== 3)))
      expect(statements.length).toBeLessThanOrEqual(3 * 6)
      // Behind those that each has (RW-2), and in the tag's own list.
      const [row] = await readChats(db, workspaceId, [chatIds[0]!])
      expect(row!.labels.map(({ id }) => id)).toEqual([first, vip])
      expect((await listTags(db, workspaceId)).map(({ roomCount }) => roomCount)).toEqual([450, 10])
      const { total } = await pageOfChats(db, workspaceId, vip, { offset: 0, limit: 1 })
      expect(total).toBe(450)

      const unknown = 'e'.repeat(24) as ChatId
      expect(await assignTags(db, workspaceId, first, [chatIds[11]!, unknown])).toEqual({ unknown })
      expect(await unknownChats(db, workspaceId, [chatIds[0]!, unknown])).toEqual([unknown])
      expect(await unassignTags(db, workspaceId, first, chatIds)).toEqual(new Set(chatIds.slice(0, 10)))
      const taken = await unassignTags(db, workspaceId, vip, [...chatIds, unknown])
      expect(taken).toEqual(new Set(chatIds))
      expect((await pageOfChats(db, workspaceId, vip, { offset: 0, limit: 1 })).total).toBe(0)
    })

    test('ST-39 tags are listed as they were added, with the chats that have them; an imported id is kept', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId, random } = scene
      const id = '5eda03260e21f35ca20f9eb4' as TagId
      expect(await addTag(db, random, workspaceId, { name: '旧', id })).toEqual({ id, name: '旧' })
      await expect(addTag(db, random, workspaceId, { name: '又', id })).rejects.toThrow(StoreError)
      const vip = await scene.tag('VIP')
      for (const name of ['街', '巷'])
        await assignTag(db, workspaceId, vip, (await scene.save(room(name, []))).chat.chatId)
      expect(await renameTag(db, workspaceId, id, '新')).toBe(true)
      expect(await renameTag(db, workspaceId, 'e'.repeat(24) as TagId, '无')).toBe(false)
      expect(await listTags(db, workspaceId)).toEqual([
        { id, name: '新', roomCount: 0 },
        { id: vip, name: 'VIP', roomCount: 2 },
      ])
    })
  })

  describe('answers', () => {
    const answer = (at: number, text = '{"errcode":0}') => ({ bodyHash: 'h', answer: text, at })

    test('CR-25 a key is one request’s until its time has run out, and nobody takes it for a bot that another node runs', async () => {
      const { db, workspaceId, botId } = await Scene.open(open)
      const tenure = tenureOf(workspaceId, botId)
      const take = (at: number, expired: number, fence = tenure.fence) =>
        takeKeyFor(db, { ...tenure, fence }, 'k', answer(at), expired)
      await expect(take(NOON, 0, tenure.fence + 1)).rejects.toThrow(FenceLost)
      expect(await findAnswer(db, workspaceId, 'k')).toBeUndefined()
      expect(await take(NOON, 0)).toBe(true)
      expect(await take(NOON + 9, NOON - 1)).toBe(false)
      expect(await findAnswer(db, workspaceId, 'k')).toEqual(answer(NOON))
      expect(await take(NOON + 9, NOON)).toBe(true)
      expect(await findAnswer(db, workspaceId, 'k')).toEqual(answer(NOON + 9))
    })

    test('CR-25 an answer takes the place of what was noted, and of nothing else', async () => {
      const { db, workspaceId } = await Scene.open(open)
      await db.write(tx => takeKey(tx, workspaceId, 'k', answer(NOON, 'noted'), 0))
      expect(await saveAnswer(db, workspaceId, 'k', answer(NOON, 'said "R:1"'), 'other')).toBe(false)
      expect(await saveAnswer(db, workspaceId, 'k', answer(NOON, 'said "R:1"'), 'noted')).toBe(true)
      expect(await saveAnswer(db, workspaceId, 'k', answer(NOON, 'late'), 'noted')).toBe(false)
      expect(await isInAnAnswer(db, workspaceId, '"R:1"')).toBe(true)
      expect(await isInAnAnswer(db, workspaceId, '"R:10"')).toBe(false)
      expect(await isInAnAnswer(db, nowhere, '"R:1"')).toBe(false)
    })

    test('CR-25 an answer is found under its key until it is forgotten, a few at a time', async () => {
      const { db, workspaceId } = await Scene.open(open)
      const take = (key: string, at: number) => db.write(tx => takeKey(tx, workspaceId, key, answer(at), 0))
      expect(await findAnswer(db, workspaceId, 'k')).toBeUndefined()
      await take('k', NOON + 9)
      await Promise.all(Array.from({ length: 1203 }, (_, i) => take(`old${i}`, NOON)))
      expect(await forgetAnswers(db, NOON + 9)).toBe(1203)
      expect(await forgetAnswers(db, NOON + 9)).toBe(0)
      expect(await findAnswer(db, workspaceId, 'k')).toEqual(answer(NOON + 9))
    })
  })
}
