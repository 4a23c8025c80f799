/** Who changed what: rows in the order of time, forgotten when they are old or too many. */
import type { Selectable } from 'kysely'
import { hex24, type Random } from '../../system/random.ts'
import type { Database, Queryable } from '../database/database.ts'
import { momentKey } from '../database/moment-key.ts'
import type { AuditEntryTable } from '../schema/tables.ts'

export interface AuditEntry {
  readonly at: number
  readonly realm: 'machine' | 'management' | 'console'
  readonly whoId: string | null
  readonly who: string
  readonly workspaceId: string | null
  readonly verb: string
  /** JSON. */
  readonly about: string
  readonly outcome: string
}

export type SavedAuditEntry = AuditEntry & { readonly id: string }

export const keepAuditEntry = async (db: Database, random: Random, entry: AuditEntry): Promise<void> => {
  const { at, realm, who, verb, about, outcome } = entry
  const id = momentKey(at) + hex24(random).slice(0, 12)
  const row = {
    id,
    at,
    realm,
    who,
    verb,
    about,
    outcome,
    who_id: entry.whoId,
    workspace_id: entry.workspaceId,
  }
  await db.write(tx => tx.run(tx.query.insertInto('audit_entry').values(row).compile()))
}

/** Newest first, those before the one with this id. */
export async function listAuditEntries(
  db: Queryable,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<SavedAuditEntry[]> {
  const newest = db.query.selectFrom('audit_entry').selectAll().orderBy('id', 'desc').limit(limit)
  const page = before === undefined ? newest : newest.where('id', '<', before)
  return (await db.all(page.compile())).map(toEntry)
}

/** At most `limit` of those from before `before`, the oldest first; how many went. */
export const forgetAuditEntries = (
  db: Database,
  { before, limit }: { before: number; limit: number },
): Promise<number> =>
  db.write(async tx => {
    const going = tx.query
      .selectFrom('audit_entry')
      .select('id')
      .where('id', '<', momentKey(before))
      .orderBy('id')
      .limit(limit)
    const last = (await tx.all(going.compile())).at(-1)
    // They are the oldest there are, so they are all that stand before the last of them.
    if (last === undefined) return 0
    return tx.run(tx.query.deleteFrom('audit_entry').where('id', '<=', last.id).compile())
  })

/** Whose entries there are, newest first, those before the one with this id. */
export const listAuditKeys = (
  db: Queryable,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<Pick<AuditEntryTable, 'id' | 'realm' | 'workspace_id'>[]> => {
  const newest = db.query
    .selectFrom('audit_entry')
    .select(['id', 'realm', 'workspace_id'])
    .orderBy('id', 'desc')
    .limit(limit)
  return db.all((before === undefined ? newest : newest.where('id', '<', before)).compile())
}

/** So many as one statement can name. */
export const removeAuditEntries = (db: Database, ids: readonly string[]): Promise<number> =>
  db.write(tx => tx.run(tx.query.deleteFrom('audit_entry').where('id', 'in', ids).compile()))

const toEntry = (row: Selectable<AuditEntryTable>): SavedAuditEntry => ({
  id: row.id,
  at: row.at,
  realm: row.realm,
  whoId: row.who_id,
  who: row.who,
  workspaceId: row.workspace_id,
  verb: row.verb,
  about: row.about,
  outcome: row.outcome,
})
