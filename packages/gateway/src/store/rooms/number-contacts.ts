import type { Transaction } from '../database/database.ts'
import type { ContactRow, ListCount } from '../database/hot-rows.ts'
import { countsOfContacts } from './list-blocks.ts'

/** Whose list it is: the account behind the bot, null before its first login. */
export interface Knower {
  readonly workspaceId: string
  readonly botId: string
  readonly self: string | null
}

/** Friends and coworkers stand in the list of contacts (NB-4); the account itself does not, nor whoever is met in a room alone. */
export const isListed = (row: ContactRow, { self }: Knower): boolean =>
  row.wxid !== self && (row.is_friend === 1 || row.coworker === 1)

/** It is to be listed and has no number yet. */
export const isUnnumbered = (row: ContactRow, knower: Knower): boolean =>
  isListed(row, knower) && row.ordinal === null

/**
 * Gives those of `different` that come into the list their numbers, behind all others of the bot, and says what that changes in
 * the lengths of the list (`known`: how they were). Inside a write that holds the bot, so that nobody numbers beside it.
 */
export async function numberContacts(
  tx: Transaction,
  knower: Knower,
  known: ReadonlyMap<string, ContactRow>,
  different: readonly ContactRow[],
): Promise<ListCount[]> {
  const { workspaceId, botId } = knower
  const entering = different.filter(row => isUnnumbered(row, knower))
  const gone = different.flatMap(row => (row.ordinal === null ? (known.get(row.wxid)?.ordinal ?? []) : []))
  if (entering.length > 0) {
    const { last } = (await tx.first(tx.hot.lastListedContact(workspaceId, botId)))!
    for (const [n, row] of entering.entries()) row.ordinal = (last ?? -1) + 1 + n
  }
  return countsOfContacts(
    botId,
    entering.map(row => row.ordinal!),
    gone,
  )
}
