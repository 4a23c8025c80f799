import type { BotId, UserId, WorkspaceId } from '@qunhub/wire'
import type { ClaimedBot } from '../model/bot.ts'
import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Random } from '../model/random.ts'
import type { HostedBot, RosterHandlers } from './hosted-bot.ts'
import { Hosting } from './hosting.ts'
import { CALL_DEADLINE_MS } from './puppet-client.ts'
import { PuppetUnavailable } from './puppet-failures.ts'
import { SyncTurns } from './sync-turns.ts'

export type { HostedBot, RosterHandlers } from './hosted-bot.ts'
export type { BotHint } from './puppet-events.ts'

/** Bots of one start connect one after another, so that a restart does not knock on every puppet at once. */
const STAGGER_MS = 20
/** A puppet that comes back after hours is found within 3 s (BOT-160), which leaves half a second for the login. */
const RECONNECT_MS = { min: 250, max: 2.5 * SECOND_MS } as const
/** Each sync reads thousands of members; more at once make every one slower. */
const SYNCS_AT_ONCE_MAX = 4
/** A task that does not end within this time is left behind; correctness never depends on its end. */
const DETACH_MAX_MS = 5 * SECOND_MS

/** The bots of this process. */
export interface Roster {
  /** Connects them in the background, one after another. */
  start(bots: readonly ClaimedBot[]): void
  /** Hosts one more bot at once; one that is hosted already stays as it is. */
  add(bot: ClaimedBot): HostedBot
  /** Detaches it: the account stays logged in. */
  remove(workspaceId: WorkspaceId, botId: BotId): Promise<void>
  /** Several when the workspace hosts two corps (AM-3). */
  byUserId(workspaceId: WorkspaceId, userId: UserId): HostedBot[]
  byId(workspaceId: WorkspaceId, botId: BotId): HostedBot | undefined
  inWorkspace(workspaceId: WorkspaceId): HostedBot[]
  all(): HostedBot[]
  /** Runs an operator's sync in the bot's turn; rejects with what it throws, or PuppetUnavailable. */
  sync(bot: HostedBot, run: (bot: HostedBot, signal: AbortSignal) => Promise<void>): Promise<void>
  /** Detaches every bot, within 5 s. */
  stop(): Promise<void>
}

export interface RosterDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly handlers: RosterHandlers
  readonly callDeadlineMs?: number
  readonly reconnectMs?: { readonly min: number; readonly max: number }
  /** See {@link HostingDeps.mayAct}; by default always. */
  readonly mayAct?: () => boolean
}

export function openRoster(deps: RosterDeps): Roster {
  const hosted = new Map<string, Hosting>()
  const turns = new SyncTurns(SYNCS_AT_ONCE_MAX)
  const keyOf = (workspaceId: WorkspaceId, botId: BotId) => `${workspaceId}/${botId}`

  const host = (claimed: ClaimedBot, delayMs: number): Hosting => {
    const key = keyOf(claimed.bot.workspaceId, claimed.bot.id)
    const known = hosted.get(key)
    if (known) return known
    const hosting = new Hosting(claimed, {
      mayAct: () => true,
      ...deps,
      turns,
      callDeadlineMs: deps.callDeadlineMs ?? CALL_DEADLINE_MS,
      reconnectMs: deps.reconnectMs ?? RECONNECT_MS,
    })
    hosted.set(key, hosting)
    hosting.start(delayMs)
    return hosting
  }

  const detach = async (hosting: Hosting): Promise<void> => {
    try {
      await withDeadline(deps.clock, DETACH_MAX_MS, 'detaching a bot', hosting.detach())
    } catch (failure) {
      if (!(failure instanceof DeadlineExceeded)) throw failure
      deps.log.warn({ bot: hosting.bot.id }, 'a bot was left in the middle of a task')
    }
  }

  return {
    start(bots) {
      bots.forEach((bot, index) => {
        host(bot, index * STAGGER_MS)
      })
    },
    add: bot => host(bot, 0),
    async remove(workspaceId, botId) {
      const key = keyOf(workspaceId, botId)
      const hosting = hosted.get(key)
      hosted.delete(key)
      if (hosting) await detach(hosting)
    },
    byUserId: (workspaceId, userId) =>
      [...hosted.values()].filter(
        ({ bot, userId: own }) => bot.workspaceId === workspaceId && own === userId,
      ),
    byId: (workspaceId, botId) => hosted.get(keyOf(workspaceId, botId)),
    inWorkspace: workspaceId => [...hosted.values()].filter(({ bot }) => bot.workspaceId === workspaceId),
    all: () => [...hosted.values()],
    async sync(bot, run) {
      const hosting = hosted.get(keyOf(bot.bot.workspaceId, bot.bot.id))
      if (!hosting) throw new PuppetUnavailable('the bot is not hosted here')
      await hosting.sync(signal => run(hosting, signal))
    },
    async stop() {
      const all = [...hosted.values()]
      hosted.clear()
      await Promise.all(all.map(detach))
    },
  }
}
