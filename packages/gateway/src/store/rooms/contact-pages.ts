import type { BotId, BotInfo, WorkspaceId } from '@qunhub/wire'
import type { Contact } from '../../model/contact.ts'
import { REMOVED } from '../bots/bot-row.ts'
import type { Queryable } from '../database/database.ts'
import type { ContactRow, ListBlockRow } from '../database/hot-rows.ts'
import { toContact } from './contacts.ts'
import { listOfContacts, startOf } from './list-blocks.ts'
import { toBotInfo } from './read-chats.ts'

/** A thousand blocks or so are added up, or a part of a page is read; then others have their turn. */
const BOTS_PER_READ = 500

/** Lets others go on between two pieces of work. */
export interface GivingWay {
  giveWay(): Promise<void>
}

/** A friend or coworker, as one of the bots knows it. */
export interface ListedContact {
  readonly bot: BotInfo
  readonly contact: Contact
}

interface ListingBot {
  readonly id: BotId
  readonly info: BotInfo
}

/**
 * One page of the friends and coworkers of all bots, bot after bot, oldest bot first, each bot's in the order in which it met
 * them; and how many there are in all. As with chats, the cost does not depend on `offset`; it grows with the number of bots.
 */
export async function pageOfContacts(
  db: Queryable,
  workspaceId: WorkspaceId,
  { offset, limit }: { offset: number; limit: number },
  turn: GivingWay,
): Promise<{ rows: ListedContact[]; total: number }> {
  const bots = await listingBots(db, workspaceId)
  const blocks = new Map<string, ListBlockRow[]>()
  for (let from = 0; from < bots.length; from += BOTS_PER_READ) {
    if (from > 0) await turn.giveWay()
    const lists = bots.slice(from, from + BOTS_PER_READ).map(({ id }) => listOfContacts(id))
    const read = await db.all(db.hot.blocksOfLists(workspaceId, lists))
    for (const [list, own] of Map.groupBy(read, row => row.list)) blocks.set(list, own)
  }
  const rows: ListedContact[] = []
  // One after another: a page of many small lists is no reason to take every connection.
  for (const { bot, from } of partsOf(bots, blocks, offset, limit)) {
    const part = await db.all(db.hot.listedContacts(workspaceId, bot.id, from))
    rows.push(...part.map(row => toListed(bot, row)))
  }
  return { rows, total: sizeOf([...blocks.values()].flat()) }
}

/** The rows of one person: one for each bot whose friend or coworker it is. */
export async function listedContactsOf(
  db: Queryable,
  workspaceId: WorkspaceId,
  wxid: string,
): Promise<ListedContact[]> {
  const bots = await listingBots(db, workspaceId)
  const ids = bots.map(({ id }) => id)
  const rows = await db.all(db.hot.contactsOfBots(workspaceId, ids, 'wxid', [wxid]))
  const rowOf = new Map(rows.filter(row => row.ordinal !== null).map(row => [row.bot_id, row]))
  return bots.flatMap(bot => {
    const row = rowOf.get(bot.id)
    return row ? [toListed(bot, row)] : []
  })
}

/** Which bots' lists a page passes through, and where in each. */
function partsOf(
  bots: readonly ListingBot[],
  blocks: ReadonlyMap<string, readonly ListBlockRow[]>,
  offset: number,
  limit: number,
) {
  const parts: { bot: ListingBot; from: { fromOrdinal: number; skip: number; limit: number } }[] = []
  let skip = offset
  let wanted = limit
  for (const bot of bots) {
    if (wanted === 0) break
    const own = blocks.get(listOfContacts(bot.id)) ?? []
    const start = startOf(own, skip)
    if (start) {
      const taken = Math.min(wanted, sizeOf(own) - skip)
      parts.push({ bot, from: { ...start, limit: taken } })
      wanted -= taken
    }
    skip = Math.max(0, skip - sizeOf(own))
  }
  return parts
}

const sizeOf = (blocks: readonly ListBlockRow[]): number => blocks.reduce((sum, { chats }) => sum + chats, 0)

/** Those that have logged in, oldest first. */
async function listingBots(db: Queryable, workspaceId: WorkspaceId): Promise<ListingBot[]> {
  const rows = await db.all(
    db.query
      .selectFrom('bot')
      .innerJoin('workspace', 'workspace.id', 'bot.workspace_id')
      .select(['bot.id', 'bot.wxid', 'bot.user_id', 'bot.nick_name', 'workspace.show_wecom_chat_id'])
      .where('bot.workspace_id', '=', workspaceId)
      .where('bot.state', '<>', REMOVED)
      .orderBy('bot.created_at')
      .orderBy('bot.id')
      .compile(),
  )
  return rows.flatMap(row => {
    const info = toBotInfo(row)
    return info ? [{ id: row.id as BotId, info }] : []
  })
}

const toListed = ({ info }: ListingBot, row: ContactRow): ListedContact => ({
  bot: info,
  contact: toContact(row),
})
