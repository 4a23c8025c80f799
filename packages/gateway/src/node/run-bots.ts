/**
 * Which bots this node runs. After each round of its membership it claims what nobody runs, up to its fair share, and
 * gives back what it has beyond: so bots spread over the nodes when one comes, and move on when one goes.
 *
 * A bot is given back in this order: it leaves the puppet, so that the next owner finds its event stream free; then its
 * row says that nobody runs it. Whoever loses a bot (its fence is another by now, or the node was reaped) leaves the
 * puppet only.
 */
import type { HostedBot, Roster } from '../bot/roster.ts'
import type { ClaimedBot, Tenure } from '../model/bot.ts'
import type { Keyring } from '../model/keyring.ts'
import type { Log } from '../model/log.ts'
import { claimBots, countBots, releaseBot } from '../store/claim-bots.ts'
import type { Database } from '../store/database.ts'
import type { Membership } from './membership.ts'

/** Bots that change their node in one round; each one connects and reads its rooms. */
const MOVES_PER_ROUND_MAX = 50

export interface BotRunner {
  /** Claims and gives back, as it is fair. Calls that overlap wait for one another. */
  round(): Promise<void>
  /** Somebody else has the bot by now. */
  lose(bot: HostedBot): Promise<void>
  /** Somebody else has all of them by now. */
  loseAll(): Promise<void>
  /** Leaves the puppets, for somebody else may be about to take over; the next round comes back, if nobody did. */
  standAside(): Promise<void>
  /** Detaches every bot and gives it back. */
  stop(): Promise<void>
}

export interface RunBotsDeps {
  readonly db: Database
  readonly keyring: Keyring
  readonly log: Log
  readonly roster: Roster
  readonly membership: Pick<Membership, 'id' | 'isIn' | 'nodes'>
  /** Hears of every bot that comes and goes. */
  readonly onMove?: { claimed(starting: boolean): void; gaveBack(): void }
}

export function runBots({ db, keyring, log, roster, membership, onMove }: RunBotsDeps): BotRunner {
  let last: Promise<void> = Promise.resolve()
  let stopping = false
  /** Detached already, but their rows still say that we run them. */
  const toRelease = new Set<Tenure>()
  let standingAside: ClaimedBot[] = []

  async function claim(): Promise<void> {
    if (stopping || !membership.isIn) return
    roster.start(standingAside.splice(0))
    for (const tenure of toRelease) await release(tenure)
    const { all, free, mine } = await countBots(db, membership.id)
    const share = Math.ceil(all / Math.max(1, membership.nodes.length))
    if (free > 0 && mine < share) await claimSome(Math.min(free, share - mine))
    else if (mine > share) await giveBackSome(Math.min(mine - share, MOVES_PER_ROUND_MAX))
  }

  async function claimSome(limit: number): Promise<void> {
    const claimed = await claimBots(db, keyring, membership.id, limit)
    // A node that was reaped meanwhile has claimed nothing; one that stops gives back what it has just claimed.
    roster.start(claimed)
    for (const { bot, fence, starting } of claimed) {
      onMove?.claimed(starting)
      log.info({ bot: bot.id, workspace: bot.workspaceId, fence, starting }, 'this node runs a bot')
    }
  }

  async function giveBackSome(count: number): Promise<void> {
    // The youngest first: those that were here longest have the warmest caches.
    for (const bot of roster.all().slice(-count)) await giveBack(bot)
  }

  async function giveBack({ tenure }: HostedBot): Promise<void> {
    await roster.remove(tenure.workspaceId, tenure.botId)
    toRelease.add(tenure)
    await release(tenure)
  }

  async function release(tenure: Tenure): Promise<void> {
    await releaseBot(db, tenure)
    toRelease.delete(tenure)
    onMove?.gaveBack()
    log.info({ bot: tenure.botId, fence: tenure.fence }, 'this node gave a bot to the others')
  }

  const removeAll = (): Promise<unknown> =>
    Promise.all(roster.all().map(({ bot }) => roster.remove(bot.workspaceId, bot.id)))

  return {
    round() {
      last = last.then(claim, claim)
      return last
    },
    async lose({ tenure: { workspaceId, botId, fence } }) {
      if (roster.byId(workspaceId, botId)?.tenure.fence !== fence) return
      log.warn({ bot: botId, fence }, 'another node runs this bot by now')
      await roster.remove(workspaceId, botId)
    },
    async loseAll() {
      standingAside = []
      toRelease.clear()
      await removeAll()
    },
    async standAside() {
      standingAside = roster
        .all()
        .map(({ bot, tenure, isStarting }) => ({ bot, fence: tenure.fence, starting: isStarting }))
      await removeAll()
    },
    async stop() {
      stopping = true
      await last.catch(() => {})
      await roster.stop()
    },
  }
}
