import { countBots } from '../store/bots/claim-bots.ts'
import type { Database } from '../store/database/database.ts'
import type { Clock } from '../system/clock.ts'
import { keepAnswer } from './kept-answer.ts'

/** How many bots, by who has claimed them. */
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

/** Who has claimed the bots, as the store knows it. Counting reads every bot. Null while the store does not say. */
export const openBotCensus = ({ db, clock, nodeId }: BotCensusDeps): (() => Promise<BotCensus | null>) =>
  keepAnswer(clock, 'counting the bots', async () => {
    const { all, free, mine } = await countBots(db, nodeId())
    return { 'this-node': mine, 'other-nodes': all - free - mine, nobody: free }
  })
