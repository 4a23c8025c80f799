/**
 * Decides what about a bot is worth waking an operator for: it is deaf and a new stream did not help; another client has
 * its puppet; its account is logged out (one that never logged in waits for its first scan, which is no news); or it is
 * not online for `offlineAfterMs`, for whatever reason that is not one of those. When the bot is online again, what was
 * alerted is told to be over. A verification that WeCom wants is alerted at once, whatever the state: in two minutes it is
 * too late.
 *
 * One cause of one bot is alerted once in REPEAT_MS at most, however often it comes and goes; what came again too soon, and
 * still is when that time is over, is alerted then. Only the node that runs a bot hears of it, so in a cluster one node
 * alerts. Whoever takes a bot over knows nothing of what was alerted elsewhere, and begins anew: an operator rather hears
 * twice of a trouble than never (0051). An alert is a line in the log and a count in any case; with an alert address it is
 * a message, too.
 */
import type { Alert, AlertCause } from '@qunhub/wire'
import type { BotSession } from '../model/bot.ts'
import { VERIFY_WITHIN_MS, type VerificationNews } from '../model/verification.ts'
import type { HearingNews, HostedBot } from '../puppet/roster.ts'
import { type Clock, MINUTE_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { AlertMeter } from './alert-meter.ts'

export const REPEAT_MS = 30 * MINUTE_MS

export interface WatchDeps {
  readonly clock: Clock
  readonly log: Log
  readonly meter: AlertMeter
  readonly offlineAfterMs: number
  /** Whether this node still runs it; if it has begun anew with it meanwhile, that is the same bot. */
  readonly isHosted: (bot: HostedBot) => boolean
  readonly tell: (alert: Alert) => void
}

export interface BotWatch {
  onSession(bot: HostedBot, session: BotSession): void
  onHearing(bot: HostedBot, news: HearingNews): void
  onVerification(bot: HostedBot, news: VerificationNews): void
  stop(): void
}

/** What is known of one bot's troubles. */
interface Watched {
  /** Of the latest claim of the bot on this node. */
  fence: number
  /** Alerted and not over yet, with the beginning of each. */
  readonly open: Map<AlertCause, number>
  readonly alertedAt: Map<AlertCause, number>
  /** Come again too soon to be alerted; each ends its wait. */
  readonly quiet: Map<AlertCause, () => void>
  callOff: (() => void) | null
}

export function watchBots(deps: WatchDeps): BotWatch {
  const { clock, log, meter, offlineAfterMs, isHosted, tell } = deps
  const bots = new Map<string, Watched>()
  let isStopped = false

  const watched = ({ bot, tenure: { fence } }: HostedBot): Watched => {
    const known = bots.get(bot.id)
    // The fence grows by one with every claim: by more than ours, and another node has run the bot in between.
    if (known && fence <= known.fence + 1) {
      known.fence = Math.max(fence, known.fence)
      return known
    }
    if (known) stopWaiting(known)
    const alertedAt = known?.alertedAt ?? new Map()
    const fresh: Watched = { fence, open: new Map(), alertedAt, quiet: new Map(), callOff: null }
    bots.set(bot.id, fresh)
    return fresh
  }

  const alertOf = (
    kind: Alert['kind'],
    cause: AlertCause,
    { bot, userId }: HostedBot,
    since: number,
  ): Alert => ({
    kind,
    cause,
    workspaceId: bot.workspaceId,
    botId: bot.id,
    userId,
    since,
    at: clock.now(),
  })

  function raise(bot: HostedBot, cause: AlertCause, since: number): void {
    const { open, alertedAt, quiet } = watched(bot)
    const now = clock.now()
    if (open.has(cause) || quiet.has(cause)) return
    // The next one is another one, and as urgent.
    const repeatMs = cause === 'verification' ? VERIFY_WITHIN_MS : REPEAT_MS
    const quietMs = (alertedAt.get(cause) ?? Number.NEGATIVE_INFINITY) + repeatMs - now
    if (quietMs > 0) {
      const again = () => {
        quiet.delete(cause)
        // Whatever else was alerted explains why it is not online.
        if (isHosted(bot) && (cause !== 'offline' || open.size === 0)) raise(bot, cause, since)
      }
      quiet.set(cause, clock.after(quietMs, again))
      return
    }
    open.set(cause, since)
    alertedAt.set(cause, now)
    meter.alertRaised(cause)
    log.warn({ bot: bot.bot.id, workspace: bot.bot.workspaceId, cause, since }, 'a bot needs an operator')
    tell(alertOf('raised', cause, bot, since))
  }

  function recover(bot: HostedBot): void {
    const { open } = watched(bot)
    for (const [cause, since] of open) tellRecovered(bot, cause, since)
    open.clear()
    forgetQuiet(bot)
  }

  function tellRecovered(bot: HostedBot, cause: AlertCause, since: number): void {
    log.info({ bot: bot.bot.id, workspace: bot.bot.workspaceId, cause }, 'a bot needs no operator any more')
    tell(alertOf('recovered', cause, bot, since))
  }

  /** One that was not done is over all the same; what comes of that is alerted by itself. */
  function endVerification(bot: HostedBot, isDone: boolean): void {
    const { open, quiet } = watched(bot)
    const since = open.get('verification')
    open.delete('verification')
    quiet.get('verification')?.()
    quiet.delete('verification')
    if (since !== undefined && isDone) tellRecovered(bot, 'verification', since)
  }

  function forgetQuiet(bot: HostedBot, but: readonly AlertCause[] = []): void {
    const { quiet } = watched(bot)
    for (const [cause, callOff] of quiet) {
      if (but.includes(cause)) continue
      callOff()
      quiet.delete(cause)
    }
  }

  function callOff(bot: HostedBot): void {
    const one = watched(bot)
    one.callOff?.()
    one.callOff = null
  }

  function awaitReturn(bot: HostedBot, since: number): void {
    const one = watched(bot)
    one.callOff ??= clock.after(offlineAfterMs, () => {
      one.callOff = null
      // Whatever else was alerted explains why it is not online.
      if (isHosted(bot) && one.open.size === 0) raise(bot, 'offline', since)
    })
  }

  return {
    onSession(bot, session) {
      // Bots go on to tell while they are detached, and a timer set then would keep the process alive.
      if (isStopped) return
      switch (session.state) {
        case 'new':
          return
        case 'connecting':
        case 'reconnecting':
        case 'offline':
          // To heal a deaf bot means to lose it for a while.
          forgetQuiet(bot, ['deaf', 'offline'])
          return awaitReturn(bot, session.since)
        case 'online':
          callOff(bot)
          return recover(bot)
        case 'occupied':
          callOff(bot)
          forgetQuiet(bot, ['occupied'])
          return raise(bot, 'occupied', session.since)
        case 'awaiting-scan':
        case 'logged-out':
          callOff(bot)
          forgetQuiet(bot, ['logged-out'])
          if (bot.account !== null) raise(bot, 'logged-out', session.since)
          return
        case 'wrong-account':
          callOff(bot)
          forgetQuiet(bot, ['wrong-account'])
          return raise(bot, 'wrong-account', session.since)
        default:
          session satisfies never
      }
    },
    onHearing(bot, { kind, deaf }) {
      if (!isStopped && kind !== 'hears-again' && deaf.stage !== 'new-stream') raise(bot, 'deaf', deaf.since)
    },
    onVerification(bot, { kind, verification }) {
      if (isStopped) return
      if (kind === 'asked') raise(bot, 'verification', verification.givenAt)
      else endVerification(bot, kind === 'done')
    },
    stop() {
      isStopped = true
      for (const one of bots.values()) stopWaiting(one)
      bots.clear()
    },
  }
}

function stopWaiting({ callOff, quiet }: Watched): void {
  for (const end of [callOff, ...quiet.values()]) end?.()
}
