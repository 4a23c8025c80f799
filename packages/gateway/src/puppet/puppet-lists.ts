/**
 * Lists of ids as they come from a puppet: without repetitions, without what cannot be an id, and whole or not at all.
 */
import { ContactWxid, RoomWxid } from '@qunhub/wire'
import { PuppetExcess } from './puppet-failures.ts'

/**
 * WeCom's rooms with customers hold 500, its internal ones 2,000, and Qunhub is about the former. A row or a callback body
 * has all members in it: 2,000 with texts as long as they may be are 5.5 MB at worst, with ordinary ones 0.6.
 */
const ROOM_MEMBERS_READ_MAX = 2000
/** More than anybody manages; 1,000 are many. */
const ROOMS_LISTED_MAX = 20_000
/** WeCom sells an account 50,000 customers at most; coworkers come on top. */
const CONTACTS_LISTED_MAX = 100_000

export const membersIn = (ids: readonly string[]): ContactWxid[] =>
  whole(ids, ROOM_MEMBERS_READ_MAX, 'members of a room', id => ContactWxid.safeParse(id).data)

export const roomsIn = (ids: readonly string[]): RoomWxid[] =>
  whole(ids, ROOMS_LISTED_MAX, 'rooms', id => RoomWxid.safeParse(id).data)

export const contactsIn = (ids: readonly string[]): ContactWxid[] =>
  whole(ids, CONTACTS_LISTED_MAX, 'contacts', id => ContactWxid.safeParse(id).data)

function whole<T>(
  ids: readonly string[],
  max: number,
  what: string,
  read: (id: string) => T | undefined,
): T[] {
  const each = new Set(ids)
  if (each.size > max)
    throw new PuppetExcess(`the puppet tells of ${each.size} ${what}; more than ${max} are not read`)
  return [...each].flatMap(id => read(id) ?? [])
}
