import type { BotId, UserId, WorkspaceId } from '@qunhub/wire'
import type { ClaimedBot } from '../model/bot.ts'
import { userIdKey } from '../model/user-id.ts'
import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import { type BotMeter, silentBotMeter } from './bot-meter.ts'
import type { HostedBot, RosterHandlers } from './hosted-bot.ts'
import { Hosting } from './hosting.ts'
import { MoveTeller } from './move-teller.ts'
import { CALL_DEADLINE_MS } from './puppet-client.ts'
import { PuppetUnavailable } from './puppet-failures.ts'
import { SyncTurns } from './sync-turns.ts'

export type { HearingNews } from './hearing.ts'
export type { HostedBot, RosterHandlers } from './hosted-bot.ts'
export type { BotHint } from './puppet-events.ts'

/** Bots of one start connect one after another, so that a restart does not knock on every puppet at once. */
const STAGGER_MS = 20
/** A puppet that comes back after hours is found within 3 s (BOT-160), which leaves half a second for the login. */
const RECONNECT_MS = { min: 250, max: 2.5 * SECOND_MS } as const
/** Each sync reads thousands of members; more at once make every one slower. */
const SYNCS_AT_ONCE_MAX = 4
/** Beyond the deadline of one call: a sync that has read nothing for so long keeps its turn from others in vain. */
const TURN_IDLE_EXTRA_MS = 2 * SECOND_MS
/** What a puppet was asked for has its answer by then, or its deadline is over and it was looked for. */
const ERRANDS_MAX_MS = 12 * SECOND_MS
/** At the end of the process, whose doors have waited for answers already: only who has left may still have an errand. */
const LAST_ERRANDS_MAX_MS = 4 * SECOND_MS
/** Of the time that a stop has left, for freeing the puppets after the errands. */
const LAST_DETACH_MS = 300
/** A task that does not end within this time is left behind; correctness never depends on its end. */
const DETACH_MAX_MS = 5 * SECOND_MS

/** The bots of this process. */
export interface Roster {
  /** Connects them in the background, one after another. */
  start(bots: readonly ClaimedBot[]): void
  /** Hosts one more bot at once; one that is hosted already stays as it is. */
  add(bot: ClaimedBot): HostedBot
  /**
   * Takes leave of it in peace: it takes no request any more, those under way are waited for, up to 12 s, and then it is
   * removed (BOT-200). Removed meanwhile, it waits no longer.
   */
  retire(workspaceId: WorkspaceId, botId: BotId): Promise<void>
  /** Detaches it at once: the account stays logged in. */
  remove(workspaceId: WorkspaceId, botId: BotId): Promise<void>
  /** In any case of letters; several when the workspace hosts two corps (AM-3). */
  byUserId(workspaceId: WorkspaceId, userId: UserId): HostedBot[]
  byId(workspaceId: WorkspaceId, botId: BotId): HostedBot | undefined
  inWorkspace(workspaceId: WorkspaceId): HostedBot[]
  all(): HostedBot[]
  /** All of them as whoever hosts them next should know them, not as they were claimed. */
  claims(): ClaimedBot[]
  /** Runs an operator's sync in the bot's turn; rejects with what it throws, or PuppetUnavailable. */
  sync(bot: HostedBot, run: (bot: HostedBot, signal: AbortSignal) => Promise<void>): Promise<void>
  /**
   * Asks the puppet of a bot that is connected but logged in to nothing to begin again, so that it shows a QR code; or,
   * where the one that it shows is over, another one. At most once in 10 s; does nothing in any other state, and says
   * nothing of how it went: what comes of it is an event.
   */
  askForLogin(bot: HostedBot): void
  /** Looks at once who is logged in, where that is not the bot's account; otherwise it does so every 30 s. */
  lookForLogin(bot: HostedBot): void
  /**
   * Types in the code that a verification of the account asks for. Rejects with PuppetUnavailable where none is asked for,
   * and as the puppet answers.
   */
  enterCode(bot: HostedBot, code: string): Promise<void>
  /**
   * Logs the account out of its puppet, because an operator said so; nothing else ever does. Looks afterwards whether it
   * is so. Rejects with PuppetUnavailable while no account is logged in, with PuppetRefused when the account is still
   * logged in, and with PuppetTimeout when the puppet does not say.
   */
  logOut(bot: HostedBot): Promise<void>
  /** A stop has no more time: whatever is asked of any puppet ends as if its time were over. */
  waitNoLonger(): void
  /** Waits for the requests under way and detaches every bot, within 5 s, or `withinMs`. */
  stop(withinMs?: number): Promise<void>
}

export interface RosterDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly handlers: RosterHandlers
  readonly meter?: BotMeter
  readonly callDeadlineMs?: number
  /** See {@link HostingDeps.puppetCa}. */
  readonly puppetCa?: string | undefined
  readonly reconnectMs?: { readonly min: number; readonly max: number }
  /** See {@link HostingDeps.reconcileEveryMs}; by default never. */
  readonly reconcileEveryMs?: number
  /** See {@link HostingDeps.mayAct}; by default always. */
  readonly mayAct?: () => boolean
}

export function openRoster(deps: RosterDeps): Roster {
  const hosted = new Map<string, Hosting>()
  /** Still with us, but for nobody who asks. */
  const retiring = new Map<string, Hosting>()
  const callDeadlineMs = deps.callDeadlineMs ?? CALL_DEADLINE_MS
  const turns = new SyncTurns(SYNCS_AT_ONCE_MAX, {
    clock: deps.clock,
    idleMaxMs: callDeadlineMs + TURN_IDLE_EXTRA_MS,
  })
  let seq = 0
  /** One for each bot that was ever hosted here: what is waiting is told before what comes after it. */
  const tellers = new Map<string, MoveTeller>()
  const keyOf = (workspaceId: WorkspaceId, botId: BotId) => `${workspaceId}/${botId}`

  const host = (claimed: ClaimedBot, delayMs: number): Hosting => {
    const key = keyOf(claimed.bot.workspaceId, claimed.bot.id)
    const known = hosted.get(key)
    if (known) return known
    const teller = tellers.get(key) ?? new MoveTeller()
    tellers.set(key, teller)
    const hosting = new Hosting(claimed, {
      mayAct: () => true,
      meter: silentBotMeter,
      ...deps,
      turns,
      teller,
      nextSeq: () => ++seq,
      callDeadlineMs,
      reconcileEveryMs: deps.reconcileEveryMs ?? 0,
      reconnectMs: deps.reconnectMs ?? RECONNECT_MS,
    })
    hosted.set(key, hosting)
    hosting.start(delayMs)
    return hosting
  }

  const hostingOf = ({ bot }: HostedBot): Hosting => {
    const hosting = hosted.get(keyOf(bot.workspaceId, bot.id))
    if (!hosting) throw new PuppetUnavailable('the bot is not hosted here')
    return hosting
  }

  const detach = async (
    hosting: Hosting,
    how = () => hosting.detach(),
    withinMs = DETACH_MAX_MS,
  ): Promise<void> => {
    try {
      await withDeadline(deps.clock, withinMs, 'detaching a bot', how())
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
    async retire(workspaceId, botId) {
      const key = keyOf(workspaceId, botId)
      const hosting = hosted.get(key)
      if (!hosting) return
      hosted.delete(key)
      retiring.set(key, hosting)
      await hosting.endErrands(ERRANDS_MAX_MS)
      if (retiring.get(key) === hosting) retiring.delete(key)
      await detach(hosting)
    },
    async remove(workspaceId, botId) {
      const key = keyOf(workspaceId, botId)
      const leaving = [hosted.get(key), retiring.get(key)].filter(hosting => hosting !== undefined)
      hosted.delete(key)
      retiring.delete(key)
      await Promise.all(leaving.map(hosting => detach(hosting)))
    },
    byUserId(workspaceId, userId) {
      const key = userIdKey(userId)
      return [...hosted.values()].filter(
        ({ bot, userId: own }) => bot.workspaceId === workspaceId && own !== null && userIdKey(own) === key,
      )
    },
    byId: (workspaceId, botId) => hosted.get(keyOf(workspaceId, botId)),
    inWorkspace: workspaceId => [...hosted.values()].filter(({ bot }) => bot.workspaceId === workspaceId),
    all: () => [...hosted.values()],
    claims: () => [...hosted.values()].map(({ claim }) => claim),
    async sync(bot, run) {
      const hosting = hostingOf(bot)
      await hosting.sync(signal => run(hosting, signal))
    },
    askForLogin: bot => hostingOf(bot).askForLogin(),
    lookForLogin: bot => hostingOf(bot).lookForLogin(),
    enterCode: async (bot, code) => hostingOf(bot).enterCode(code),
    logOut: async bot => hostingOf(bot).logOut(),
    waitNoLonger() {
      for (const hosting of [...hosted.values(), ...retiring.values()]) hosting.waitNoLonger()
    },
    async stop(withinMs = DETACH_MAX_MS) {
      const errandsMs = Math.min(LAST_ERRANDS_MAX_MS, Math.max(0, withinMs - LAST_DETACH_MS))
      const all = [...hosted.values(), ...retiring.values()]
      hosted.clear()
      retiring.clear()
      await Promise.all(
        all.map(hosting =>
          detach(hosting, () => hosting.endErrands(errandsMs).then(() => hosting.detach()), withinMs),
        ),
      )
    },
  }
}
