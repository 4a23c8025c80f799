/**
 * Who has claimed the bots, as the store knows it. Counting reads every bot, and whoever may read metrics may read them
 * as often as it likes, so a count serves for KEPT_MS; so does "the store does not say", which is waited for no longer
 * than WAIT_MAX_MS.
 */
import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../model/clock.ts'
import { countBots } from '../store/claim-bots.ts'
import type { Database } from '../store/database.ts'
import { StoreError } from '../store/store-error.ts'

const KEPT_MS = 5 * SECOND_MS
const WAIT_MAX_MS = SECOND_MS

/** How many bots. */
export interface BotCensus {
  readonly 'this-node': number
  readonly 'other-nodes': number
  readonly nobody: number
}

export interface BotCensusDeps {
  readonly db: Database
  readonly clock: Clock
  readonly nodeId: () => string
}

/** Null while the store does not say. */
export function openBotCensus(deps: BotCensusDeps): () => Promise<BotCensus | null> {
  let last: { readonly at: number; readonly census: Promise<BotCensus | null> } | null = null
  return () => {
    const now = deps.clock.now()
    // A clock that was set back does not keep an old count alive.
    if (!last || now >= last.at + KEPT_MS || now < last.at) last = { at: now, census: count(deps) }
    return last.census
  }
}

async function count({ db, clock, nodeId }: BotCensusDeps): Promise<BotCensus | null> {
  try {
    const counting = countBots(db, nodeId())
    const { all, free, mine } = await withDeadline(clock, WAIT_MAX_MS, 'counting the bots', counting)
    return { 'this-node': mine, 'other-nodes': all - free - mine, nobody: free }
  } catch (failure) {
    if (failure instanceof StoreError || failure instanceof DeadlineExceeded) return null
    throw failure
  }
}
