import type { Transaction } from '../../database/database.ts'
import { StoreError, StoreUnwritable, WriteMisused } from '../../database/store-error.ts'

/** How long a write waits until somebody else's program lets go of the lock: below the 5 s within which a request is answered. */
export const LOCK_WAIT_MAX_MS = 3000
/** Likewise one that must not fail, because what it keeps has happened. */
const LOCK_WAIT_AFTER_THE_FACT_MAX_MS = 8000

/** A transaction until `end()` is called; afterwards it refuses everything. */
export type OpenTransaction = Transaction & {
  end(): void
  /** How many statements may have written. */
  readonly written: number
  /** It may have changed what lists show, or whom a token opens something. */
  readonly hasChangedLists: boolean
}

/** What a commit stands on. */
export interface Ground {
  /** Throws StoreUnwritable when what is committed would be lost. */
  requireInPlace(): void
  /** Gives the room that is kept in reserve to the disk; false when there is none. */
  makeRoom(): boolean
  /** After each commit: how many statements have written. Nothing is written before what is returned has resolved. */
  committed(statements: number): Promise<void>
}

/** A work that waits for a batch. */
export interface QueuedWrite {
  readonly work: (tx: Transaction) => Promise<unknown>
  readonly afterTheFact: boolean
  /** When it waits no longer for the lock, by the process's own time. */
  readonly giveUpAt: number
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: unknown }

/** Of a write that begins to wait now. */
export const giveUpTime = (afterTheFact: boolean): number =>
  performance.now() + (afterTheFact ? LOCK_WAIT_AFTER_THE_FACT_MAX_MS : LOCK_WAIT_MAX_MS)

/** What each write of a batch hears that was not committed. */
export function notCommitted(cause: unknown): StoreError {
  const message = 'the writes of this moment could not be committed'
  return cause instanceof StoreUnwritable
    ? new StoreUnwritable(`${message}: ${cause.message}`, { cause })
    : new StoreError(message, { cause })
}

export const isOverdue = ({ giveUpAt }: QueuedWrite): boolean => performance.now() >= giveUpAt

/** SQLite answers at once: a work that is not done within this tick waits for something else. */
export async function withinThisTick(work: QueuedWrite['work'], tx: OpenTransaction): Promise<Outcome> {
  let tickEnds: NodeJS.Immediate | undefined
  const tooLate = new Promise<Outcome>(resolve => {
    tickEnds = setImmediate(() =>
      resolve({
        ok: false,
        reason: new WriteMisused('a write awaited something other than its tx, and was undone'),
      }),
    )
  })
  const finished = (async () => work(tx))().then(
    (value): Outcome => ({ ok: true, value }),
    (reason): Outcome => ({ ok: false, reason }),
  )
  try {
    return await Promise.race([finished, tooLate])
  } finally {
    clearImmediate(tickEnds)
  }
}
