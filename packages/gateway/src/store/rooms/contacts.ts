import { type ContactWxid, cleanText } from '@qunhub/wire'
import type { Tenure } from '../../model/bot.ts'
import type { Contact } from '../../model/contact.ts'
import { requireTenure } from '../bots/tenure.ts'
import type { Database, Transaction } from '../database/database.ts'
import type { ContactRow } from '../database/hot-rows.ts'
import { isListed, isUnnumbered, type Knower, numberContacts } from './number-contacts.ts'

/** Contacts in one transaction: a few milliseconds, so a list of ten thousand stops nobody. */
const CONTACTS_PER_WRITE_MAX = 500

/**
 * Keeps the contacts as the bot sees them now and says how many rows were new or different. What was known is compared
 * first, so a sync of the unchanged writes nothing. A unionId or handle that the puppet does not tell this time is kept: it
 * may have been imported. Every chat of the bot that shows a changed contact gets a new revision. Rejects with FenceLost when
 * the bot is another node's by now.
 */
export async function saveContacts(
  db: Database,
  tenure: Tenure,
  contacts: readonly Contact[],
): Promise<number> {
  let changed = 0
  for (let from = 0; from < contacts.length; from += CONTACTS_PER_WRITE_MAX) {
    const some = contacts.slice(from, from + CONTACTS_PER_WRITE_MAX)
    changed += await db.write(tx => saveSome(tx, tenure, some), { line: tenure.botId })
  }
  return changed
}

/** As `saveContacts`, of one whom somebody has named: who is neither friend nor coworker, nor known from a room, stays unknown (G-11). */
export const saveAcquaintance = (db: Database, tenure: Tenure, contact: Contact): Promise<number> =>
  db.write(tx => saveSome(tx, tenure, [contact], known => known || contact.isFriend || contact.coworker), {
    line: tenure.botId,
  })

async function saveSome(
  tx: Transaction,
  tenure: Tenure,
  contacts: readonly Contact[],
  isWanted = (_isKnown: boolean) => true,
): Promise<number> {
  const { workspaceId, botId } = tenure
  const wxids = contacts.map(contact => cleanText(contact.wxid))
  const [{ wxid: self }, rows] = await Promise.all([
    requireTenure(tx, tenure),
    tx.all(tx.hot.contacts(workspaceId, botId, wxids)),
  ])
  const known = byWxid(rows)
  if (!isWanted(known.size > 0)) return 0
  const knower = { workspaceId, botId, self }
  const { different, shown } = compareContacts(known, knower, contacts)
  const counts = await numberContacts(tx, knower, known, different)
  const sighting = { workspaceId, botId, contacts: different, shown, chats: [], counts, owed: [] }
  for (const statement of tx.hot.writeSighting(sighting)) await tx.run(statement)
  return different.length
}

export interface ComparedContacts {
  /** Rows that are new or different. */
  readonly different: readonly ContactRow[]
  /** The wxids of those that rows of chats show differently now. */
  readonly shown: readonly string[]
  /** As the store will keep them, by wxid. */
  readonly byWxid: ReadonlyMap<string, Contact>
}

/**
 * What has to be written so that the contacts are kept as they were seen. Those that the puppet could not load
 * (`unread`) stay as they were known; a passing failure must not end a friendship.
 */
export function compareContacts(
  known: ReadonlyMap<string, ContactRow>,
  knower: Knower,
  contacts: readonly Contact[],
  unread: ReadonlySet<string> = new Set(),
): ComparedContacts {
  const seen = new Map<string, ContactRow>()
  for (const contact of contacts) {
    const row = toRow(knower, contact)
    seen.set(row.wxid, row)
  }

  const different: ContactRow[] = []
  const shown: string[] = []
  const asKept = new Map<string, Contact>()
  for (const [wxid, row] of seen) {
    const before = known.get(wxid)
    if (before && unread.has(wxid)) {
      asKept.set(wxid, toContact(before))
      continue
    }
    row.union_id ??= before?.union_id ?? null
    row.handle ??= before?.handle ?? null
    row.ordinal = isListed(row, knower) ? (before?.ordinal ?? null) : null
    asKept.set(wxid, toContact(row))
    if (before && isSame(before, row) && !isUnnumbered(row, knower)) continue
    different.push(row)
    // One that was unknown stands in no chat yet.
    if (before && !showsSame(before, row)) shown.push(wxid)
  }
  return { different, shown, byWxid: asKept }
}

export const byWxid = (rows: readonly ContactRow[]): ReadonlyMap<string, ContactRow> =>
  new Map(rows.map(row => [row.wxid, row]))

/** What a row of a chat shows of a member (RW). */
const showsSame = (a: ContactRow, b: ContactRow): boolean =>
  a.name === b.name &&
  a.avatar_url === b.avatar_url &&
  a.type === b.type &&
  a.is_friend === b.is_friend &&
  a.coworker === b.coworker &&
  a.corporation === b.corporation

const isSame = (a: ContactRow, b: ContactRow): boolean =>
  showsSame(a, b) &&
  a.alias === b.alias &&
  a.gender === b.gender &&
  a.handle === b.handle &&
  a.union_id === b.union_id &&
  a.ordinal === b.ordinal

// The edge at which a puppet's text is made clean (G-5); it is not ours to refuse.
const toRow = ({ workspaceId, botId }: Knower, contact: Contact): ContactRow => ({
  workspace_id: workspaceId,
  bot_id: botId,
  wxid: cleanText(contact.wxid),
  name: cleanText(contact.name),
  alias: cleanOrNull(contact.alias),
  avatar_url: cleanText(contact.avatarUrl),
  gender: contact.gender,
  type: contact.type,
  is_friend: contact.isFriend ? 1 : 0,
  coworker: contact.coworker ? 1 : 0,
  corporation: cleanOrNull(contact.corporation),
  handle: cleanOrNull(contact.handle),
  union_id: cleanOrNull(contact.unionId),
  ordinal: null,
})

const cleanOrNull = (text: string | null): string | null => (text === null ? null : cleanText(text))

export const toContact = (row: Omit<ContactRow, 'workspace_id' | 'bot_id' | 'ordinal'>): Contact => ({
  wxid: row.wxid as ContactWxid,
  name: row.name,
  alias: row.alias,
  avatarUrl: row.avatar_url,
  gender: row.gender,
  type: row.type,
  isFriend: row.is_friend === 1,
  coworker: row.coworker === 1,
  corporation: row.corporation,
  handle: row.handle,
  unionId: row.union_id,
})
