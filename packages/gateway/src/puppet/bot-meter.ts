import type { BotSession } from '../model/bot.ts'

/** Hears what becomes of bots, to count it. */
export interface BotMeter {
  /** A bot that this process runs moved; counted at once, whether or not the store can keep it. */
  moved(from: BotSession['state'], to: BotSession['state']): void
}

/** For whoever counts nothing. */
export const silentBotMeter: BotMeter = { moved() {} }
