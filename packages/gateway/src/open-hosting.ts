/**
 * The bots of this node: the roster that connects them, the runner that says which they are, and what becomes of what they
 * tell. It goes to the store, to the customers as callbacks, and to the operator as alerts; while the store is away it waits.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { type Alerts, openAlerts } from './alert/open-alerts.ts'
import { ALERT_DEADLINE_MS } from './alert/robot-client.ts'
import { connectGuarded } from './callback/connect-guarded.ts'
import { type FollowingDeps, followHint } from './chatroom/follow-hint.ts'
import { type ChatroomDeps, forgetRoom, keepContact, keepFound, keepRoom } from './chatroom/keep-room.ts'
import { oweForLeave } from './chatroom/owe.ts'
import { RequestsInRooms } from './chatroom/requests-in-rooms.ts'
import { RoomNotes } from './chatroom/room-notes.ts'
import type { SyncReason } from './chatroom/survey.ts'
import {
  beginSync,
  endStart,
  lookAgain,
  requireWhole,
  type SyncReport,
  syncBot,
} from './chatroom/sync-bot.ts'
import type { Config } from './config/config.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createAddressGuard } from './model/address-guard.ts'
import type { Keyring } from './model/keyring.ts'
import { resolveName } from './model/resolve-name.ts'
import type { Membership, MembershipHandlers } from './node/membership.ts'
import { untilKept } from './node/patience.ts'
import { type BotRunner, runBots } from './node/run-bots.ts'
import { finishRemovals } from './operator/removals.ts'
import type { LiveParts } from './operator/verb.ts'
import { type HostedBot, openRoster, type Roster, type RosterHandlers } from './puppet/roster.ts'
import type { Chatroom } from './room/room-deps.ts'
import { saveBotMove } from './store/bots/bot-moves.ts'
import { saveAnswersDings } from './store/bots/bots.ts'
import { finishStart } from './store/bots/claim-bots.ts'
import { takeAccount } from './store/bots/take-account.ts'
import { afterTheFact } from './store/database/after-the-fact.ts'
import type { Database } from './store/database/database.ts'
import type { LeftChat } from './store/rooms/rooms.ts'
import type { Clock } from './system/clock.ts'
import type { Courtesy } from './system/courtesy.ts'
import type { Log } from './system/log.ts'
import type { Parts } from './system/parts.ts'
import type { Random } from './system/random.ts'

export interface HostingParts {
  readonly roster: Roster
  readonly runner: BotRunner
  /** What a customer's request does with a room that it has looked into. */
  readonly chatroom: Chatroom
  readonly syncBot: LiveParts['syncBot']
  readonly syncRoom: LiveParts['syncRoom']
  readonly testAlert: LiveParts['testAlert']
  /** What the bots do when this node comes or goes among its peers. */
  readonly onNode: MembershipHandlers
}

export interface HostingDeps {
  readonly config: Config
  readonly db: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly membership: Membership
  /** See {@link ChatroomDeps.isTimeTheClocks}. */
  readonly isOwnTime: boolean
  /** Aborts when the gateway begins to stop. */
  readonly stopping: AbortSignal
  /** What the bots have for leaving their puppets. */
  readonly leftForBotsMs: () => number
  readonly wakeCourier: (owedTo?: WorkspaceId) => void
  readonly courtesy: Courtesy
  /** Claims and gives back addresses, in the rounds in which bots are. */
  readonly runAddresses: () => Promise<void>
}

/** Hosts no bot yet: the runner's first round does. */
export function openHosting(parts: Parts, deps: HostingDeps): HostingParts {
  const { config, db, keyring, clock, random, log, metrics, membership } = deps
  const chatroomDeps: FollowingDeps = {
    ...{ db, clock, log, notes: new RoomNotes(), requests: new RequestsInRooms() },
    ...{ isTimeTheClocks: deps.isOwnTime, wakeCourier: deps.wakeCourier, courtesy: deps.courtesy },
  }
  const connect = connectGuarded(
    createAddressGuard([...config.callbackAllowCidrs, ...config.alert.allowCidrs], resolveName),
    ALERT_DEADLINE_MS,
  )
  const isHosted = ({ bot }: HostedBot) => roster.byId(bot.workspaceId, bot.id) !== undefined
  const alerts = parts.opened(
    openAlerts({ ...config.alert, clock, log, meter: metrics, connect, isHosted }),
    'at-once',
  )
  const syncs = createSyncs(chatroomDeps, metrics)
  const lose = (bot: HostedBot) => runner.lose(bot)
  const roster = openRoster({
    ...{ clock, random, log, meter: metrics },
    callDeadlineMs: config.puppetDeadlineMs,
    puppetCa: config.puppetCa,
    reconcileEveryMs: config.reconcileEveryMs,
    mayAct: () => membership.isIn,
    handlers: createHandlers({ ...deps, chatroomDeps, alerts, syncs, lose }),
  })
  const runner = runBots({ db, keyring, log, roster, membership, onHandOver: metrics })
  parts.closing(() => runner.stop(deps.leftForBotsMs()))

  const witness: ChatroomDeps = { ...chatroomDeps, db: afterTheFact(db, clock) }
  return {
    roster,
    runner,
    chatroom: {
      begin: () => chatroomDeps.notes.begin(),
      acting: (bot, roomWxid, work) => chatroomDeps.requests.run(bot.tenure, roomWxid, work),
      keepRoom: (bot, read, why) => keepRoom(witness, bot, read, () => ({ why })),
      keepFound: (bot, read) => keepFound(chatroomDeps, bot, read),
      keepContact: (bot, read) => keepContact(chatroomDeps, bot, read),
      forgetRoom: (bot, roomWxid, begun) => forgetRoom(witness, bot, roomWxid, begun),
    },
    syncBot: bot =>
      roster.sync(bot, async (synced, signal) => {
        requireWhole(await syncs.sync(synced, 'asked', signal))
      }),
    syncRoom: (bot, roomWxid) =>
      roster.sync(bot, synced =>
        followHint(chatroomDeps, synced, { kind: 'room-changed', roomWxid, why: 'dirty' }),
      ),
    testAlert: alerts.test,
    onNode: {
      async onRound() {
        // Beside each other: bots that are slow to leave their puppets keep no callback waiting.
        await Promise.all([runner.round(), deps.runAddresses()])
      },
      onLanesFreed() {
        metrics.lanesFreed()
        deps.wakeCourier()
      },
      onLostTouch() {
        metrics.stoodAside()
        return runner.standAside()
      },
      onReaped() {
        metrics.wasReaped()
        deps.wakeCourier()
        return runner.loseAll()
      },
    },
  }
}

interface Syncs {
  sync(bot: HostedBot, reason: SyncReason, signal: AbortSignal): Promise<SyncReport>
  lookAgain(bot: HostedBot, signal: AbortSignal): Promise<void>
}

/** Syncs of which each may be the one that ends the bot's start. */
function createSyncs(chatroomDeps: ChatroomDeps, metrics: Metrics): Syncs {
  const endStartIfOver = async (bot: HostedBot, report: SyncReport): Promise<void> => {
    if (!report.isStartOver) return
    if (bot.isStarting) await finishStart(chatroomDeps.db, bot.tenure)
    endStart(chatroomDeps, bot, report)
  }
  return {
    async sync(bot, reason, signal) {
      const report = await syncBot(chatroomDeps, bot, reason, signal)
      metrics.synced(report)
      await endStartIfOver(bot, report)
      return report
    },
    async lookAgain(bot, signal) {
      const report = await lookAgain(chatroomDeps, bot, signal)
      if (report) await endStartIfOver(bot, report)
    },
  }
}

/** What becomes of what a bot tells. */
function createHandlers({
  db,
  keyring,
  clock,
  log,
  metrics,
  stopping,
  isOwnTime,
  wakeCourier,
  chatroomDeps,
  alerts,
  syncs,
  lose,
}: HostingDeps & {
  readonly chatroomDeps: FollowingDeps
  readonly alerts: Alerts
  readonly syncs: Syncs
  readonly lose: (bot: HostedBot) => Promise<void>
}): RosterHandlers {
  const kept = (bot: HostedBot, signal: AbortSignal, work: () => Promise<unknown>) =>
    untilKept({ db, clock, log, lose }, bot, signal, work)
  const oweAt = (left: LeftChat, at: number) => oweForLeave(left, isOwnTime ? at : left.storedAt)
  const removals = { ...{ db, clock, log, wakeCourier }, oweForLeave: oweAt }
  return {
    async onAccount(bot, account, signal) {
      let isOurs = true
      await kept(bot, signal, async () => {
        isOurs = await takeAccount(db, keyring, bot.tenure, account)
        // That a bot of this account has left a room is told before what this one tells of it (OP-41).
        const of = { workspaceId: bot.tenure.workspaceId, wxid: account.wxid }
        if (isOurs) await finishRemovals(removals, () => signal.aborted, of)
      })
      return isOurs
    },
    onLogin: (bot, _account, signal) => kept(bot, signal, () => syncs.sync(bot, 'started', signal)),
    async beforeResync(bot, reason, signal) {
      if (reason === 'look-again') return
      await kept(bot, signal, () => beginSync(chatroomDeps, bot, { reason: reconcileOf(reason), signal }))
    },
    onResync: (bot, reason, signal) =>
      kept(bot, signal, async () =>
        reason === 'look-again'
          ? syncs.lookAgain(bot, signal)
          : metrics.reconciled(reason, await syncs.sync(bot, reconcileOf(reason), signal)),
      ),
    onHint: (bot, hint, signal) => kept(bot, signal, () => followHint(chatroomDeps, bot, hint)),
    onDingAnswered: bot => kept(bot, stopping, () => saveAnswersDings(db, bot.tenure)),
    onHearing(bot, news) {
      metrics.heardOf(news)
      alerts.onHearing(bot, news)
    },
    onVerification: (bot, news) => alerts.onVerification(bot, news),
    onSession(bot, session, move) {
      alerts.onSession(bot, session)
      return kept(bot, stopping, () => saveBotMove(db, bot.tenure, move))
    },
  }
}

/** What a resync that is queued for this reason is. */
const reconcileOf = (reason: string): SyncReason =>
  reason === 'periodic' || reason === 'returned' ? reason : 'reconciled'
