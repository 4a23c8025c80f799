import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { LineOutcome, WorkspaceId } from '@qunhub/wire'
import { listBotIds } from '../bots/bot-row.ts'
import type { Database, Queryable, Transaction } from '../database/database.ts'
import type { ContactRow } from '../database/hot-rows.ts'
import { locked } from '../database/lock-rows.ts'

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

/** Lines that are read, and written, together: few, for a write keeps the syncs of the bots that know somebody waiting. */
const LINES_AT_ONCE_MAX = 50
/** Fewer where there are many bots, for each of them may know each contact: a thousand rows are some 35 ms on SQLite. */
const ROWS_AT_ONCE_MAX = 1000

/**
 * Keeps the ids with the contact at every bot that knows it; null lines are malformed. What is imported stays when a puppet
 * says nothing of it, and gives way when one says something else (see `compareContacts`). Nothing is written for lines that
 * are known already.
 */
export async function importContacts(
  db: Database,
  workspaceId: WorkspaceId,
  lines: readonly (ImportedIds | null)[],
  { dryRun }: { dryRun: boolean },
): Promise<ImportedLine[]> {
  const botIds = await listBotIds(db, workspaceId)
  const atOnce = Math.max(1, Math.min(LINES_AT_ONCE_MAX, Math.floor(ROWS_AT_ONCE_MAX / botIds.length)))
  const told: ImportedLine[] = []
  const said: Said = new Map()
  for (let from = 0; from < lines.length; from += atOnce) {
    // SQLite answers at once: without this all lines would be read in one tick of the event loop.
    if (from > 0) await yieldToLoop()
    const some = lines.slice(from, from + atOnce)
    told.push(...(await importSome(db, { workspaceId, botIds, said }, some, dryRun)))
  }
  return told
}

async function importSome(
  db: Database,
  { workspaceId, botIds, said }: { workspaceId: WorkspaceId; botIds: readonly string[]; said: Said },
  lines: readonly (ImportedIds | null)[],
  dryRun: boolean,
): Promise<ImportedLine[]> {
  const known = await contactsOf(db, workspaceId, botIds, lines)
  const before = judge(lines, known, said)
  if (dryRun || before.changed.length === 0) {
    remember(said, before)
    return before.told
  }

  // Read again in the write, where only the bots are locked that know somebody. Whoever is met just now is for the next import.
  const knowing = [...new Set(known.map(row => row.bot_id))]
  const judged = await db.write(async tx => {
    await lockBots(tx, workspaceId, knowing)
    const again = judge(lines, await contactsOf(tx, workspaceId, knowing, lines), said)
    for (const [botId, contacts] of Map.groupBy(again.changed, row => row.bot_id)) {
      // Rows of chats show neither id, so no chat gets a new revision.
      const sighting = { workspaceId, botId, contacts, shown: [], chats: [], counts: [], owed: [] }
      for (const statement of tx.hot.writeSighting(sighting)) await tx.run(statement)
    }
    return again
  })
  remember(said, judged)
  return judged.told
}

/** What earlier lines of an import have said of a contact at a bot, by both. */
type Said = Map<string, Pick<ImportedIds, 'unionId' | 'externalUserId'>>

// A write may be run again, so nothing is remembered before it is over.
function remember(said: Said, { news }: Judged): void {
  for (const [key, ids] of news) said.set(key, ids)
}

interface Judged {
  readonly told: ImportedLine[]
  /** The rows that are different then, as they will be. */
  readonly changed: ContactRow[]
  /** What these lines have said. */
  readonly news: Said
}

/** One line after another, because an earlier one may give the id by which a later one names somebody. */
function judge(
  lines: readonly (ImportedIds | null)[],
  known: readonly ContactRow[],
  said: ReadonlyMap<string, Pick<ImportedIds, 'unionId' | 'externalUserId'>>,
): Judged {
  const news: Said = new Map()
  const saidOf = ({ bot_id, wxid }: ContactRow) => {
    const key = `${bot_id} ${wxid}`
    return news.get(key) ?? said.get(key)
  }
  const contactsByBot = Map.groupBy(
    known.map(row => ({ ...row })),
    row => row.bot_id,
  )
  const changed = new Set<ContactRow>()
  const told = lines.map((line): ImportedLine => {
    if (!line) return { outcome: 'malformed', bots: 0 }
    const { meant, isConflict } = findMeant(contactsByBot.values(), line)
    const bots = new Set(meant.map(row => row.bot_id)).size
    if (bots === 0) return { outcome: 'unknown', bots }
    if (isConflict || meant.some(row => contradicts(line, saidOf(row)))) return { outcome: 'conflict', bots }
    for (const row of meant) {
      const before = saidOf(row)
      news.set(`${row.bot_id} ${row.wxid}`, {
        unionId: line.unionId ?? before?.unionId ?? null,
        externalUserId: line.externalUserId ?? before?.externalUserId ?? null,
      })
    }

    const different = meant.filter(
      row =>
        row.union_id !== (line.unionId ?? row.union_id) || row.handle !== (line.externalUserId ?? row.handle),
    )
    for (const row of different) {
      row.union_id = line.unionId ?? row.union_id
      row.handle = line.externalUserId ?? row.handle
      changed.add(row)
    }
    return { outcome: different.length > 0 ? 'updated' : 'unchanged', bots }
  })
  return { told, changed: [...changed], news }
}

/** Of two lines that say different things of one person nobody knows which is right; the later one must not win by being later. */
const contradicts = (
  line: ImportedIds,
  before: Pick<ImportedIds, 'unionId' | 'externalUserId'> | undefined,
): boolean =>
  (['unionId', 'externalUserId'] as const).some(
    id => before?.[id] != null && line[id] !== null && before[id] !== line[id],
  )

/**
 * Who is meant at each bot, and whether an id stands in the way at one of them: another contact of the same bot has it. Of
 * another bot's it may: bots of two corps know the same person under two wxids, and its unionId is one.
 */
function findMeant(
  contactsOfEachBot: Iterable<readonly ContactRow[]>,
  { wxid, externalUserId, unionId }: ImportedIds,
): { meant: ContactRow[]; isConflict: boolean } {
  const meant: ContactRow[] = []
  let isConflict = false
  for (const contacts of contactsOfEachBot) {
    const own = contacts.filter(row =>
      wxid !== null ? row.wxid === wxid : row.handle !== null && row.handle === externalUserId,
    )
    if (own.length === 0) continue
    meant.push(...own)
    isConflict ||= externalUserId !== null && own.some(row => row.coworker === 1)
    isConflict ||= contacts.some(
      other =>
        ((externalUserId !== null && other.handle === externalUserId) ||
          (unionId !== null && other.union_id === unionId)) &&
        own.some(row => row.wxid !== other.wxid),
    )
  }
  return { meant, isConflict }
}

/** Whoever has one of the ids at one of the bots, each once: through the index of each id, and never the whole workspace. */
async function contactsOf(
  on: Queryable,
  workspaceId: WorkspaceId,
  botIds: readonly string[],
  lines: readonly (ImportedIds | null)[],
): Promise<ContactRow[]> {
  const given = (id: keyof ImportedIds) => [...new Set(lines.flatMap(line => line?.[id] ?? []))]
  const ask = (by: 'wxid' | 'handle' | 'union_id', ids: readonly string[]) =>
    ids.length === 0 ? [] : on.all(on.hot.contactsOfBots(workspaceId, botIds, by, ids))
  const found = await Promise.all([
    ask('wxid', given('wxid')),
    ask('handle', given('externalUserId')),
    ask('union_id', given('unionId')),
  ])
  return [...new Map(found.flat().map(row => [`${row.bot_id} ${row.wxid}`, row])).values()]
}

/** A sync that has read a contact before this write would put back what it read. All syncs lock their bot's row. */
async function lockBots(tx: Transaction, workspaceId: WorkspaceId, botIds: readonly string[]): Promise<void> {
  const bots = tx.query
    .selectFrom('bot')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', tx.oneOf(botIds))
    .orderBy('id')
  await tx.all(locked(tx, bots, 'changes').compile())
}
