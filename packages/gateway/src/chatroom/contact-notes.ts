/**
 * Whom somebody has read by himself, because an event told of him or a request named him. Rooms, and lists of contacts, that were
 * read before that are kept later: a request keeps its room when its addition is over, a sync collects its rooms. They would bring
 * back a name, or a friendship, that is over, until the next reconcile; so they are kept with what is known of him since.
 */
import type { Tenure } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import type { Room } from '../model/room.ts'
import { growingCache } from '../system/growing-cache.ts'

/** Nobody reads for longer than so many change. */
const CONTACTS_REMEMBERED_MAX = 20_000

type RunBy = Pick<Tenure, 'botId' | 'fence'>

export class ContactNotes {
  readonly #read = growingCache<{ readonly begun: number; readonly contact: Contact }>(
    CONTACTS_REMEMBERED_MAX,
  )

  /** To be called in the same breath as the save is asked for, as the others are: saves are kept in that order. */
  note(tenure: RunBy, contact: Contact, begun: number): void {
    const key = keyOf(tenure, contact)
    if ((this.#read.get(key)?.begun ?? 0) <= begun) this.#read.set(key, { begun, contact })
  }

  /** As he is known, if that was read since; else as he was read after `begun`. */
  newest(tenure: RunBy, contact: Contact, begun: number): Contact {
    const known = this.#read.get(keyOf(tenure, contact))
    return known && known.begun > begun ? known.contact : contact
  }

  /** The room, with everybody in it so. */
  newestIn(tenure: RunBy, room: Room, begun: number): Room {
    if (this.#read.size === 0) return room
    const members = room.members.map(member => {
      const contact = this.newest(tenure, member.contact, begun)
      return contact === member.contact ? member : { contact, roomAlias: member.roomAlias }
    })
    return { ...room, members }
  }
}

const keyOf = ({ botId, fence }: RunBy, { wxid }: Contact): string => `${botId}\n${fence}\n${wxid}`
