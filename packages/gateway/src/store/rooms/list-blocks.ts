import type { Transaction } from '../database/database.ts'
import type { ListBlockRow, ListCount } from '../database/hot-rows.ts'

/**
 * A block of a list holds the chats whose ordinals begin alike: 0…999, 1000…1999, and so on. At most so many chats are
 * passed over to find a page, and a list of a million chats is a thousand numbers to add up. It stands in the rows of
 * `list_block`, so it changes with a migration only.
 */
export const ORDINALS_PER_BLOCK = 1000

/** The list of all chats of a workspace; every other list is a tag's and has its id. */
const ALL_CHATS = ''

/** A chat's number in the order, and the tags in whose lists it stands beside the list of all. */
export interface Listed {
  readonly ordinal: number
  readonly tagIds: readonly string[]
}

/** The counts of chats that are listed from now on, for the write that lists them: so they are true in every commit. */
export const countsOfEntry = (chats: readonly Listed[]): ListCount[] => inOrder(chats.flatMap(listsOf), 1)

/** Counts chats that are listed no more. In the write that takes them off their lists. */
export const countLeft = (tx: Transaction, workspaceId: string, chats: readonly Listed[]): Promise<void> =>
  count(tx, workspaceId, chats.flatMap(listsOf), -1)

/** Counts chats that are not left in the list of a tag that they have (by 1), or have no more (by -1). */
export const countTagged = (
  tx: Transaction,
  workspaceId: string,
  { tagId, ordinals }: { tagId: string; ordinals: readonly number[] },
  by: 1 | -1,
): Promise<void> =>
  count(
    tx,
    workspaceId,
    ordinals.map(ordinal => ({ list: tagId, ordinal })),
    by,
  )

/** Counts contacts that are listed from now on (`entered`) and those that are no more, for the write that says so of them. */
export const countsOfContacts = (
  botId: string,
  entered: readonly number[],
  gone: readonly number[],
): ListCount[] => {
  const inList = (ordinals: readonly number[]) =>
    ordinals.map(ordinal => ({ list: listOfContacts(botId), ordinal }))
  return together(inOrder(inList(entered), 1), inOrder(inList(gone), -1))
}

/** Counts of one write, each block once. */
export const together = (...counts: readonly (readonly ListCount[])[]): ListCount[] => sumUp(counts.flat())

const CONTACTS = 'contacts/'

/** The name of a bot's list of friends and coworkers in `list_block`. */
export const listOfContacts = (botId: string): string => `${CONTACTS}${botId}`

/** A list that is no tag's, whoever takes its name for one. */
export const isOfContacts = (list: string): boolean => list.startsWith(CONTACTS)

/** The list's name in `list_block`; null means all chats. */
export const listOf = (tagId: string | null): string => tagId ?? ALL_CHATS

/** Where the chat at `offset` is found: not before `fromOrdinal`, behind `skip` listed chats. Null beyond the end. */
export function startOf(
  blocks: readonly ListBlockRow[],
  offset: number,
): { fromOrdinal: number; skip: number } | null {
  let skip = offset
  for (const { block, chats } of blocks) {
    if (skip < chats) return { fromOrdinal: block * ORDINALS_PER_BLOCK, skip }
    skip -= chats
  }
  return null
}

interface InList {
  readonly list: string
  readonly ordinal: number
}

const listsOf = ({ ordinal, tagIds }: Listed): InList[] =>
  [ALL_CHATS, ...tagIds].map(list => ({ list, ordinal }))

async function count(
  tx: Transaction,
  workspaceId: string,
  entries: readonly InList[],
  by: 1 | -1,
): Promise<void> {
  const counts = inOrder(entries, by)
  if (counts.length > 0) await tx.run(tx.hot.countListed(workspaceId, counts))
}

// Always in the same order, so that two writes never wait for each other's rows.
const inOrder = (entries: readonly InList[], by: 1 | -1): ListCount[] =>
  sumUp(entries.map(({ list, ordinal }) => ({ list, block: Math.floor(ordinal / ORDINALS_PER_BLOCK), by })))

function sumUp(counts: readonly ListCount[]): ListCount[] {
  const sums = new Map<string, ListCount>()
  for (const { list, block, by } of counts) {
    const key = `${list} ${block}`
    sums.set(key, { list, block, by: (sums.get(key)?.by ?? 0) + by })
  }
  return [...sums.values()].sort(byListAndBlock)
}

const byListAndBlock = (one: ListCount, other: ListCount): number => {
  if (one.list === other.list) return one.block - other.block
  return one.list < other.list ? -1 : 1
}
