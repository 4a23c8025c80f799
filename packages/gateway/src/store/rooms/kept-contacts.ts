import type { Contact } from '../../model/contact.ts'
import type { RoomMember } from '../../model/room.ts'
import type { ContactRow } from '../database/hot-rows.ts'

/**
 * How the people of one look at a puppet were kept by its own saves, once those were committed. Whoever was read once and is in many
 * rooms (BOT-284) is the same object in all of them, and need not be looked up again for each. Who has been read anew is another
 * object, and is looked up.
 *
 * What somebody else has written since is left as it is: the same object has nothing to write.
 */
export class KeptContacts {
  readonly #rows = new WeakMap<Contact, ContactRow>()
  #keeper = ''

  /** `keeper`: for whom they were kept; what was kept for another one counts for nothing. */
  rowOf(contact: Contact, keeper: string): ContactRow | undefined {
    return keeper === this.#keeper ? this.#rows.get(contact) : undefined
  }

  /** To be called after the commit. */
  note(members: readonly RoomMember[], rows: ReadonlyMap<string, ContactRow>, keeper: string): void {
    if (this.#keeper === '') this.#keeper = keeper
    if (keeper !== this.#keeper) return
    for (const { contact, unread } of members) {
      const row = rows.get(contact.wxid)
      if (row && !unread) this.#rows.set(contact, row)
    }
  }
}
