import type { Clock } from '../model/clock.ts'
import type { Database } from '../store/database.ts'
import { measureOutbox } from '../store/measure-outbox.ts'
import { keepAnswer } from './kept-answer.ts'
import type { OutboxShown } from './metrics.ts'

/** What waits for all addresses, as the store knows it. Null while the store does not say. */
export const openOutboxCensus = (db: Database, clock: Clock): (() => Promise<OutboxShown | null>) =>
  keepAnswer(clock, 'measuring what waits for the addresses', async () => {
    const { oldestOwedAt, ...measure } = await measureOutbox(db)
    return { ...measure, oldestMs: oldestOwedAt === null ? 0 : Math.max(0, clock.now() - oldestOwedAt) }
  })
