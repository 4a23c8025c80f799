import type { Database } from '../store/database/database.ts'
import { measureOutbox } from '../store/outbox/measure-outbox.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { OutboxShown } from './gauges.ts'
import { keepAnswer } from './kept-answer.ts'

/**
 * Two answers that take all the time they may, and as long as the burst of a bot's start may take: whoever is behind no
 * longer than that is well, and is named to nobody.
 */
const LATE_MS = 10 * SECOND_MS

/** What waits for the addresses, as the store knows it. Null while the store does not say. */
export const openOutboxCensus = (db: Database, clock: Clock): (() => Promise<OutboxShown | null>) =>
  keepAnswer(clock, 'measuring what waits for the addresses', async () => {
    const { oldestOwedAt, oldestOfAddresses, ...measure } = await measureOutbox(db)
    // One moment for all of them, or the oldest of an address would not be the oldest of all.
    const now = clock.now()
    const ageOf = (owedAt: number) => Math.max(0, now - owedAt)
    const oldest = oldestOfAddresses.map(({ owedAt, ...address }) => ({
      ...address,
      oldestMs: ageOf(owedAt),
    }))
    return {
      ...measure,
      oldestMs: oldestOwedAt === null ? 0 : ageOf(oldestOwedAt),
      late: oldest.filter(({ oldestMs }) => oldestMs >= LATE_MS),
    }
  })
