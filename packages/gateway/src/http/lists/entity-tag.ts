/**
 * What a list looks like, in a few characters (LT-10): made of the chats and their revisions, so nothing is rendered for it, and
 * nothing of it can be older than the rows would be. Revisions count within a store, and rows are written by a version; both may
 * come back after a restore, so a tag also says which run of the gateway made it.
 */
import { hash } from 'node:crypto'
import type { RowsAnswer } from './write-rows.ts'

const TAG_LENGTH = 22
const TAGS_IN_HEADER = /"[\x21\x23-\x7e]*"/g

export function entityTag(run: string, { chats, tail }: RowsAnswer): string {
  const shown = chats.map(({ chatId, revision }) => `${chatId} ${revision}`).join()
  return `"${hash('sha256', `${run} ${shown} ${tail}`, 'base64url').slice(0, TAG_LENGTH)}"`
}

/** Whether the caller has it already. Proxies that compress make a tag a weak one; it is compared all the same (RFC 9110 13.1.2). */
export const hasIt = (ifNoneMatch: string | undefined, tag: string): boolean =>
  ifNoneMatch?.match(TAGS_IN_HEADER)?.includes(tag) ?? false
