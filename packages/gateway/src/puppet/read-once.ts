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

  /** Those of `wxids` who were read before, and the others by `readSome`, in no particular order; who is forgotten meanwhile too. */
  async contacts(
    wxids: readonly ContactWxid[],
    readSome: (others: readonly ContactWxid[]) => Promise<Contact[]>,
  ): Promise<Contact[]> {
    const asked = new Set<ContactWxid>()
    const told: Contact[] = []
    for (;;) {
      const rest = wxids.filter(wxid => !asked.has(wxid))
      const others = rest.filter(wxid => !this.#read.has(wxid))
      if (others.length === 0) return [...rest.map(wxid => this.#read.get(wxid)!), ...told]
      for (const wxid of others) asked.add(wxid)
      const read = await readSome(others)
      told.push(...read)
      this.#remember(read)
    }
  }

  #remember(contacts: readonly Contact[]): void {
    if (this.#read.size >= REMEMBERED_MAX) return
    for (const contact of contacts)
      if (!this.#changing.has(contact.wxid)) this.#read.set(contact.wxid, contact)
  }

  forget(wxids: readonly ContactWxid[]): void {
    for (const wxid of wxids) {
      this.#read.delete(wxid)
      this.#changing.add(wxid)
    }
  }
}
