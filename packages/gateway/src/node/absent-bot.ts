import type { Bot, BotAccount, BotSession, Tenure } from '../model/bot.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { PuppetUnavailable } from '../puppet/puppet-failures.ts'
import type { BotWithNode } from '../store/bots/find-bots.ts'

const REASON = 'no node that can be reached runs this bot'

/**
 * A bot that nobody runs at this moment, or a node that cannot be reached: what is known of it stands in the store, and
 * every call to it fails. So the verbs refuse it as they refuse any bot that is offline.
 */
export class AbsentBot implements HostedBot {
  readonly bot: Bot
  readonly tenure: Tenure
  readonly isStarting = false
  readonly lastSeq = 0
  readonly heardAt = null
  readonly session: BotSession
  readonly verification = null

  constructor({ bot, fence, state, since }: Omit<BotWithNode, 'botId'>) {
    this.bot = bot
    this.tenure = { workspaceId: bot.workspaceId, botId: bot.id, fence }
    // Waiting for a scan, or logged out, is the truth about the account whoever runs the bot.
    this.session =
      state === 'awaiting-scan'
        ? { state, since, qrcode: '', givenAt: since, scan: 'waiting' }
        : state === 'logged-out' || state === 'wrong-account'
          ? { state: 'logged-out', since, reason: REASON }
          : { state: 'offline', since, reason: REASON }
  }

  get account(): BotAccount | null {
    return this.bot.account
  }

  get userId() {
    return this.account?.userId ?? this.bot.expectedUserId
  }

  listRooms = unavailable
  listContacts = unavailable
  readRoom = unavailable
  refreshAccount = unavailable
  readContact = unavailable
  readContacts = unavailable
  addMember = unavailable
  createRoom = unavailable
  quitRoom = unavailable
  sendText = unavailable

  async keepTurn(): Promise<void> {}
  hasHintOf(): boolean {
    return false
  }
  lookLater(): void {}
  lookAgain(): void {}
  hurryLook(): void {}
  endStart(): void {}

  /** There is nobody who could take it away. */
  onErrand<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }

  // biome-ignore lint/correctness/useYield: it fails before there is anything to tell.
  async *readRooms(): AsyncGenerator<never> {
    await unavailable()
  }
}

async function unavailable(): Promise<never> {
  throw new PuppetUnavailable(REASON)
}
