import { noteStatements } from '@qunhub/testing/note-statements.ts'
import { describe, expect, test } from 'vitest'
import type { Statement } from '../database/database.ts'
import {
  type AuditEntry,
  forgetAuditEntries,
  keepAuditEntry,
  listAuditEntries,
  listAuditKeys,
  removeAuditEntries,
} from '../people/audit.ts'
import { walksOf } from './explain.contract.ts'
import { NOON, type OpenStore, Scene } from './scene.contract.ts'

const entry = (at: number, but: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at, realm: 'console', whoId: 'a'.repeat(24), who: '小北', workspaceId: null },
  ...{ verb: 'add-tag', about: '{"name":"VIP"}', outcome: 'done' },
  ...but,
})

/** Who changed what. */
export function auditContract(open: OpenStore): void {
  describe('audit', () => {
    test('CON-16 entries are read newest first, page by page, as they were written', async () => {
      const { db, random } = await Scene.open(open)
      for (let n = 0; n < 5; n++) await keepAuditEntry(db, random, entry(NOON + n, { verb: `verb-${n}` }))
      const [first, second] = await listAuditEntries(db, { before: undefined, limit: 2 })
      expect([first!.verb, second!.verb]).toEqual(['verb-4', 'verb-3'])
      expect(first).toEqual({ ...entry(NOON + 4, { verb: 'verb-4' }), id: expect.any(String) })
      const next = await listAuditEntries(db, { before: second!.id, limit: 9 })
      expect(next.map(({ verb }) => verb)).toEqual(['verb-2', 'verb-1', 'verb-0'])
    })

    test('CON-16 what is old is forgotten, so many at a time, and others by their ids', async () => {
      const { db, random } = await Scene.open(open)
      for (let n = 0; n < 10; n++) await keepAuditEntry(db, random, entry(NOON + n))
      const left = async () =>
        (await listAuditEntries(db, { before: undefined, limit: 99 })).map(({ at }) => at - NOON)
      expect(await forgetAuditEntries(db, { before: NOON + 3, limit: 2 })).toBe(2)
      expect(await forgetAuditEntries(db, { before: NOON + 3, limit: 2 })).toBe(1)
      expect(await forgetAuditEntries(db, { before: NOON + 3, limit: 2 })).toBe(0)
      expect(await left()).toEqual([9, 8, 7, 6, 5, 4, 3])
      const [newest, second] = await listAuditKeys(db, { before: undefined, limit: 2 })
      expect(newest).toEqual({ id: expect.any(String), realm: 'console', workspace_id: null })
      expect(await removeAuditEntries(db, [second!.id])).toBe(1)
      expect(await left()).toEqual([9, 7, 6, 5, 4, 3])
    })

    test('CON-16 a page costs the same wherever it lies, and nothing is sorted', async () => {
      const { db } = await Scene.open(open)
      const rows = Array.from({ length: 3000 }, (_, n) => {
        const { whoId, workspaceId, ...rest } = entry(NOON + n)
        return { ...rest, id: String(n).padStart(9, '0'), who_id: whoId, workspace_id: workspaceId }
      })
      for (let at = 0; at < rows.length; at += 500)
        await db.write(tx =>
          tx.run(
            tx.query
              .insertInto('audit_entry')
              .values(rows.slice(at, at + 500))
              .compile(),
          ),
        )
      const statements: Statement[] = []
      await listAuditEntries(noteStatements(db, statements), { before: '000001500', limit: 50 })
      await listAuditEntries(noteStatements(db, statements), { before: undefined, limit: 50 })
      await forgetAuditEntries(noteStatements(db, statements), { before: NOON, limit: 50 })
      await listAuditKeys(noteStatements(db, statements), { before: '000001500', limit: 50 })
      await removeAuditEntries(noteStatements(db, statements), ['000001500', '000001501'])
      expect(statements.length).toBeGreaterThanOrEqual(4)
      expect(await walksOf(db, 'audit_entry', statements)).toEqual([])
    })
  })
}
