import { LRUCache } from 'lru-cache'
import type { Database } from '../store/database/database.ts'
import { acceptedKinds } from '../store/outbox/accepted-kinds.ts'
import type { RunAddress } from '../store/outbox/run-address.ts'

/** What a base has accepted so far: this kind of callback, others only, or nothing at all. */
export type Accepted = 'this-kind' | 'other-kinds' | 'nothing'

/** Bases of which it is remembered here; whatever is forgotten is asked of the store. */
const REMEMBERED_MAX = 1000

/**
 * What is known of receivers: which kinds their bases have accepted (store/accepted-kinds.ts). Remembered, because every
 * delivery asks whether it is the first of its kind; never wrong, because what was accepted once stays so.
 */
export class AcceptedKinds {
  readonly #db: Database
  readonly #known = new LRUCache<string, Set<string>>({ max: REMEMBERED_MAX })

  constructor(db: Database) {
    this.#db = db
  }

  /** Whether it is remembered that the base takes this kind; false says nothing. */
  remembers(address: RunAddress, kind: string): boolean {
    return this.#known.get(keyOf(address))?.has(kind) === true
  }

  /** It is in the store now. */
  note(address: RunAddress, kind: string): void {
    const key = keyOf(address)
    this.#known.set(key, (this.#known.get(key) ?? new Set()).add(kind))
  }

  /** What the base has accepted. Rejects with StoreError when the store cannot say. */
  async acceptedAt(address: RunAddress, kind: string): Promise<Accepted> {
    if (this.remembers(address, kind)) return 'this-kind'
    // Another node may have delivered meanwhile, so what was not accepted is asked for each time.
    const kinds = await acceptedKinds(this.#db, address, address.baseUrl!)
    for (const taken of kinds) this.note(address, taken)
    if (kinds.includes(kind)) return 'this-kind'
    return kinds.length > 0 ? 'other-kinds' : 'nothing'
  }
}

const keyOf = ({ addressId, baseUrl }: RunAddress): string => `${addressId} ${baseUrl}`
