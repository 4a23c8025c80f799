import type { BotId, ChatId, TagId, UserId, WorkspaceId } from '@qunhub/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { listBotMoves, saveBotMove } from '../bots/bot-moves.ts'
import { listBotSessions } from '../bots/bot-sessions.ts'
import { changeBot, listBots, saveBotAccount, saveBotAddress, saveExpectedUserId } from '../bots/bots.ts'
import { findBot } from '../bots/find-bots.ts'
import { removeBot } from '../bots/remove-bot.ts'
import { takeAccount } from '../bots/take-account.ts'
import type { Database } from '../database/database.ts'
import { StoreError } from '../database/store-error.ts'
import { saveContacts } from '../rooms/contacts.ts'
import { findContacts } from '../rooms/find-contacts.ts'
import { removeTag } from '../rooms/remove-tag.ts'
import {
  chatsOfMember,
  findChat,
  leaveRoom,
  listChatsOfBot,
  pageOfChats,
  readChats,
  saveRoom,
  whoKnowsRoom,
} from '../rooms/rooms.ts'
import { searchRooms } from '../rooms/search-rooms.ts'
import { addTag, assignTag, listTags, renameTag, unassignTag } from '../rooms/tags.ts'
import type { Tables } from '../schema/tables.ts'
import { findAnswer, isInAnAnswer, saveAnswer, takeKey } from '../workspaces/idempotency.ts'
import { findToken, issueToken, listTokens, revokeToken } from '../workspaces/tokens.ts'
import { addWorkspace, setSwitches } from '../workspaces/workspaces.ts'
import {
  account,
  contact,
  enqueueCallback,
  keyring,
  moveTo,
  NOON,
  type OpenStore,
  offline,
  owed,
  room,
  roomWxidOf,
  Scene,
  tenureOf,
  wxidOf,
} from './scene.contract.ts'

/** What somebody might have guessed, or read over a shoulder. */
interface Ids {
  readonly bot: BotId
  readonly chat: ChatId
  readonly tag: TagId
  readonly token: string
  readonly room: ReturnType<typeof roomWxidOf>
  readonly contact: string
  readonly names: { wxids: string[]; handles: string[]; unionIds: string[] }
  readonly key: string
}

const absent: Ids = {
  bot: 'a'.repeat(24) as BotId,
  chat: 'b'.repeat(24) as ChatId,
  tag: 'c'.repeat(24) as TagId,
  token: 'd'.repeat(24),
  room: roomWxidOf('nowhere'),
  contact: wxidOf('nobody'),
  names: { wxids: [wxidOf('nobody')], handles: ['wmnobody'], unionIds: ['onobody'] },
  key: 'no such key',
}

/** Every function that takes an id, asked by `us` about `ids`. */
const asks: readonly (readonly [string, (us: Scene, ids: Ids, own: Ids) => Promise<unknown>])[] = [
  ['findBot', (us, ids) => findBot(us.db, keyring, us.workspaceId, ids.bot)],
  [
    'saveBotAddress',
    (us, ids) =>
      saveBotAddress(us.db, keyring, us.workspaceId, ids.bot, {
        endpoint: 'evil:1',
        token: 'evil_evil',
        tls: false,
      }),
  ],
  ['saveBotAccount', (us, ids) => saveBotAccount(us.db, tenureOf(us.workspaceId, ids.bot), account('evil'))],
  [
    'takeAccount',
    (us, ids) => takeAccount(us.db, keyring, tenureOf(us.workspaceId, ids.bot), account('evil')),
  ],
  ['saveExpectedUserId', (us, ids) => saveExpectedUserId(us.db, us.workspaceId, ids.bot, 'evil' as UserId)],
  [
    'saveBotMove',
    (us, ids) =>
      saveBotMove(us.db, tenureOf(us.workspaceId, ids.bot), moveTo(offline('evil', 0), { seq: 9 })),
  ],
  ['listBotMoves', (us, ids) => listBotMoves(us.db, us.workspaceId, ids.bot, 9)],
  [
    'saveContacts',
    (us, ids) => saveContacts(us.db, tenureOf(us.workspaceId, ids.bot), [contact('lin', { name: 'evil' })]),
  ],
  ['findContacts by name', (us, ids, own) => findContacts(us.db, us.workspaceId, own.bot, ids.names)],
  ['findContacts by bot', (us, ids, own) => findContacts(us.db, us.workspaceId, ids.bot, own.names)],
  [
    'saveRoom',
    (us, ids) =>
      saveRoom(us.db, { tenure: tenureOf(us.workspaceId, ids.bot), room: room('街', []), at: 0 }, () => null),
  ],
  ['leaveRoom by room', (us, ids, own) => leaveRoom(us.db, tenureOf(us.workspaceId, own.bot), ids.room, 0)],
  ['leaveRoom by bot', (us, ids, own) => leaveRoom(us.db, tenureOf(us.workspaceId, ids.bot), own.room, 0)],
  ['listChatsOfBot', (us, ids) => listChatsOfBot(us.db, us.workspaceId, ids.bot)],
  ['whoKnowsRoom', (us, ids) => whoKnowsRoom(us.db, us.workspaceId, ids.room)],
  ['chatsOfMember', (us, ids) => chatsOfMember(us.db, us.workspaceId, ids.contact)],
  ['pageOfChats', (us, ids) => pageOfChats(us.db, us.workspaceId, ids.tag, { offset: 0, limit: 9 })],
  ['readChats', (us, ids) => readChats(us.db, us.workspaceId, [ids.chat])],
  ['findChat', (us, ids) => findChat(us.db, us.workspaceId, ids.chat)],
  [
    'searchRooms',
    async (us, ids) => (await searchRooms(us.db, us.workspaceId, { botId: ids.bot }, { limit: 9 })).rooms,
  ],
  ['renameTag', (us, ids) => renameTag(us.db, us.workspaceId, ids.tag, 'evil')],
  ['removeTag', (us, ids) => removeTag(us.db, us.workspaceId, ids.tag)],
  [
    'removeBot',
    (us, ids) =>
      removeBot(us.db, keyring, { ...us, botId: ids.bot, workspaceId: us.workspaceId }, 0, () => null),
  ],
  [
    'changeBot',
    (us, ids) => changeBot(us.db, keyring, us.workspaceId, ids.bot, { expectedUserId: 'evil' as UserId }),
  ],
  ['assignTag by tag', (us, ids, own) => assignTag(us.db, us.workspaceId, ids.tag, own.chat)],
  ['assignTag by chat', (us, ids, own) => assignTag(us.db, us.workspaceId, own.tag, ids.chat)],
  ['unassignTag by tag', (us, ids, own) => unassignTag(us.db, us.workspaceId, ids.tag, own.chat)],
  ['unassignTag by chat', (us, ids, own) => unassignTag(us.db, us.workspaceId, own.tag, ids.chat)],
  ['revokeToken', (us, ids) => revokeToken(us.db, us.workspaceId, ids.token, 0)],
  ['findAnswer', (us, ids) => findAnswer(us.db, us.workspaceId, ids.key)],
  ['isInAnAnswer', (us, ids) => isInAnAnswer(us.db, us.workspaceId, ids.key.slice('key-'.length))],
]

/** Two workspaces in one store know nothing of each other (G-11), from the first day. */
export function isolationContract(open: OpenStore): void {
  describe('two workspaces', () => {
    let us: Scene
    let own: Ids
    let them: Scene
    let foreign: Ids

    beforeEach(async () => {
      us = await Scene.open(open)
      own = await furnish(us, 'ours')
      them = await Scene.in(us.db, us.random, account('nan'))
      foreign = await furnish(them, 'theirs')
    })

    test.each(asks)(
      'G-11 a foreign id and one that does not exist are answered alike: %s',
      async (_name, ask) => {
        const before = await everythingOf(them)
        const answers = []
        for (const ids of [foreign, absent]) answers.push(await outcomeOf(ask(us, ids, own)))
        expect(JSON.stringify(answers[0])).toBe(JSON.stringify(answers[1]))
        expect(await everythingOf(them)).toEqual(before)
      },
    )

    test('G-11 lists hold what is ours, and nothing of theirs', async () => {
      const ours = await listAll(us)
      expect(ours).not.toContain('theirs')
      expect(await listAll(them)).not.toContain('ours')
      expect(ours).toContain('ours')
    })

    test('G-11 what one workspace writes leaves everything of the other as it was', async () => {
      const before = await everythingOf(them)
      const revisions = await them.list()
      await us.listen()
      await us.save(room('theirs', [contact('theirs', { name: 'renamed' })]), { owe: () => owed('ours') })
      await us.meet(contact('theirs', { name: 'renamed again' }))
      await renameTag(us.db, us.workspaceId, own.tag, 'renamed')
      await addTag(us.db, us.random, us.workspaceId, { name: 'ours', id: foreign.tag })
      await assignTag(us.db, us.workspaceId, foreign.tag, own.chat)
      const answer = { bodyHash: 'ours', answer: 'ours', at: 0 }
      await us.db.write(tx => takeKey(tx, us.workspaceId, foreign.key, answer, 0))
      await saveAnswer(us.db, us.workspaceId, foreign.key, answer, 'theirs')
      await us.db.write(tx => enqueueCallback(tx, us.workspaceId, owed('ours'), NOON))
      await us.leave('theirs')
      expect(await everythingOf(them)).toEqual(before)
      expect(await them.list()).toEqual(revisions)
      expect(await findAnswer(them.db, them.workspaceId, foreign.key)).toMatchObject({ answer: 'theirs' })
      expect((await pageOfChats(us.db, us.workspaceId, foreign.tag, { offset: 0, limit: 9 })).total).toBe(1)
    })

    test('G-11 even where all ids are the same, each workspace reads and writes its own rows only', async () => {
      await us.listen()
      await us.save(room('ours', ['ours', 'second', 'third']), { owe: () => owed('ours') })
      const before = await us.list()
      const twinId = await copyUnderAnotherWorkspace(us)
      const twin = { db: us.db, workspaceId: twinId }
      expect(await us.list()).toEqual(before)
      expect((await us.list(own.tag)).map(({ chatId }) => chatId)).toEqual([own.chat])

      const copied = await everythingOf(twin)
      const { db, workspaceId, botId } = us
      await us.save(room('ours', [contact('third', { name: 'renamed' })]), { owe: () => owed('more') })
      await us.meet(contact('ours', { name: 'renamed', handle: null }))
      await assignTag(db, workspaceId, await us.tag('more'), own.chat)
      await unassignTag(db, workspaceId, own.tag, own.chat)
      await renameTag(db, workspaceId, own.tag, 'renamed')
      await setSwitches(db, workspaceId, { showWecomChatId: true, paceAdditions: true, roomLeft: true })
      await saveAnswer(db, workspaceId, own.key, { answer: 'x', at: 0 }, 'ours')
      await saveBotMove(
        db,
        tenureOf(workspaceId, botId),
        moveTo({ state: 'occupied', since: 0, nextTryAt: 9 }, { seq: 2 }),
      )
      await saveBotAddress(db, keyring, workspaceId, botId, {
        endpoint: 'x:1',
        token: 'other_token',
        tls: true,
      })
      await saveBotAccount(db, tenureOf(workspaceId, botId), account('xi'))
      expect(await us.list()).toEqual([])
      expect(await everythingOf(twin)).toEqual(copied)
      expect((await pageOfChats(db, twinId, own.tag, { offset: 0, limit: 9 })).total).toBe(1)
      expect((await findChat(db, twinId, own.chat))!.room.members).toHaveLength(3)
    })

    test('G-11 the same bot account, room and contact in two workspaces are two chats', async () => {
      const twin = await Scene.in(us.db, us.random, account('bei'))
      const chats = await Promise.all([us, twin].map(scene => scene.save(room('街', ['lin']))))
      expect(chats[0]!.chat.chatId).not.toBe(chats[1]!.chat.chatId)
      expect(await twin.topics()).toEqual(['街群'])
    })
  })
}

/** Puts one of everything into the workspace; its words say whose it is. */
async function furnish(scene: Scene, word: string): Promise<Ids> {
  const { db, random, workspaceId, botId } = scene
  const { chat } = await scene.save(room(word, [contact(word, { handle: `wm${word}`, unionId: `o${word}` })]))
  const tag = await scene.tag(word)
  await assignTag(db, workspaceId, tag, chat.chatId)
  const { id } = await issueToken(db, keyring, random, workspaceId, {
    label: word,
    at: NOON,
    token: `token-${word}`,
  })
  await db.write(tx => takeKey(tx, workspaceId, `key-${word}`, { bodyHash: word, answer: word, at: NOON }, 0))
  await saveBotMove(db, tenureOf(workspaceId, botId), moveTo(offline(word)))
  expect(await findToken(db, keyring, `token-${word}`)).toMatchObject({ tokenId: id, workspaceId })
  const names = { wxids: [wxidOf(word)], handles: [`wm${word}`], unionIds: [`o${word}`] }
  return {
    bot: botId,
    chat: chat.chatId,
    tag,
    token: id,
    room: roomWxidOf(word),
    contact: wxidOf(word),
    names,
    key: `key-${word}`,
  }
}

/** Every row of the workspace once more, under the same ids in another workspace; tokens and webhook ids stay unique. */
async function copyUnderAnotherWorkspace({ db, random, workspaceId }: Scene): Promise<WorkspaceId> {
  const { id: twin } = await addWorkspace(db, random, { name: 'twin', at: NOON })
  await db.write(async tx => {
    for (const table of tables) {
      const rows = await tx.all(
        tx.query.selectFrom(table).selectAll().where('workspace_id', '=', workspaceId).compile(),
      )
      for (const row of rows) {
        const unique =
          'hash' in row ? { hash: Buffer.from(twin) } : 'webhook_id' in row ? { webhook_id: twin } : {}
        const copy = { ...row, workspace_id: twin, ...unique }
        await tx.run(
          tx.query
            .insertInto(table)
            .values(copy as never)
            .compile(),
        )
      }
    }
  })
  return twin
}

async function listAll({ db, workspaceId, botId }: Scene): Promise<string> {
  const page = { offset: 0, limit: 99 }
  const { rows } = await pageOfChats(db, workspaceId, null, page)
  const lists = await Promise.all([
    listBots(db, keyring, workspaceId),
    listBotSessions(db, workspaceId),
    listBotMoves(db, workspaceId, botId, 9),
    listTokens(db, workspaceId),
    listTags(db, workspaceId),
    listChatsOfBot(db, workspaceId, botId),
    searchRooms(db, workspaceId, {}, { limit: 99 }),
    readChats(
      db,
      workspaceId,
      rows.map(({ chatId }) => chatId),
    ),
  ])
  return JSON.stringify(lists)
}

const outcomeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    value => ({ value: value === undefined ? 'undefined' : value }),
    failure => {
      if (!(failure instanceof StoreError)) throw failure
      return { failure: failure.name }
    },
  )

// What others refer to comes first.
const tables = [
  'counter',
  'token',
  'bot',
  'bot_move',
  'contact',
  'chat',
  'chat_member',
  'tag',
  'chat_tag',
  'list_block',
  'idempotency',
  'callback_address',
  'callback',
  'callback_body',
  'attempt',
] as const satisfies readonly (keyof Tables)[]

const everythingOf = ({ db, workspaceId }: { db: Database; workspaceId: string }): Promise<unknown[]> =>
  Promise.all([
    db.all(db.query.selectFrom('workspace').selectAll().where('id', '=', workspaceId).compile()),
    ...tables.map(async table => {
      const rows = await db.all(
        db.query.selectFrom(table).selectAll().where('workspace_id', '=', workspaceId).compile(),
      )
      return rows.map(row => JSON.stringify(row)).sort()
    }),
  ])
