import type { ContactWxid } from '@qunhub/wire'

/**
 * Contacts that a sync has had forgotten. People are in many rooms, and each is asked for once: whoever comes to one
 * meanwhile waits for that asking.
 */
export class FreshContacts {
  readonly #asked = new Map<ContactWxid, Promise<unknown>>()

  note(wxids: readonly ContactWxid[]): void {
    for (const wxid of wxids) this.#asked.set(wxid, Promise.resolve())
  }

  /** As `Forgetting.ask`, of those who are not fresh; resolves when all of them are. */
  async have(
    wxids: readonly ContactWxid[],
    ask: (others: readonly ContactWxid[]) => Promise<() => void>,
  ): Promise<() => void> {
    const earlier = new Set(wxids.flatMap(wxid => this.#asked.get(wxid) ?? []))
    const others = wxids.filter(wxid => !this.#asked.has(wxid))
    const asking = ask(others)
    for (const wxid of others) this.#asked.set(wxid, asking)
    const [asked, ...before] = await Promise.allSettled([asking, ...earlier])
    if (asked.status === 'rejected') {
      for (const wxid of others) this.#asked.delete(wxid)
      throw asked.reason
    }
    const failed = before.find(({ status }) => status === 'rejected')
    if (failed?.status !== 'rejected') return asked.value
    asked.value()
    throw failed.reason
  }
}
