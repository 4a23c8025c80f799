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

/** Of a list that is packed, for the same list may be packed in other bytes the next time (RFC 9110, 8.8.1). */
export const weakTag = (tag: string): string => `W/${tag}`

/**
 * Whether the caller has it already. Tags are weak where a list was packed, here or by a proxy; they are compared all the same, and
 * `*` is any (RFC 9110, 13.1.2).
 */
export const hasIt = (ifNoneMatch: string | undefined, tag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === '*' || (ifNoneMatch.match(TAGS_IN_HEADER)?.includes(tag) ?? false))
