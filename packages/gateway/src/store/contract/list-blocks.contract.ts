import type { BotId, ChatId, TagId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { saveBotAccount } from '../bots/bots.ts'
import type { Database } from '../database/database.ts'
import { countsOfEntry, ORDINALS_PER_BLOCK } from '../rooms/list-blocks.ts'
import { pageOfChats } from '../rooms/rooms.ts'
import { assignTag, unassignTag } from '../rooms/tags.ts'
import { account, NOON, type OpenStore, room, Scene, seededRandom, tenureOf } from './scene.contract.ts'

const ROUNDS = 150
/** Rows of one INSERT: some thousand parameters, which every dialect takes. */
const ROWS_PER_INSERT_MAX = 500

/** How long each list is, a block at a time: what is counted must be what stands in the tables, after every commit. */
export function listBlocksContract(open: OpenStore): void {
  describe('list blocks', () => {
    test('LT-4 a chat counts in the list of all and in those of its tags while it is not left, and when it is back', async () => {
      const scene = await Scene.open(open)
      const vip = await scene.tag('VIP')
      const { chatId } = (await scene.save(room('a', []))).chat
      await scene.save(room('b', []))
      expect(await counted(scene)).toEqual([['', 0, 2]])

      await assignTag(scene.db, scene.workspaceId, vip, chatId)
      const listed = [
        ['', 0, 2],
        [vip, 0, 1],
      ]
      expect(await counted(scene)).toEqual(listed)
      await scene.leave('a')
      expect(await counted(scene)).toEqual([['', 0, 1]])
      await scene.save(room('a', []))
      expect(await counted(scene)).toEqual(listed)
      await unassignTag(scene.db, scene.workspaceId, vip, chatId)
      expect(await counted(scene)).toEqual([['', 0, 2]])
    })

    test('LT-4 what changes nothing counts nothing: a second look, a second tag, a second leaving, a tag taken twice', async () => {
      const scene = await Scene.open(open)
      const vip = await scene.tag('VIP')
      const { chatId } = (await scene.save(room('a', []))).chat
      await scene.save(room('a', ['lin']))
      for (let twice = 0; twice < 2; twice++) await assignTag(scene.db, scene.workspaceId, vip, chatId)
      expect(await counted(scene)).toEqual([
        ['', 0, 1],
        [vip, 0, 1],
      ])
      for (let twice = 0; twice < 2; twice++) await unassignTag(scene.db, scene.workspaceId, vip, chatId)
      expect(await counted(scene)).toEqual([['', 0, 1]])
      for (let twice = 0; twice < 2; twice++) await scene.leave('a')
      expect(await counted(scene)).toEqual([])
    })

    test('LT-4 a chat that was left gains and loses tags, and counts in their lists once it is back', async () => {
      const scene = await Scene.open(open)
      const [kept, taken] = [await scene.tag('留'), await scene.tag('去')]
      const { chatId } = (await scene.save(room('a', []))).chat
      await assignTag(scene.db, scene.workspaceId, taken, chatId)
      await scene.leave('a')
      await assignTag(scene.db, scene.workspaceId, kept, chatId)
      await unassignTag(scene.db, scene.workspaceId, taken, chatId)
      expect(await counted(scene)).toEqual([])
      await scene.save(room('a', []))
      expect(await counted(scene)).toEqual([
        ['', 0, 1],
        [kept, 0, 1],
      ])
    })

    test('LT-4 a bot that logs in as another account takes its chats off every list, and no other bot its own', async () => {
      const scene = await Scene.open(open)
      const other = await scene.hostBot(account('nan'))
      const vip = await scene.tag('VIP')
      for (const name of ['a', 'b', 'c']) {
        const { chatId } = (await scene.save(room(name, []))).chat
        await assignTag(scene.db, scene.workspaceId, vip, chatId)
      }
      await scene.save(room('a', []), { botId: other })
      await saveBotAccount(scene.db, scene.tenure, account('xi'))
      expect(await counted(scene)).toEqual([['', 0, 1]])
      await saveBotAccount(scene.db, scene.tenure, account('bei'))
      await scene.save(room('b', []))
      expect(await counted(scene)).toEqual([
        ['', 0, 2],
        [vip, 0, 1],
      ])
    })

    test('LT-4 a write that is undone counts nothing', async () => {
      const scene = await Scene.open(open)
      const owe = () => {
        throw new Error('undone')
      }
      await expect(scene.save(room('a', []), { owe })).rejects.toThrow('undone')
      expect(await counted(scene)).toEqual([])
    })

    test('LT-6 in lists of several blocks with gaps, empty blocks and left chats, every page is right', async () => {
      const scene = await Scene.open(open)
      const tag = await scene.tag('大')
      const { fraction } = seededRandom(5)
      const ordinals = Array.from({ length: 8 * ORDINALS_PER_BLOCK }, (_, at) => at + 1).filter(
        // Nothing stands in the third to fifth block, and the sixth has a single chat.
        at =>
          at < 2 * ORDINALS_PER_BLOCK || at === 5500 || (at >= 6 * ORDINALS_PER_BLOCK && fraction() < 0.3),
      )
      await insertChats(scene, tag, ordinals, fraction)
      expect(await counted(scene)).toEqual(await standing(scene))
      for (const list of [null, tag]) {
        const all = await listedIn(scene, list)
        expect(all.length).toBeGreaterThan(ORDINALS_PER_BLOCK)
        for (let offset = 0; offset <= all.length + 100; offset += 100)
          expect(await pageAt(scene, list, offset, 100)).toEqual({
            chatIds: all.slice(offset, offset + 100),
            total: all.length,
          })
        for (const offset of [all.length - 1, all.length, ORDINALS_PER_BLOCK - 1, ORDINALS_PER_BLOCK])
          expect((await pageAt(scene, list, offset, 3)).chatIds).toEqual(all.slice(offset, offset + 3))
      }
    })

    test('LT-4 chats that come or go while a page is read may shift it, and the total is never smaller than the page', async () => {
      const scene = await Scene.open(open)
      for (const name of ['a', 'b', 'c']) await scene.save(room(name, []))
      const page = { offset: 1, limit: 10 }

      const grown = afterFirstRead(scene.db, () => scene.save(room('d', [])))
      const whileGrowing = await pageOfChats(grown, scene.workspaceId, null, page)
      expect([whileGrowing.rows.length, whileGrowing.total]).toEqual([2, 3])

      const shrunk = afterFirstRead(scene.db, async () => {
        for (const name of ['a', 'b', 'c']) await scene.leave(name)
      })
      const whileShrinking = await pageOfChats(shrunk, scene.workspaceId, null, page)
      expect([whileShrinking.rows.length, whileShrinking.total]).toEqual([0, 4])
      expect(await pageAt(scene, null, 0, 10)).toMatchObject({ total: 1 })
    })

    test.each([51, 52, 53])(
      'LT-6 after any changes, at once and in turn, counts are those of the tables and pages what ORDER BY gives (seed %i)',
      async seed => {
        const scene = await Scene.open(open)
        const tags = [await scene.tag('甲'), await scene.tag('乙')]
        const changes = new RandomChanges(scene, tags, seed)
        const blocksSeen = new Set<number>()
        for (let round = 0; round < ROUNDS; round++) {
          // At once, so that the writes meet on the same chats and the same counts.
          await Promise.all(Array.from({ length: 1 + changes.below(4) }, () => changes.changeSomething()))
          const counts = await counted(scene)
          expect(counts).toEqual(await standing(scene))
          for (const [, block] of counts) blocksSeen.add(block)
          const list = changes.oneOf([null, ...tags])
          const all = await listedIn(scene, list)
          const offset = changes.below(all.length + 2)
          const chatIds = all.slice(offset, offset + 7)
          expect(await pageAt(scene, list, offset, 7)).toEqual({ chatIds, total: all.length })
        }
        expect(blocksSeen.size).toBeGreaterThan(3)
      },
    )
  })
}

/** What is counted of chats: list, block, chats. */
async function counted({ db, workspaceId }: Scene): Promise<[string, number, number][]> {
  const rows = await db.all(
    db.query
      .selectFrom('list_block')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('chats', '!=', 0)
      // Of contacts: contact-pages.contract.ts.
      .where('list', 'not like', 'contacts/%')
      .orderBy('list')
      .orderBy('block')
      .compile(),
  )
  return rows.map(({ list, block, chats }) => [list, block, chats])
}

/** The same, counted anew one by one from the tables that tell it. */
async function standing(scene: Scene): Promise<[string, number, number][]> {
  const { db, workspaceId } = scene
  const tags = await db.all(
    db.query.selectFrom('tag').select('id').where('workspace_id', '=', workspaceId).orderBy('id').compile(),
  )
  const counts: [string, number, number][] = []
  for (const list of [null, ...tags.map(({ id }) => id as TagId)]) {
    const blocks = Map.groupBy(await ordinalsIn(scene, list), ({ ordinal }) =>
      Math.floor(ordinal / ORDINALS_PER_BLOCK),
    )
    for (const [block, chats] of blocks) counts.push([list ?? '', block, chats.length])
  }
  return counts
}

const listedIn = async (scene: Scene, tagId: TagId | null): Promise<string[]> =>
  (await ordinalsIn(scene, tagId)).map(row => row.chat_id)

async function ordinalsIn({ db, workspaceId }: Scene, tagId: TagId | null) {
  const chats = db.query
    .selectFrom('chat')
    .select(['chat_id', 'ordinal'])
    .where('workspace_id', '=', workspaceId)
    .where('left_at', 'is', null)
    .orderBy('ordinal')
  const tagged = db.query
    .selectFrom('chat_tag')
    .select('chat_id')
    .where('workspace_id', '=', workspaceId)
    .where('tag_id', '=', tagId ?? '')
  return db.all((tagId === null ? chats : chats.where('chat_id', 'in', tagged)).compile())
}

async function pageAt({ db, workspaceId }: Scene, tagId: TagId | null, offset: number, limit: number) {
  const { rows, total } = await pageOfChats(db, workspaceId, tagId, { offset, limit })
  return { chatIds: rows.map(({ chatId }): string => chatId), total }
}

/** Written at once, for a list that bots would take minutes to meet. One in ten is left, half are tagged. */
async function insertChats(
  { db, workspaceId, botId }: Scene,
  tagId: TagId,
  ordinals: readonly number[],
  fraction: () => number,
): Promise<void> {
  const chats = ordinals.map(ordinal => ({
    workspace_id: workspaceId,
    chat_id: `chat-${ordinal}`,
    bot_id: botId,
    room_wxid: `R:${ordinal}`,
    topic: '',
    avatar_url: '',
    owner_id: '',
    external: 1 as const,
    wecom_chat_id: null,
    ordinal,
    created_at: NOON,
    left_at: fraction() < 0.1 ? NOON : null,
    member_count: 0,
  }))
  const tagged = chats
    .filter(() => fraction() < 0.5)
    .map(({ chat_id, ordinal }) => ({
      workspace_id: workspaceId,
      tag_id: tagId,
      chat_id,
      ordinal: 1,
      chat_ordinal: ordinal,
    }))
  const withTag = new Set(tagged.map(({ chat_id }) => chat_id))
  const listed = chats
    .filter(({ left_at }) => left_at === null)
    .map(({ chat_id, ordinal }) => ({ ordinal, tagIds: withTag.has(chat_id) ? [tagId] : [] }))
  await db.write(async tx => {
    for (const rows of portions(chats)) await tx.run(tx.query.insertInto('chat').values(rows).compile())
    for (const rows of portions(tagged)) await tx.run(tx.query.insertInto('chat_tag').values(rows).compile())
    await tx.run(tx.hot.countListed(workspaceId, countsOfEntry(listed)))
  })
}

const portions = <T>(rows: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(rows.length / ROWS_PER_INSERT_MAX) }, (_, at) =>
    rows.slice(at * ROWS_PER_INSERT_MAX, (at + 1) * ROWS_PER_INSERT_MAX),
  )

/** The same database, on which something is committed right after the first of the reads that come. */
function afterFirstRead(db: Database, commit: () => Promise<unknown>): Database {
  let reads = 0
  const all = async (statement: Parameters<Database['all']>[0]) => {
    const rows = await db.all(statement)
    if (++reads === 1) await commit()
    return rows
  }
  return Object.assign(Object.create(db) as Database, { all })
}

/** Everything that lists and unlists chats, by chance; the chats come to stand in many blocks. */
class RandomChanges {
  readonly #scene: Scene
  readonly #tags: readonly TagId[]
  readonly #fraction: () => number
  readonly #bots: BotId[]
  #logins = 0

  constructor(scene: Scene, tags: readonly TagId[], seed: number) {
    this.#scene = scene
    this.#tags = tags
    this.#fraction = seededRandom(seed).fraction
    this.#bots = [scene.botId]
  }

  async changeSomething(): Promise<void> {
    const scene = this.#scene
    const { db, workspaceId } = scene
    const botId = this.oneOf(this.#bots)
    const name = `${this.below(15)}`
    const kind = this.below(40)
    if (kind < 16) return void (await scene.save(room(name, []), { botId }))
    if (kind < 21) return void (await scene.leave(name, botId))
    if (kind < 24) return this.#passOrdinals()
    if (kind === 24) return this.#logIn(botId)
    const chatId = await this.#anyChat()
    if (chatId === undefined) return
    if (kind < 34) await assignTag(db, workspaceId, this.oneOf(this.#tags), chatId)
    else await unassignTag(db, workspaceId, this.oneOf(this.#tags), chatId)
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }

  below(count: number): number {
    return Math.floor(this.#fraction() * count)
  }

  /** As if many chats had been met by others meanwhile. */
  async #passOrdinals(): Promise<void> {
    const { db, workspaceId } = this.#scene
    const passed = this.below(2 * ORDINALS_PER_BLOCK)
    await db.write(tx =>
      tx.run(
        tx.query
          .updateTable('counter')
          .set(({ eb }) => ({ last: eb('last', '+', passed) }))
          .where('workspace_id', '=', workspaceId)
          .where('name', '=', 'chat')
          .compile(),
      ),
    )
  }

  /** A second bot first, then one of them as somebody else. */
  async #logIn(botId: BotId): Promise<void> {
    const { db, workspaceId } = this.#scene
    const newcomer = account(`x${this.#logins++}`)
    if (this.#bots.length === 1) this.#bots.push(await this.#scene.hostBot(newcomer))
    else await saveBotAccount(db, tenureOf(workspaceId, botId), newcomer)
  }

  async #anyChat(): Promise<ChatId | undefined> {
    const { db, workspaceId } = this.#scene
    const chats = db.query.selectFrom('chat').select('chat_id').where('workspace_id', '=', workspaceId)
    const rows = await db.all(chats.orderBy('ordinal').compile())
    return rows.length === 0 ? undefined : (this.oneOf(rows).chat_id as ChatId)
  }
}
