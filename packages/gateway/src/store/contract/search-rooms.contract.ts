import { noteStatements } from '@qunhub/testing/note-statements.ts'
import { describe, expect, test } from 'vitest'
import type { Statement } from '../database/database.ts'
import { chatIdsOfMembers, membersOfId, membersOfName } from '../rooms/find-members.ts'
import type { RoomFilter } from '../rooms/room-fits.ts'
import { eachFittingRoom, searchRooms } from '../rooms/search-rooms.ts'
import { assignTag } from '../rooms/tags.ts'
import { contact, type OpenStore, room, Scene, wxidOf } from './scene.contract.ts'

/** Looking for rooms among many. */
export function searchRoomsContract(open: OpenStore): void {
  describe('searching rooms', () => {
    test('CON-33 rooms are found by tag, by being external and by a part of the topic, each with each, and counted', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const saved = []
      for (const [at, topic] of ['甲群', '乙群', '丙组', '丁群'].entries())
        saved.push(await scene.save(room(`${at}`, ['lin'], { topic, external: at !== 1 })))
      const tagId = await scene.tag('VIP')
      for (const at of [1, 2, 3]) await assignTag(db, workspaceId, tagId, saved[at]!.chat.chatId)
      const found = async (filter: RoomFilter, page = {}) => {
        const { rooms, next, total } = await searchRooms(db, workspaceId, filter, { limit: 9, ...page })
        return [rooms.map(({ roomWxid }) => roomWxid).join(' '), next !== null, total.count]
      }
      expect(await found({})).toEqual(['R:0 R:1 R:2 R:3', false, 4])
      expect(await found({ tagId })).toEqual(['R:1 R:2 R:3', false, 3])
      expect(await found({ tagId, external: true, topic: '群' })).toEqual(['R:3', false, 1])
      expect(await found({ external: false })).toEqual(['R:1', false, 1])
      expect(await found({ topic: '群' }, { limit: 2 })).toEqual(['R:0 R:1', true, 3])
      const chatIds = [saved[2]!, saved[0]!].map(({ chat }) => chat.chatId)
      expect(await found({ chatIds })).toEqual(['R:0 R:2', false, 2])
      expect(await found({ chatIds, tagId })).toEqual(['R:2', false, 1])
      expect(await found({ topic: '丁', orChatIds: chatIds })).toEqual(['R:0 R:2 R:3', false, 3])
      const { rooms } = await searchRooms(db, workspaceId, {}, { limit: 2 })
      expect(await found({ topic: '群' }, { after: rooms[1]!.ordinal })).toEqual(['R:3', false, 3])
      await scene.leave('0')
      expect(await found({})).toEqual(['R:1 R:2 R:3', false, 3])
      expect(await found({ chatIds })).toEqual(['R:2', false, 1])
    })

    test('CON-33 members are known by any id, and by how their name begins, each workspace its own', async () => {
      const scene = await Scene.open(open)
      const { db, random, workspaceId } = scene
      const other = await Scene.in(db, random)
      const union = `o${'u'.repeat(27)}`
      const { chat } = await scene.save(
        room('1', [contact('林凌', { handle: 'wm-lin', unionId: union }), '林一', '王五']),
      )
      await other.save(room('1', ['林三']))
      for (const id of [wxidOf('林凌'), 'wm-lin', union])
        expect((await membersOfId(db, workspaceId, id)).map(({ name }) => name)).toEqual(['林凌'])
      expect(await membersOfId(db, workspaceId, '林凌')).toEqual([])
      const namesakes = await membersOfName(db, workspaceId, '林')
      expect(namesakes.map(({ name }) => name).toSorted()).toEqual(['林一', '林凌'])
      expect(await membersOfName(db, workspaceId, '凌')).toEqual([])
      const wxids = namesakes.map(({ wxid }) => wxid)
      expect(await chatIdsOfMembers(db, workspaceId, wxids)).toEqual([chat.chatId])
      expect(await chatIdsOfMembers(db, other.workspaceId, wxids)).toEqual([])
      expect(await chatIdsOfMembers(db, workspaceId, [])).toEqual([])
    })

    test('CON-33 CON-45 whoever is in more rooms than are named is found in every one of them, block by block, as long as he is in', async () => {
      const scene = await Scene.open(open)
      const { db, workspaceId } = scene
      const lin = [wxidOf('林凌'), wxidOf('林一')]
      for (const name of ['甲', '乙', '丙', '丁'])
        await scene.save(room(name, name === '丙' ? ['王五'] : ['林凌', '王五']))
      expect(await chatIdsOfMembers(db, workspaceId, lin, 2)).toBeNull()
      const chatIds = await chatIdsOfMembers(db, workspaceId, lin, 3)
      expect(chatIds).toHaveLength(3)
      const found = async (filter: RoomFilter) => {
        const { rooms, total } = await searchRooms(db, workspaceId, filter, { limit: 9 })
        const each = await Array.fromAsync(eachFittingRoom(db, workspaceId, filter))
        expect(each.flat()).toHaveLength(total.count)
        return rooms.map(({ roomWxid }) => roomWxid).join(' ')
      }
      for (const filter of [{ chatIds: chatIds! }, { memberOf: lin }])
        expect(await found(filter)).toBe('R:甲 R:乙 R:丁')
      expect(await found({ topic: '丙', orMemberOf: lin })).toBe('R:甲 R:乙 R:丙 R:丁')
      expect(await found({ topic: '丙', orMemberOf: [wxidOf('nobody')] })).toBe('R:丙')
      await scene.leave('甲')
      expect(await found({ memberOf: lin })).toBe('R:乙 R:丁')
    })

    test('CON-33 so many blocks of rooms are looked through and no more, wherever the page lies', async () => {
      const { db, workspaceId, rows } = await spread(open, 25)
      const statements: Statement[] = []
      const noting = noteStatements(db, statements)
      const first = await searchRooms(noting, workspaceId, { topic: '群' }, { limit: 50 })
      expect(first.total).toEqual({ count: 20, atLeast: true })
      // The blocks of the list, twenty of them, and the last chat of the last one.
      expect(statements).toHaveLength(22)
      expect(first.next).toBe(rows[19]!.chat_id)
      const none = await searchRooms(db, workspaceId, { topic: '无' }, { limit: 50 }, () => true)
      expect(none).toEqual({ rooms: [], next: rows[0]!.chat_id, total: { count: 0, atLeast: true } })
      const last = await searchRooms(db, workspaceId, { topic: '群' }, { after: 22_500, limit: 50 })
      expect(last.rooms.map(({ roomWxid }) => roomWxid)).toEqual(['R:23', 'R:24'])
      expect((await searchRooms(db, workspaceId, {}, { limit: 1 })).total).toEqual({
        count: 25,
        atLeast: false,
      })
    })

    test('CON-33 whoever follows next comes to the end and finds every room once, though the time is always over', async () => {
      const { db, workspaceId, rows } = await spread(open, 6)
      const left = rows[3]!.chat_id
      const isLeft = db.query.updateTable('chat').set({ left_at: 1 }).where('chat_id', '=', left).compile()
      // Its block is still counted: it was left behind the blocks of the list.
      await db.write(tx => tx.run(isLeft))
      const found: string[] = []
      const cursors: (string | null)[] = []
      let after: number | undefined
      do {
        const page = await searchRooms(db, workspaceId, { topic: '群' }, { after, limit: 50 }, () => true)
        found.push(...page.rooms.map(({ roomWxid }) => roomWxid))
        expect(cursors).not.toContain(page.next)
        cursors.push(page.next)
        after = rows.find(({ chat_id }) => chat_id === page.next)?.ordinal
      } while (after !== undefined)
      expect(found).toEqual(['R:0', 'R:1', 'R:2', 'R:4', 'R:5'])
      expect(cursors).toEqual([...[0, 1, 2, 4].map(at => rows[at]!.chat_id), null])
    })
  })
}

/** A workspace with so many blocks of rooms, and one room in each. */
async function spread(open: OpenStore, blocks: number) {
  const { db, workspaceId, botId } = await Scene.open(open)
  const rows = Array.from({ length: blocks }, (_, block) => ({
    ...{ workspace_id: workspaceId, chat_id: `${block}`.padStart(24, '0'), bot_id: botId },
    ...{ room_wxid: `R:${block}`, topic: '群', avatar_url: '', owner_id: '', external: 1 as const },
    ...{ ordinal: block * 1000 + 1, created_at: 0, member_count: 0 },
  }))
  await db.write(async tx => {
    await tx.run(tx.query.insertInto('chat').values(rows).compile())
    const counts = rows.map((_, block) => ({ workspace_id: workspaceId, list: '', block, chats: 1 }))
    await tx.run(tx.query.insertInto('list_block').values(counts).compile())
  })
  return { db, workspaceId, rows }
}
