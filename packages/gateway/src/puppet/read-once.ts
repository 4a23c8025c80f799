import type { ContactWxid } from '@qunhub/wire'
import type { Contact } from '../model/contact.ts'

/** Some 400 bytes each, for as long as the rooms are read. Whoever is met beyond is read in each room. */
const REMEMBERED_MAX = 20_000

/**
 * People are in many rooms of one bot, so a reading of all of them remembers whom it has read: of a thousand rooms of a hundred
 * that was four fifths of what the puppet told. Of whom anything is heard meanwhile, or whom somebody else reads, is read
 * each time from then on: what was saved of him may be newer than what was remembered, or is just under way.
 */
export class ReadOnce {
  readonly #read = new Map<ContactWxid, Contact>()
  readonly #changing = new Set<ContactWxid>()

  /** Those of `wxids` who were read before, and the others by `read`, in no particular order. */
  async contacts(
    wxids: readonly ContactWxid[],
    read: (others: readonly ContactWxid[]) => Promise<Contact[]>,
  ): Promise<Contact[]> {
    const known = wxids.flatMap(wxid => this.#read.get(wxid) ?? [])
    if (known.length === wxids.length) return known
    const others = await read(wxids.filter(wxid => !this.#read.has(wxid)))
    if (this.#read.size < REMEMBERED_MAX)
      for (const contact of others)
        if (!this.#changing.has(contact.wxid)) this.#read.set(contact.wxid, contact)
    return [...known, ...others]
  }

  forget(wxids: readonly ContactWxid[]): void {
    for (const wxid of wxids) {
      this.#read.delete(wxid)
      this.#changing.add(wxid)
    }
  }
}
