/** Where a rendered row stands in a file. */
export interface Place {
  readonly at: number
  readonly length: number
}

interface Entry extends Place {
  readonly revision: string
  /** So many finds had been before the last one of this row. */
  foundAt: number
}

/** Each costs some 200 bytes of memory. */
const ROWS_MAX = 100_000

/**
 * Which rows stand where in a file that is written round and round: what was written first is overwritten first. A chat has one
 * entry, of the revision that was written last, and nobody else is given its place. What was overwritten is known no more
 * before the first byte of it is.
 */
export class RowRing {
  /** In the order of writing, so those first whose places are taken next. */
  readonly #entries = new Map<string, Entry>()
  #head = 0
  #finds = 0

  /** Where the next bytes go. They are not more than `sizeMax`, behind which nothing is written. */
  place(bytes: number, sizeMax: number): number {
    if (this.#head + bytes > sizeMax) {
      this.#forgetWhile(({ at }) => at >= this.#head)
      this.#head = 0
    }
    const at = this.#head
    const end = at + bytes
    this.#forgetWhile(entry => entry.at < end && entry.at + entry.length > at)
    this.#head = end
    return at
  }

  put(chat: string, revision: string, place: Place): void {
    this.#entries.delete(chat)
    this.#entries.set(chat, { ...place, revision, foundAt: Number.NEGATIVE_INFINITY })
    if (this.#entries.size > ROWS_MAX) this.#forgetWhile(() => this.#entries.size > ROWS_MAX)
  }

  has(chat: string, revision: string): boolean {
    return this.#entries.get(chat)?.revision === revision
  }

  /** `findsAgo`: how many rows have been found since this one was found last. */
  find(chat: string, revision: string): (Place & { readonly findsAgo: number }) | undefined {
    const entry = this.#entries.get(chat)
    if (!entry) return undefined
    if (entry.revision !== revision) {
      // Revisions only grow, so nobody asks for it again.
      this.#entries.delete(chat)
      return undefined
    }
    const { at, length, foundAt } = entry
    entry.foundAt = ++this.#finds
    return { at, length, findsAgo: this.#finds - foundAt }
  }

  clear(): void {
    this.#entries.clear()
    this.#head = 0
  }

  #forgetWhile(isOver: (entry: Entry) => boolean): void {
    for (const [chat, entry] of this.#entries) {
      if (!isOver(entry)) return
      this.#entries.delete(chat)
    }
  }
}
