/** Rows that are kept, in memory and in a file, beside rows that are made from the store as it is: they are always the same. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openOwnStore } from '@qunhub/testing/open-own-store.ts'
import { lendStore } from '@qunhub/testing/postgres/lent-store.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Contact } from '../model/contact.ts'
import { toRoomRow } from '../model/room.ts'
import { saveBotAccount } from '../store/bots/bots.ts'
import { account, contact, room, Scene, seededRandom } from '../store/contract/scene.contract.ts'
import type { Database } from '../store/database/database.ts'
import type { Store } from '../store/database/open-store.ts'
import { pageOfChats, readChats } from '../store/rooms/rooms.ts'
import { assignTag, renameTag, unassignTag } from '../store/rooms/tags.ts'
import { setSwitches } from '../store/workspaces/workspaces.ts'
import { silentLog } from '../system/log.ts'
import { type Piece, SplicedGzip } from '../system/spliced-gzip.ts'
import { createRowCache } from './row-cache.ts'
import { createRowFile, type RowFile } from './row-file.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const STEPS = 80
const ROOMS = ['街', '巷', '桥', '塔', '港', '湾', '坊', '里']
const PEOPLE = ['lin', 'mo', 'zhu', 'an', 'bo', 'cen', 'du', 'fei']

const onPostgres = async (): Promise<Store> => {
  const { store, giveBack } = await lendStore()
  onTestFinished(giveBack)
  return store
}

function unpacked(piece: Piece): string {
  const gzip = new SplicedGzip()
  gzip.add(piece)
  gzip.end(Buffer.alloc(0))
  return gunzipSync(gzip.take()).toString()
}

/** One node's: memory for two or three rows, so that most of them go through the file, whose oldest are overwritten soon. */
async function openNode(db: Database) {
  const directory = await mkdtemp(join(tmpdir(), 'qunhub-rows-'))
  const clock = new ManualClock()
  const file = createRowFile({
    ...{ directory, clock, log: silentLog },
    bytesMax: 8000,
    freeBytes: async () => 2 ** 40,
  })
  onTestFinished(async () => {
    await file.close()
    await rm(directory, { recursive: true, force: true })
  })
  let found = 0
  const counted: Pick<RowFile, 'find' | 'keep'> = {
    find(chat, revision, cut) {
      const row = file.find(chat, revision, cut)
      if (row) found++
      return row
    },
    keep: file.keep,
  }
  const cache = createRowCache({ db, file: counted, bytesMax: 4000, chatsPerRead: 2 })
  return { cache, clock, found: () => found }
}

describe.each([
  ['SQLite', openOwnStore],
  ['PostgreSQL', onPostgres],
] as const)('rows that are kept, %s', (_name, open) => {
  test(`RR-6 RR-7 whatever changes, two nodes show every row as it is in the store (SEED=${SEED})`, async () => {
    const random = seededRandom(SEED)
    const scene = await Scene.open(open)
    const { db, workspaceId, tenure } = scene
    const some = <T>(of: readonly T[]): T => of[Math.floor(random.fraction() * of.length)]!
    const maybe = () => random.fraction() < 0.5
    const vip = await scene.tag('VIP')
    const nodes = [await openNode(db), await openNode(db)]

    const person = (): Contact =>
      contact(some(PEOPLE), {
        name: `名字 ${Math.floor(random.fraction() * 4)}`,
        avatarUrl: `http://a/${Math.floor(random.fraction() * 2)}`,
        isFriend: maybe(),
        corporation: some([null, '林记', '莫记']),
      })
    const seen = () => {
      const people = [...new Map(PEOPLE.filter(maybe).map(name => [name, person()])).values()]
      const members = [...new Map([...people, person()].map(each => [each.wxid, each])).values()]
      const but = { topic: `群 ${Math.floor(random.fraction() * 3)}`, external: maybe(), wecomChatId: 'wr1' }
      const owner = some(members).wxid
      return room(some(ROOMS), members, { ...but, ownerId: owner })
    }
    const chatIds = async () =>
      (await pageOfChats(db, workspaceId, null, { offset: 0, limit: 100 })).rows.map(({ chatId }) => chatId)
    const changes: (() => Promise<unknown>)[] = [
      () => scene.save(seen()),
      () => scene.save(seen()),
      () => scene.meet(person(), person()),
      () => scene.leave(some(ROOMS)),
      async () => assignTag(db, workspaceId, vip, some(await chatIds())),
      async () => unassignTag(db, workspaceId, vip, some(await chatIds())),
      () => renameTag(db, workspaceId, vip, some(['VIP', 'SVIP'])),
      () => saveBotAccount(db, tenure, account('bei', { nickName: some(['小北', '大北']) })),
      () => setSwitches(db, workspaceId, { showWecomChatId: maybe() }),
    ]
    for (const name of ROOMS) await scene.save(room(name, PEOPLE))

    // And until rows have come from the file, however long the disk takes.
    for (let step = 0; step < STEPS || nodes.some(({ found }) => found() < 10); step++) {
      if (maybe()) await some(changes)()
      const { cache, clock } = some(nodes)
      // What waits is written, or not yet.
      if (maybe()) clock.advance(25)
      const { rows: chats } = await pageOfChats(db, workspaceId, null, { offset: 0, limit: 100 })
      const asked = chats.filter(maybe)
      const memory = cache.lendMemory()
      const rows = await cache.rows(
        workspaceId,
        asked,
        { giveWay: async () => {} },
        { isPacked: maybe(), cut: memory.cut },
      )
      const fresh = await readChats(
        db,
        workspaceId,
        asked.map(({ chatId }) => chatId),
      )
      const expected = fresh.map(chat => `,${JSON.stringify(toRoomRow(chat))}`)
      expect(rows.map(({ bytes }) => String(bytes))).toEqual(expected)
      for (const [n, { piece }] of rows.entries())
        if (piece) expect(unpacked(piece)).toBe(expected[n]!.slice(1))
      memory.giveBack()
      await new Promise(resolve => setImmediate(resolve))
    }
  })
})
