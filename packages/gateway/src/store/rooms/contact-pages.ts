import type { BotId, BotInfo, WorkspaceId } from '@qunhub/wire'
import type { Contact } from '../../model/contact.ts'
import { REMOVED } from '../bots/bot-row.ts'
import type { Queryable } from '../database/database.ts'
import type { ContactRow, ListBlockRow } from '../database/hot-rows.ts'
import { toContact } from './contacts.ts'
import { listOfContacts, startOf } from './list-blocks.ts'
import { toBotInfo } from './read-chats.ts'

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
 * them; and how many there are in all. As with chats, the cost does not depend on `offset`.
 */
export async function pageOfContacts(
  db: Queryable,
  workspaceId: WorkspaceId,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ rows: ListedContact[]; total: number }> {
  const bots = await listingBots(db, workspaceId)
  const lists = bots.map(({ id }) => listOfContacts(id))
  const blocks = Map.groupBy(await db.all(db.hot.blocksOfLists(workspaceId, lists)), ({ list }) => list)
  const parts = partsOf(bots, blocks, offset, limit)
  const pages = await Promise.all(
    parts.map(async ({ bot, from }) => {
      const rows = await db.all(db.hot.listedContacts(workspaceId, bot.id, from))
      return rows.map(row => toListed(bot, row))
    }),
  )
  return { rows: pages.flat(), total: sizeOf([...blocks.values()].flat()) }
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
