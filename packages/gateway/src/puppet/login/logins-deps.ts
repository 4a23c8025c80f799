/** What the parts of a login lean on, and what they give to the calls through an online bot. */
import type { BotAccount } from '../../model/bot.ts'
import type { BotDuties } from '../bot-duties.ts'
import type { Forgetting } from '../forgetting.ts'
import type { Hearing } from '../hearing.ts'
import type { HostedBot, HostingDeps } from '../hosted-bot.ts'
import type { PuppetClient } from '../puppet-client.ts'
import type { PuppetNews } from '../puppet-events.ts'
import type { Standing } from '../standing.ts'
import type { Verifications } from './verifications.ts'

/** What calls through an online bot need. */
export interface Presence {
  readonly client: PuppetClient
  readonly account: BotAccount
  readonly forgetting: Forgetting
}

/** News of who is logged in, or may be soon. */
export type AccountNews = Extract<PuppetNews, { kind: 'scan' | 'logout' | 'login' }>
export interface LoginsDeps
  extends Pick<HostingDeps, 'clock' | 'handlers' | 'log' | 'random' | 'reconnectMs'> {
  readonly bot: HostedBot
  readonly standing: Standing
  readonly hearing: Hearing
  readonly duties: BotDuties
  readonly verifications: Verifications
  /** Aborts when the bot is detached. */
  readonly detached: AbortSignal
}
