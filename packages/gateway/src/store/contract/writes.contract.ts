import { describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { StoreClosed, WriteMisused } from '../database/store-error.ts'
import { addWorkspace, listWorkspaces } from '../workspaces/workspaces.ts'
import { NOON, type OpenStore, Scene, seededRandom } from './scene.contract.ts'

/** What a write promises, whatever stands in it. */
export function writesContract(open: OpenStore): void {
  const opened = async () => {
    const { db, workspaceId } = await Scene.open(open)
    const count = (id: string) => (tx: Pick<Database, 'query' | 'run'>) =>
      tx.run(
        tx.query.insertInto('counter').values({ workspace_id: workspaceId, name: id, last: 1 }).compile(),
      )
    const counted = async () => {
      const rows = await db.all(
        db.query.selectFrom('counter').select('name').where('workspace_id', '=', workspaceId).compile(),
      )
      return rows.map(({ name }) => name).sort()
    }
    return { db, count, counted }
  }

  describe('writes', () => {
    test('ST-1 a work that throws is undone alone; the others of the same moment are kept', async () => {
      const { db, count, counted } = await opened()
      const outcomes = await Promise.allSettled([
        db.write(count('first'), { line: 'one after the other' }),
        db.write(async tx => {
          await count('second')(tx)
          throw new RangeError('changed my mind')
        }),
        db.write(count('first'), { line: 'one after the other' }),
        db.write(count('third')),
      ])
      expect(outcomes.map(outcome => outcome.status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'fulfilled',
      ])
      expect(outcomes[1]).toMatchObject({ reason: new RangeError('changed my mind') })
      expect(outcomes[2]).toMatchObject({ reason: { name: 'StoreError', cause: expect.any(Error) } })
      expect(await counted()).toEqual(['first', 'third'])
    })

    test('ST-2 what was written is there for the next read', async () => {
      const { db, count, counted } = await opened()
      await db.write(count('mine'))
      expect(await counted()).toEqual(['mine'])
    })

    test('ST-3 a read sees what is committed and nothing of a write that is under way', async () => {
      const { db, count, counted } = await opened()
      const seenFromWithin = await db.write(async tx => {
        await count('half')(tx)
        const within = await tx.first(
          tx.query.selectFrom('counter').select('name').where('name', '=', 'half').compile(),
        )
        return { within, without: await counted() }
      })
      expect(seenFromWithin).toEqual({ within: { name: 'half' }, without: [] })
      expect(await counted()).toEqual(['half'])
    })

    test('ST-4 a write resolves with what its work returned, and says how many rows a statement changed', async () => {
      const { db, count } = await opened()
      expect(await db.write(count('one'))).toBe(1)
      const everything = db.query
        .updateTable('counter')
        .set({ last: 2 })
        .where('name', '=', 'nobody')
        .compile()
      expect(await db.write(tx => tx.run(everything))).toBe(0)
      expect(await db.write(async () => 'nothing to write')).toBe('nothing to write')
    })

    test('ST-5 a tx that is used after its write is refused and changes nothing', async () => {
      const { db, count, counted } = await opened()
      let kept: Parameters<Parameters<Database['write']>[0]>[0] | undefined
      await db.write(async tx => {
        kept = tx
      })
      await expect(count('late')(kept!)).rejects.toThrow(WriteMisused)
      expect(await counted()).toEqual([])
    })

    test('ST-7 closing finishes the writes that wait, then refuses every question', async () => {
      const store = await open()
      const random = seededRandom(2)
      const names = ['一组', '二组', '三组']
      const waiting = names.map(name => addWorkspace(store.db, random, { name, at: NOON }))
      await store.close()
      expect((await Promise.all(waiting)).map(({ name }) => name)).toEqual(names)
      await expect(listWorkspaces(store.db)).rejects.toThrow(StoreClosed)
      await expect(addWorkspace(store.db, random, { name: '四组', at: NOON })).rejects.toThrow(StoreClosed)
    })

    test('ST-8 statements are built here and run by the database: Kysely itself runs none', async () => {
      const { db } = await opened()
      await expect(db.query.selectFrom('bot').selectAll().execute()).rejects.toThrow('.compile()')
    })

    test('ST-9 text, numbers, flags, bytes and null come back as they went in', async () => {
      const { db, workspaceId } = await Scene.open(open)
      const bytes = Buffer.from([0, 255, 1, 128])
      const row = { id: 1, webhook_id: 'msg_1', address_id: 'a', lane_key: '群🏮', kind: 'chatroom/joined' }
      await db.write(async tx => {
        await tx.run(
          tx.query
            .insertInto('callback_address')
            .values({
              workspace_id: workspaceId,
              id: 'a',
              base_url: '',
              secrets_sealed: bytes,
              created_at: NOON,
            })
            .compile(),
        )
        await tx.run(
          tx.query
            .insertInto('callback')
            .values({ workspace_id: workspaceId, ...row, due_at: 2 ** 53 - 1, body_id: 1, owed_at: -1 })
            .compile(),
        )
      })
      const address = await db.first(db.query.selectFrom('callback_address').selectAll().compile())
      expect(Buffer.from(address!.secrets_sealed)).toEqual(bytes)
      expect(await db.first(db.query.selectFrom('callback').selectAll().compile())).toMatchObject({
        ...row,
        due_at: 2 ** 53 - 1,
        owed_at: -1,
        settled_at: null,
        attempt: 0,
      })
    })
  })
}
