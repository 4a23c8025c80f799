import type { ChatId, TagId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { chatIdOf } from '../../model/room.ts'
import { pageOfChats } from '../rooms/rooms.ts'
import { assignTag, unassignTag } from '../rooms/tags.ts'
import { listBlocksContract } from './list-blocks.contract.ts'
import { account, type OpenStore, room, roomWxidOf, Scene, seededRandom } from './scene.contract.ts'

const ROOMS = 40
const ROUNDS = 120

/** How lists are paged: found by the counts of their blocks, and always what the tables would tell. */
export function pagesContract(open: OpenStore): void {
  listBlocksContract(open)

  describe('pages', () => {
    test('LT-3 first, middle, last and beyond: every page is right and total counts all rows', async () => {
      const scene = await Scene.open(open)
      for (let i = 0; i < 25; i++) await scene.save(room(`${i}`, []))
      const all = (await scene.list()).map(({ chatId }) => chatId)
      const page = async (offset: number, limit: number) => {
        const { rows, total } = await pageOfChats(scene.db, scene.workspaceId, null, { offset, limit })
        expect(total).toBe(25)
        return rows.map(({ chatId }) => chatId)
      }
      expect(all).toHaveLength(25)
      expect(await page(0, 10)).toEqual(all.slice(0, 10))
      expect(await page(10, 10)).toEqual(all.slice(10, 20))
      expect(await page(20, 10)).toEqual(all.slice(20))
      expect(await page(24, 1)).toEqual(all.slice(24))
      expect(await page(25, 10)).toEqual([])
      expect(await page(2 ** 40, 100)).toEqual([])
    })

    test('LT-4 the oldest chat stands first, whatever was tagged or seen again last', async () => {
      const scene = await Scene.open(open)
      const vip = await scene.tag('VIP')
      const chats: ChatId[] = []
      for (const name of ['a', 'b', 'c', 'd']) chats.push((await scene.save(room(name, []))).chat.chatId)
      for (const at of [3, 0, 2]) await assignTag(scene.db, scene.workspaceId, vip, chats[at]!)
      await scene.save(room('a', ['lin']))
      expect(await scene.topics(vip)).toEqual(['a群', 'c群', 'd群'])
      expect(await scene.topics()).toEqual(['a群', 'b群', 'c群', 'd群'])
    })

    test.each([11, 22, 33, 44])(
      'LT-6 after any changes, at once and in turn, pages are what a naive list would give (seed %i)',
      async seed => {
        const scene = await Scene.open(open)
        const tags = [await scene.tag('甲'), await scene.tag('乙'), await scene.tag('丙')]
        const naive = new NaiveLists(scene, tags, seed)
        for (let round = 0; round < ROUNDS; round++) {
          await naive.changeSomethingAtOnce()
          await naive.compareAPage()
        }
        await naive.compareEverything()
      },
    )
  })
}

interface NaiveChat {
  readonly name: string
  readonly chatId: ChatId
  left: boolean
  readonly tags: Set<TagId>
}

/** The same lists as plain arrays, changed and cut in the plainest way. */
class NaiveLists {
  readonly #scene: Scene
  readonly #tags: readonly TagId[]
  readonly #fraction: () => number
  readonly #chats: NaiveChat[] = []

  constructor(scene: Scene, tags: readonly TagId[], seed: number) {
    this.#scene = scene
    this.#tags = tags
    this.#fraction = seededRandom(seed).fraction
  }

  /**
   * One to five changes in one moment, so that they run at once or share a commit; sometimes a page is asked for in
   * between. Each changes another chat, because nobody says which of two at once comes first.
   */
  async changeSomethingAtOnce(): Promise<void> {
    const untouched = new Set(Array.from({ length: ROOMS }, (_, name) => `${name}`))
    const changes = Array.from({ length: 1 + this.#below(5) }, () => {
      const name = [...untouched][this.#below(untouched.size)]!
      untouched.delete(name)
      return this.#change(name)
    })
    await Promise.all(changes)
  }

  async compareAPage(): Promise<void> {
    const tag = this.#anyList()
    await this.#compare(tag, { offset: this.#below(ROOMS), limit: 1 + this.#below(20) })
  }

  async compareEverything(): Promise<void> {
    for (const tag of [null, ...this.#tags]) await this.#compare(tag, { offset: 0, limit: 1000 })
  }

  async #change(name: string): Promise<void> {
    const { db, workspaceId } = this.#scene
    const known = this.#chats.find(chat => chat.name === name)
    const tag = this.#tags[this.#below(this.#tags.length)]!
    const kind = this.#below(6)
    if (kind <= 1 || !known) return this.#see(name)
    if (kind === 2) {
      known.left = true
      await this.#scene.leave(known.name)
    } else if (kind === 3) {
      known.tags.add(tag)
      await assignTag(db, workspaceId, tag, known.chatId)
    } else if (kind === 4) {
      known.tags.delete(tag)
      await unassignTag(db, workspaceId, tag, known.chatId)
    } else {
      // Asked for while the others change it; what it shows is compared later, when they are done.
      await pageOfChats(db, workspaceId, this.#anyList(), { offset: 0, limit: 5 })
    }
  }

  async #see(name: string): Promise<void> {
    const known = this.#chats.find(chat => chat.name === name)
    const chatId = chatIdOf(this.#scene.workspaceId, account('bei').wxid, roomWxidOf(name))
    if (known) known.left = false
    else this.#chats.push({ name, chatId, left: false, tags: new Set() })
    await this.#scene.save(room(name, []))
  }

  async #compare(tag: TagId | null, { offset, limit }: { offset: number; limit: number }): Promise<void> {
    const wanted = this.#chats.filter(chat => !chat.left && (tag === null || chat.tags.has(tag)))
    const { rows, total } = await pageOfChats(this.#scene.db, this.#scene.workspaceId, tag, { offset, limit })
    expect(rows.map(({ chatId }) => chatId)).toEqual(
      wanted.slice(offset, offset + limit).map(({ chatId }) => chatId),
    )
    expect(total).toBe(wanted.length)
  }

  #anyList(): TagId | null {
    return [null, ...this.#tags][this.#below(this.#tags.length + 1)]!
  }

  #below(count: number): number {
    return Math.floor(this.#fraction() * count)
  }
}
