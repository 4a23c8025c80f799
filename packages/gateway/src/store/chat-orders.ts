import { SortedOrdinals } from './sorted-ordinals.ts'

/** Ordinals kept over all lists: 32 MB. A list that is bigger alone is kept nevertheless, as the only one. */
const ORDINALS_KEPT_MAX = 4_000_000

interface Loading {
  readonly list: Promise<SortedOrdinals>
  /** What was committed while the list was being read; put right when it is complete. */
  readonly meanwhile: Change[]
}

interface Change {
  readonly ordinal: number
  readonly listed: boolean
}

/**
 * Which chats stand in a list, and in which order, so that the last page costs what the first costs (LT-6; SQL's OFFSET
 * took 53 ms on a million rooms). One sorted list of ordinals per tag, and one per workspace for all its chats.
 *
 * A list is read from the store when it is first asked for. From then on every commit that lists or unlists a chat says
 * so here, before anybody hears of that commit. Changes that arrive while a list is being read are applied after it: each says where
 * a chat stands in the end, so it does no harm to apply one that the reading has already seen. The lists that were not
 * asked for longest are forgotten first. This holds for one process on one store; a dialect that several share has to
 * learn of the others' commits.
 */
export class ChatOrders {
  readonly #ordinalsMax: number
  readonly #lists = new Map<string, SortedOrdinals>()
  readonly #loading = new Map<string, Loading>()

  constructor(ordinalsMax = ORDINALS_KEPT_MAX) {
    this.#ordinalsMax = ordinalsMax
  }

  /** The list of a tag, or of all chats of the workspace (null); `read` tells it in ascending portions. */
  async of(
    workspaceId: string,
    tagId: string | null,
    read: () => AsyncIterable<readonly number[]>,
  ): Promise<SortedOrdinals> {
    const key = keyOf(workspaceId, tagId)
    const known = this.#lists.get(key)
    if (!known) return (this.#loading.get(key) ?? this.#load(key, read)).list

    // Asked for last, forgotten last: a Map keeps the order of insertion.
    this.#lists.delete(key)
    this.#lists.set(key, known)
    return known
  }

  /** A commit put the chat into the lists of these tags (of all chats: null), or took it out. */
  changed(workspaceId: string, tagIds: readonly (string | null)[], ordinal: number, listed: boolean): void {
    const change = { ordinal, listed }
    for (const tagId of tagIds) {
      const key = keyOf(workspaceId, tagId)
      const list = this.#lists.get(key)
      if (list) apply(list, change)
      this.#loading.get(key)?.meanwhile.push(change)
    }
  }

  #load(key: string, read: () => AsyncIterable<readonly number[]>): Loading {
    const meanwhile: Change[] = []
    const loading: Loading = { meanwhile, list: this.#read(key, read, meanwhile) }
    this.#loading.set(key, loading)
    return loading
  }

  async #read(
    key: string,
    read: () => AsyncIterable<readonly number[]>,
    meanwhile: readonly Change[],
  ): Promise<SortedOrdinals> {
    const list = new SortedOrdinals()
    try {
      for await (const ordinals of read()) for (const ordinal of ordinals) list.add(ordinal)
      for (const change of meanwhile) apply(list, change)
    } finally {
      this.#loading.delete(key)
    }
    // Anybody may ask for tags that do not exist; their empty lists cost nothing to read again.
    if (list.length > 0) this.#lists.set(key, list)
    this.#forgetTheOldest()
    return list
  }

  #forgetTheOldest(): void {
    let kept = 0
    for (const list of this.#lists.values()) kept += list.length
    for (const [key, list] of this.#lists) {
      if (kept <= this.#ordinalsMax || this.#lists.size === 1) return
      this.#lists.delete(key)
      kept -= list.length
    }
  }
}

const apply = (list: SortedOrdinals, { ordinal, listed }: Change): void =>
  listed ? list.add(ordinal) : list.remove(ordinal)

const keyOf = (workspaceId: string, tagId: string | null): string => `${workspaceId} ${tagId ?? ''}`
