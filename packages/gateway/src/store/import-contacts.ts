import type { LineOutcome, WorkspaceId } from '@qunhub/wire'
import type { Database, Transaction } from './database.ts'
import type { ContactRow } from './hot-statements.ts'

/** Who is meant, by either id, and what is known of him. */
export interface ImportedIds {
  readonly wxid: string | null
  readonly externalUserId: string | null
  readonly unionId: string | null
}

export interface ImportedLine {
  readonly outcome: LineOutcome
  /** How many bots know the contact. */
  readonly bots: number
}

/** Lines in one write, which keeps the syncs of the workspace's bots waiting meanwhile. */
const LINES_PER_WRITE_MAX = 50

/**
 * Keeps the ids with the contact at every bot that knows it; null lines are malformed. What is imported stays when a puppet
 * says nothing of it, and gives way when one says something else (see `compareContacts`).
 */
export async function importContacts(
  db: Database,
  workspaceId: WorkspaceId,
  lines: readonly (ImportedIds | null)[],
  { dryRun }: { dryRun: boolean },
): Promise<ImportedLine[]> {
  const imported: ImportedLine[] = []
  for (let from = 0; from < lines.length; from += LINES_PER_WRITE_MAX) {
    const some = lines.slice(from, from + LINES_PER_WRITE_MAX)
    imported.push(...(await db.write(tx => importSome(tx, workspaceId, some, dryRun))))
  }
  return imported
}

async function importSome(
  tx: Transaction,
  workspaceId: WorkspaceId,
  lines: readonly (ImportedIds | null)[],
  dryRun: boolean,
): Promise<ImportedLine[]> {
  if (!dryRun) await holdBots(tx, workspaceId)
  const imported: ImportedLine[] = []
  for (const line of lines) {
    imported.push(line ? await importOne(tx, workspaceId, line, dryRun) : { outcome: 'malformed', bots: 0 })
  }
  return imported
}

async function importOne(
  tx: Transaction,
  workspaceId: WorkspaceId,
  ids: ImportedIds,
  dryRun: boolean,
): Promise<ImportedLine> {
  const { wxid, externalUserId, unionId } = ids
  const known =
    wxid !== null
      ? await contactsBy(tx, workspaceId, 'wxid', wxid)
      : await contactsBy(tx, workspaceId, 'handle', externalUserId!)
  const bots = known.length
  if (bots === 0) return { outcome: 'unknown', bots }
  // By another contact of the same bot. Bots of two corps know the same person under two wxids, and its unionId is one.
  const isTaken = async (by: 'handle' | 'union_id', id: string) =>
    (await contactsBy(tx, workspaceId, by, id)).some(other =>
      known.some(row => row.bot_id === other.bot_id && row.wxid !== other.wxid),
    )
  const isConflict =
    (externalUserId !== null &&
      (known.some(row => row.coworker === 1) || (await isTaken('handle', externalUserId)))) ||
    (unionId !== null && (await isTaken('union_id', unionId)))
  if (isConflict) return { outcome: 'conflict', bots }

  const different = known.filter(
    row => row.union_id !== (unionId ?? row.union_id) || row.handle !== (externalUserId ?? row.handle),
  )
  if (different.length === 0) return { outcome: 'unchanged', bots }
  if (!dryRun) for (const row of different) await put(tx, row, ids)
  return { outcome: 'updated', bots }
}

const contactsBy = (
  tx: Transaction,
  workspaceId: WorkspaceId,
  by: 'wxid' | 'handle' | 'union_id',
  id: string,
): Promise<ContactRow[]> =>
  tx.all(
    tx.query
      .selectFrom('contact')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where(by, '=', id)
      .compile(),
  )

const put = (
  tx: Transaction,
  { workspace_id, bot_id, wxid }: ContactRow,
  ids: ImportedIds,
): Promise<number> =>
  tx.run(
    tx.query
      .updateTable('contact')
      .set({
        ...(ids.unionId !== null && { union_id: ids.unionId }),
        ...(ids.externalUserId !== null && { handle: ids.externalUserId }),
      })
      .where('workspace_id', '=', workspace_id)
      .where('bot_id', '=', bot_id)
      .where('wxid', '=', wxid)
      .compile(),
  )

/** A sync that has read a contact before this write would put back what it read. All syncs hold their bot's row. */
async function holdBots(tx: Transaction, workspaceId: WorkspaceId): Promise<void> {
  const bots = tx.query.selectFrom('bot').select('id').where('workspace_id', '=', workspaceId).orderBy('id')
  await tx.all((tx.dialect === 'postgres' ? bots.forNoKeyUpdate() : bots).compile())
}
