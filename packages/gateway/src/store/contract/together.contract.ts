import type { BotId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import type { OwedCallback } from '../../model/callback.ts'
import type { Contact } from '../../model/contact.ts'
import type { Room } from '../../model/room.ts'
import { cleanRoom } from '../rooms/clean-room.ts'
import { listChatsOfBot } from '../rooms/rooms.ts'
import { ROOMS_TOGETHER, type SavedRoom } from '../rooms/save-room.ts'
import { assignTag } from '../rooms/tags.ts'
import { setSwitches } from '../workspaces/workspaces.ts'
import { account, contact, NOON, type OpenStore, room, Scene, seededRandom } from './scene.contract.ts'

export const ROUNDS = 40
const ROOMS = ['街', '巷', '桥', '塔', '店', '河', '山']
const SOME_ROOMS = ['街', '巷', '桥', '塔']
const PEOPLE = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** Rooms that share a transaction are kept as if they had been saved one after another. */
export function togetherContract(open: OpenStore): void {
  describe('rooms that are saved together', () => {
    test.each([11, 12, 13])(
      'ST-128 leave what one after another leaves, and owe the same in the same order (seed %i)',
      async seed => {
        const alone = await Scene.open(open)
        const together = await Scene.in(alone.db, alone.random, account('bei'))
        for (const scene of [alone, together]) {
          await scene.listen()
          await setSwitches(scene.db, scene.workspaceId, { roomLeft: true })
        }
        const batches = new RandomBatches(seed)
        for (let round = 0; round < ROUNDS; round++) {
          const rooms = batches.next()
          const told = []
          for (const seen of rooms) told.push(await alone.save(seen, { owe: oweAsTold }))
          const before = await together.list()
          const toldTogether = await saveTogether(together, rooms)

          expect(toldTogether.map(asTold)).toEqual(told.map(asTold))
          expect(await keptIn(together)).toEqual(await keptIn(alone))
          expect(await together.callbacks()).toEqual(await alone.callbacks())
          await expectNewRevisions(together, before, toldTogether)
          const leaving = batches.oneOf(ROOMS)
          for (const scene of [alone, together]) {
            if (round % 5 === 0) await scene.leave(leaving)
            if (round === 3) await tagEverything(scene)
          }
        }
      },
    )

    test('ST-128 ST-129 a batch that is undone has said of each room what is said when it is saved by itself', async () => {
      const scene = await Scene.open(open)
      for (const name of SOME_ROOMS) await scene.save(room(name, PEOPLE))
      const said = new Map<string, boolean[]>(SOME_ROOMS.map(name => [name, []]))
      const saves = SOME_ROOMS.map(name => {
        const seen = room(name, PEOPLE)
        const members = seen.members.map(member => ({
          ...member,
          contact: { ...member.contact, name: `${member.contact.name} 改名` },
        }))
        const owe = ({ changed }: SavedRoom) => {
          said.get(name)!.push(changed)
          if (name === '塔') throw new RangeError('no body')
          return null
        }
        return scene.save({ ...seen, members }, { owe })
      })
      await Promise.allSettled(saves)
      for (const runs of said.values()) expect(new Set(runs).size).toBe(1)
      expect(SOME_ROOMS.map(name => said.get(name)!.at(-1))).toEqual([true, false, false, false])
    })

    test('ST-129 one that cannot be saved takes none of the others with it, nor its place in their order', async () => {
      const scene = await Scene.open(open)
      await scene.listen()
      const save = (name: string, owe = oweAsTold) => scene.save(room(name, PEOPLE), { owe })
      const saves = ['街', '巷', '桥', '塔'].map(name =>
        save(name, saved => {
          if (name === '桥') throw new RangeError('no body')
          return oweAsTold(saved)
        }),
      )
      const leaving = scene.leave('塔')
      const again = save('巷')
      const outcomes = await Promise.allSettled([...saves, leaving, again])
      expect(outcomes.map(({ status }) => status)).toEqual([
        ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
      ])
      expect(outcomes[2]).toMatchObject({ reason: new RangeError('no body') })
      expect(await leaving).toBe(true)
      expect(await scene.topics()).toEqual(['街群', '巷群'])
      const entered = ['街', '巷', '塔'].map(name => `R:${name} entered`)
      expect((await scene.callbacks()).map(body => body.split('\n')[0])).toEqual([...entered, 'R:巷 known'])
    })
  })
}

const saveTogether = (scene: Scene, rooms: readonly Room[]): Promise<readonly SavedRoom[]> =>
  scene.db.write(tx =>
    ROOMS_TOGETHER.work(
      tx,
      rooms.map(seen => ({ tenure: scene.tenure, room: cleanRoom(seen), at: NOON, owe: oweAsTold })),
    ),
  )

/** What the save has told goes into the body, so that bodies are equal only where that is. */
const oweAsTold = (saved: SavedRoom): OwedCallback => {
  const { wxid } = saved.chat.room
  const body = `${wxid} ${saved.entered ? 'entered' : 'known'}\n${JSON.stringify(asTold(saved))}`
  return { kind: 'chatroom/loaded', laneKey: wxid, body: Buffer.from(body) }
}

const namesOf = (members: readonly { contact: Contact }[]) => members.map(({ contact: { wxid } }) => wxid)

/** Without what is of a workspace alone, and the revision: several changes of a row at one moment are one. */
export const asTold = ({ chat, entered, joined, left, renamed, switches, changed }: SavedRoom) => ({
  ...{ room: chat.room, labels: chat.labels.map(({ name }) => name), entered, renamed, switches, changed },
  ...{ joined: namesOf(joined), left: namesOf(left) },
})

/** All that stands in the tables of rooms, without what is of a workspace alone. */
export async function keptIn(scene: Scene) {
  const { botId } = scene
  const chats = (await scene.rowsOf('chat')).toSorted((one, other) => one.ordinal - other.ordinal)
  const roomOf = new Map(chats.map(({ chat_id, room_wxid, ordinal }) => [chat_id, { room_wxid, ordinal }]))
  const members = (await scene.rowsOf('chat_member'))
    .map(({ workspace_id: _, chat_id, ...member }) => ({ ...roomOf.get(chat_id)!, ...member }))
    .toSorted((one, other) => one.ordinal - other.ordinal || one.position - other.position)
  const contacts = (await scene.rowsOf('contact')).toSorted((one, other) => (one.wxid < other.wxid ? -1 : 1))
  const counts = (await scene.rowsOf('list_block')).filter(({ chats: count }) => count !== 0)
  const numbers = contacts.flatMap(({ ordinal }) => ordinal ?? []).toSorted((one, other) => one - other)
  return {
    chats: chats.map(({ workspace_id: _, chat_id: __, bot_id: ___, revision: ____, ...chat }) => chat),
    members,
    contacts: contacts.map(({ workspace_id: _, bot_id: __, ordinal, ...each }) => ({
      ...each,
      place: ordinal === null ? null : numbers.indexOf(ordinal),
    })),
    counts: counts
      .map(({ workspace_id: _, list, ...count }) => ({ ...count, list: listName(list, botId) }))
      .toSorted((one, other) => one.list.localeCompare(other.list)),
  }
}

const listName = (list: string, botId: BotId): string =>
  list === '' ? 'all' : list.endsWith(botId) ? 'contacts' : 'a tag'

/** A row that looks different has another revision, and each save has told the one that is kept. */
async function expectNewRevisions(
  scene: Scene,
  before: Awaited<ReturnType<Scene['list']>>,
  told: readonly SavedRoom[],
): Promise<void> {
  const known = new Map(before.map(each => [each.chatId, each]))
  for (const { chatId, revision, row } of await scene.list())
    if (known.get(chatId)?.revision === revision) expect(row).toBe(known.get(chatId)!.row)
  const kept = await listChatsOfBot(scene.db, scene.workspaceId, scene.botId)
  const revisions = new Map(kept.map(({ chatId, revision }) => [chatId, revision]))
  expect(told.map(({ revision }) => revision)).toEqual(told.map(({ chat }) => revisions.get(chat.chatId)))
}

async function tagEverything(scene: Scene): Promise<void> {
  const tag = await scene.tag('VIP')
  for (const { chatId } of await scene.list()) await assignTag(scene.db, scene.workspaceId, tag, chatId)
}

/**
 * Rooms as a puppet may show them one behind another: people are in several, and change between two of them. But who is a friend stays
 * so within a batch: whoever loses a place in the list of contacts and gets another one at the same moment may get another than that.
 */
export class RandomBatches {
  readonly #fraction: () => number
  #friends: readonly string[] = []

  constructor(seed: number) {
    this.#fraction = seededRandom(seed).fraction
  }

  oneOf<T>(of: readonly T[]): T {
    return of[Math.floor(this.#fraction() * of.length)]!
  }

  next(): Room[] {
    this.#friends = PEOPLE.filter(() => this.#fraction() < 0.8)
    const rooms = ROOMS.filter(() => this.#fraction() < 0.5)
    return this.#shuffled(rooms.length > 0 ? rooms : [this.oneOf(ROOMS)]).map(name => this.#room(name))
  }

  #room(name: string): Room {
    const inside = this.#shuffled(PEOPLE.filter(() => this.#fraction() < 0.6))
    return room(name, [], {
      topic: `${name} ${this.oneOf([1, 2])}`,
      wecomChatId: this.oneOf([null, null, `wr${name}`]),
      members: inside.map(person => ({
        contact: this.#contact(person),
        roomAlias: this.oneOf([null, null, '别名']),
        ...(this.#fraction() < 0.1 ? { unread: true as const } : {}),
      })),
    })
  }

  #contact(person: string): Contact {
    return contact(person, {
      name: `${person}${this.oneOf(['', '', '', '!'])}`,
      isFriend: this.#friends.includes(person),
      unionId: this.oneOf([null, `o${person}`]),
      alias: this.oneOf([null, '备注']),
    })
  }

  #shuffled<T>(of: readonly T[]): T[] {
    return of
      .map(each => ({ each, at: this.#fraction() }))
      .toSorted((one, other) => one.at - other.at)
      .map(({ each }) => each)
  }
}
