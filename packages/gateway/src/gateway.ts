/**
 * The whole machine. Parts are opened in order, each leaning only on those before it, and closed in reverse: the doors
 * first, so that nothing new begins; then the bots, which detach; the store last. The doors and the courier, which take
 * time to finish what is under way, all begin with that as soon as the stop begins. The doors wait 8 s for answers, by when
 * a call to a puppet has ended, and within 0.9 s more whoever has none yet is refused in words (`http/see-off.ts`); the
 * bots have 5 s, or what is left; the courier's 6 s run beside. So everything is over within 10 s, and nobody is cut off
 * without an answer. How long the gateway goes on before the stop begins, once it has taken leave, is for its caller to say.
 */
import { managementOpenApi, OperatorReply, openApi } from '@qunhub/wire'
import { openAlerts } from './alert/open-alerts.ts'
import { ALERT_DEADLINE_MS } from './alert/robot-client.ts'
import { type HostedBot, openRoster } from './bot/roster.ts'
import { createBackpressure } from './callback/backpressure.ts'
import { connectGuarded } from './callback/connect-guarded.ts'
import { openCourier } from './callback/courier.ts'
import { createReplayer } from './callback/replayer.ts'
import { createRetention } from './callback/retention.ts'
import { followHint } from './chatroom/follow-hint.ts'
import { type ChatroomDeps, forgetRoom, keepRoom } from './chatroom/keep-room.ts'
import { oweForLeave } from './chatroom/owe.ts'
import { refreshAccount } from './chatroom/refresh-account.ts'
import { RoomNotes } from './chatroom/room-notes.ts'
import type { SyncReason } from './chatroom/survey.ts'
import { endStart, lookAgain, requireWhole, type SyncReport, syncBot } from './chatroom/sync-bot.ts'
import type { Config } from './config/config.ts'
import { askOthers } from './http/ask-others.ts'
import { openPeers } from './http/ask-peer.ts'
import { listenForPeers } from './http/node-door.ts'
import { openOperatorDoor } from './http/operator-door.ts'
import { createRateLimit, type RateLimit, tokensHere } from './http/rate-limit.ts'
import { ANSWER_WAIT_MS } from './http/see-off.ts'
import { openServer } from './http/server.ts'
import { createSharedRateLimit } from './http/shared-rate-limit.ts'
import { readMasterKey, warningOfOpenKey } from './master-key.ts'
import { openBotCensus } from './metrics/bot-census.ts'
import { createMetrics } from './metrics/metrics.ts'
import { openOutboxCensus } from './metrics/outbox-census.ts'
import { createAddressGuard } from './model/address-guard.ts'
import { deafnessOf } from './model/bot.ts'
import { type Clock, SECOND_MS, sleep, systemClock } from './model/clock.ts'
import { type Log, silentLog } from './model/log.ts'
import { hex24, type Random, systemRandom } from './model/random.ts'
import { resolveName } from './model/resolve-name.ts'
import { openMembership } from './node/membership.ts'
import { createMoveRetention } from './node/move-retention.ts'
import { untilKept } from './node/patience.ts'
import { openPlaces, type Peer } from './node/places.ts'
import { runBots } from './node/run-bots.ts'
import { watchStore } from './node/watch-store.ts'
import { createResolver } from './operator/resolver.ts'
import type { LiveParts, VerbDeps } from './operator/verb.ts'
import { createNameVetting } from './operator/vet-name.ts'
import { createAddOnce } from './room/add-once.ts'
import { createAdditionPace } from './room/addition-pace.ts'
import { createAnswerMemory } from './room/answer-memory.ts'
import { createCreationTurns } from './room/creation-turns.ts'
import { createListTurns } from './room/list-turns.ts'
import type { Chatroom, RoomDeps } from './room/room-deps.ts'
import { createRowCache } from './room/row-cache.ts'
import { afterTheFact } from './store/after-the-fact.ts'
import { saveBotMove } from './store/bot-moves.ts'
import { saveAnswersDings } from './store/bots.ts'
import { finishStart } from './store/claim-bots.ts'
import type { Queryable } from './store/database.ts'
import { requireSameKey } from './store/installation.ts'
import { observed } from './store/observed-database.ts'
import { openStore } from './store/open-store.ts'
import { storeServes } from './store/store-serves.ts'
import { storeTime } from './store/store-time.ts'
import { takeAccount } from './store/take-account.ts'
import { VERSION } from './version.ts'
import { openWecomApi } from './wecom/official-api.ts'

export interface Gateway {
  /** `http://127.0.0.1:3000` and the path prefix; without a slash at its end. */
  readonly baseUrl: string
  /** What the operator's verbs lean on, for whoever runs them in this process. */
  readonly operator: VerbDeps
  /** `/ready` is 503 from now on, so that load balancers let go; everything else goes on until `stop`. */
  takeLeave(): void
  /** Stops within 10 s, or when it is hurried within 2 s. Asked again, it waits for the same stop. */
  stop(hurried?: AbortSignal): Promise<void>
}

/** What is left after the doors and before the process is ended from outside, 10 s after the stop began. */
const STOP_WITHIN_MS = 9.7 * SECOND_MS
const HURRIED_WITHIN_MS = 1.6 * SECOND_MS
const BOTS_LEAVE_MIN_MS = 500
const BOTS_LEAVE_MAX_MS = 5 * SECOND_MS

export interface GatewayOptions {
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: Log
  /** Measurements lift the limit of G-6; nobody else does. */
  readonly tokenLimit?: RateLimit
}

/**
 * Opens the gateway on its data directory. Rejects with StoreLocked when another process has the directory, with
 * StoreTooNew when a newer Qunhub wrote it, and when the port is taken; then nothing stays open.
 */
export async function openGateway(config: Config, options: GatewayOptions = {}): Promise<Gateway> {
  const { clock = systemClock, random = systemRandom, log = silentLog } = options
  // Whoever brings a clock of his own wants all time to be his; otherwise nodes that share a store share its clock.
  const isOwnTime = options.clock !== undefined
  const opened: { close(): Promise<void>; begins: 'in-turn' | 'at-once' }[] = []
  const open = <P>(
    part: P,
    close: (part: P) => Promise<void>,
    begins: 'in-turn' | 'at-once' = 'in-turn',
  ): P => {
    opened.push({ close: () => close(part), begins })
    return part
  }
  const hurry = new AbortController()
  let customersGone = AbortSignal.abort()
  let stopBy = Number.POSITIVE_INFINITY
  /** The real time, for whoever ends the process knows no other. */
  const leftForBots = () =>
    Math.min(BOTS_LEAVE_MAX_MS, Math.max(BOTS_LEAVE_MIN_MS, stopBy - performance.now()))
  const stopAll = async () => {
    stopBy = performance.now() + STOP_WITHIN_MS
    const hurryUp = () => {
      stopBy = Math.min(stopBy, performance.now() + HURRIED_WITHIN_MS)
    }
    if (hurry.signal.aborted) hurryUp()
    else hurry.signal.addEventListener('abort', hurryUp, { once: true })
    const closing = new Map(
      opened.filter(part => part.begins === 'at-once').map(part => [part, part.close()]),
    )
    // Each is awaited in its turn; until then its failure is nobody's.
    for (const closed of closing.values()) closed.catch(() => {})
    const failures: unknown[] = []
    for (const part of opened.toReversed()) {
      // One part that fails to close must not keep the next one open, and least of all the store locked.
      await (closing.get(part) ?? part.close()).catch(failure => failures.push(failure))
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the gateway did not stop cleanly')
  }

  try {
    const keyring = await readMasterKey(config)
    const warning = await warningOfOpenKey(config)
    if (warning) log.warn({}, warning)
    const metrics = createMetrics()
    const store = open(
      // Where the store is PostgreSQL the data directory still holds the operator's door, and that is one gateway's.
      await openStore({ ...config, alone: true, connectionsMax: config.databasePool, log }),
      part => part.close(),
    )
    const db = observed(store.db, metrics.store)
    await requireSameKey(db, keyring)
    /** The same for all nodes of a store, whatever their own clocks say. */
    const sharedTime = async (asked: Queryable): Promise<number> =>
      (isOwnTime ? null : await storeTime(asked)) ?? clock.now()
    const watch = open(watchStore({ db, clock, log }), part => part.stop())
    const guard = createAddressGuard(config.callbackAllowCidrs, resolveName)
    const stopping = open(new AbortController(), async part => part.abort(), 'at-once')

    const door =
      config.node &&
      open(
        await listenForPeers(config.node, log),
        async part => {
          // While customers are still being answered here the bots stay, so the other nodes reach them as before.
          const time = AbortSignal.any([hurry.signal, AbortSignal.timeout(ANSWER_WAIT_MS)])
          await sleep(systemClock, ANSWER_WAIT_MS, AbortSignal.any([time, customersGone]))
          await part.close(time)
        },
        'at-once',
      )
    const membership = open(
      await openMembership({ db, clock, random, log, address: door?.address ?? null }),
      part => part.leave(),
    )
    const courier = open(
      openCourier({
        db,
        keyring,
        clock,
        random,
        log,
        guard,
        ca: config.callbackCa,
        meter: metrics,
        owner: () => membership.id,
        breakerTime: sharedTime,
      }),
      part => part.stop(),
      'at-once',
    )
    const retention = open(createRetention({ db, clock, log, keep: config.callbackKeep }), part =>
      part.stop(),
    )
    const moveRetention = open(
      createMoveRetention({ db, clock, log, keepDays: config.botMovesKeepDays }),
      part => part.stop(),
    )
    const backpressure = open(createBackpressure({ db, clock, log, meter: metrics }), part => part.stop())
    const replayer = open(createReplayer({ db, clock, log, wakeCourier: () => courier.wake() }), part =>
      part.stop(),
    )

    const chatroomDeps: ChatroomDeps = {
      db,
      clock,
      log,
      notes: new RoomNotes(),
      isTimeTheClocks: isOwnTime,
      wakeCourier: () => courier.wake(),
    }
    const alerts = open(
      openAlerts({
        ...config.alert,
        clock,
        log,
        meter: metrics,
        connect: connectGuarded(
          createAddressGuard([...config.callbackAllowCidrs, ...config.alert.allowCidrs], resolveName),
          ALERT_DEADLINE_MS,
        ),
        isHosted: ({ bot }) => roster.byId(bot.workspaceId, bot.id) !== undefined,
      }),
      part => part.stop(),
      'at-once',
    )
    const sync = async (bot: HostedBot, reason: SyncReason, signal: AbortSignal): Promise<SyncReport> => {
      const report = await syncBot(chatroomDeps, bot, reason, signal)
      metrics.synced(report)
      await endStartIfOver(bot, report)
      return report
    }
    const endStartIfOver = async (bot: HostedBot, report: SyncReport): Promise<void> => {
      if (!report.isStartOver) return
      if (bot.isStarting) await finishStart(db, bot.tenure)
      endStart(chatroomDeps, bot, report)
    }
    const patience = { db, clock, log, lose: (bot: HostedBot) => runner.lose(bot) }
    const roster = openRoster({
      clock,
      random,
      log,
      meter: metrics,
      callDeadlineMs: config.puppetDeadlineMs,
      puppetCa: config.puppetCa,
      reconcileEveryMs: config.reconcileEveryMs,
      mayAct: () => membership.isIn,
      handlers: {
        async onAccount(bot, account, signal) {
          let isOurs = true
          await untilKept(patience, bot, signal, async () => {
            isOurs = await takeAccount(db, keyring, bot.tenure, account)
          })
          return isOurs
        },
        onLogin: (bot, _account, signal) =>
          untilKept(patience, bot, signal, () => sync(bot, 'started', signal)),
        onResync: (bot, reason, signal) =>
          untilKept(patience, bot, signal, async () => {
            if (reason !== 'look-again')
              return metrics.reconciled(reason, await sync(bot, reconcileOf(reason), signal))
            const report = await lookAgain(chatroomDeps, bot, signal)
            if (report) await endStartIfOver(bot, report)
          }),
        onHint: (bot, hint, signal) =>
          untilKept(patience, bot, signal, () => followHint(chatroomDeps, bot, hint)),
        onDingAnswered: bot =>
          untilKept(patience, bot, stopping.signal, () => saveAnswersDings(db, bot.tenure)),
        onHearing(bot, news) {
          metrics.heardOf(news)
          alerts.onHearing(bot, news)
        },
        onVerification: (bot, news) => alerts.onVerification(bot, news),
        onSession(bot, session, move) {
          alerts.onSession(bot, session)
          return untilKept(patience, bot, stopping.signal, () => saveBotMove(db, bot.tenure, move))
        },
      },
    })
    const runner = open(runBots({ db, keyring, log, roster, membership, onMove: metrics }), part =>
      part.stop(leftForBots()),
    )
    metrics.watch({
      sessions: () => roster.all().map(bot => bot.session.state),
      deaf: () => roster.all().flatMap(bot => deafnessOf(bot.session)?.stage ?? []),
      census: openBotCensus({ db, clock: systemClock, nodeId: () => membership.id }),
      outbox: openOutboxCensus(db, systemClock),
      nodes: () => membership.nodes.length,
      isIn: () => membership.isIn,
      load: () => db.load(),
    })
    const places = openPlaces({ db, keyring, roster, membership })
    const isAlive = (peer: Peer) => membership.nodes.some(({ id }) => id === peer.id)
    const peers =
      config.node &&
      open(openPeers({ secret: config.node.secret, clock, log, isAlive }), part => part.close())

    const witness: ChatroomDeps = { ...chatroomDeps, db: afterTheFact(db, clock) }
    const chatroom: Chatroom = {
      begin: () => chatroomDeps.notes.begin(),
      keepRoom: (bot, read, why) => keepRoom(witness, bot, read, { why }),
      forgetRoom: (bot, roomWxid, begun) => forgetRoom(witness, bot, roomWxid, begun),
    }
    const pace = createAdditionPace({ clock, log, meter: metrics })
    const room: RoomDeps = {
      db,
      roster,
      clock,
      log,
      chatroom,
      addOnce: createAddOnce(),
      pace,
      answers: createAnswerMemory({ db, now: sharedTime }),
      creations: createCreationTurns({ clock }),
    }
    const tokenLimit = db.isShared
      ? createSharedRateLimit({ db, clock, isTimeTheClocks: isOwnTime })
      : tokensHere(createRateLimit(clock))
    const wecom = config.wecom && open(openWecomApi(config.wecom, clock), part => part.close())
    const resolver = wecom ? open(createResolver({ db, clock, log, api: wecom }), part => part.stop()) : null
    const live: LiveParts = {
      roster,
      claimBots: () => runner.round(),
      askOwner: async ({ workspaceId, id }, verb, input) => {
        const place = await places.ofBot(workspaceId, id)
        if (place.at === 'here' || !peers) return null
        const path = `/operator/${verb}`
        const answer = await peers.ask(place.peer, {
          path,
          workspaceId,
          body: input,
          ...('waitSeconds' in input ? { atOnce: { body: { ...input, waitSeconds: 0 } } } : {}),
          requestId: hex24(random),
        })
        if (answer.heard === 'nothing') return 'unheard'
        return answer.heard === 'answer' ? OperatorReply.parse(JSON.parse(answer.bytes.toString())) : null
      },
      askOthers: (workspaceId, verb, input) =>
        peers
          ? askOthers(
              { peers, membership, clock },
              { path: `/operator/${verb}`, workspaceId, body: input, requestId: hex24(random) },
            )
          : Promise.resolve([]),
      nodeId: () => membership.id,
      stopping: stopping.signal,
      syncBot: bot =>
        roster.sync(bot, async (synced, signal) => {
          await refreshAccount(chatroomDeps, synced)
          requireWhole(await sync(synced, 'asked', signal))
        }),
      resolver,
      testAlert: alerts.test,
      additionsOf: botId => pace.count(botId),
      wakeCourier: () => courier.wake(),
    }
    const operator: VerbDeps = {
      db,
      keyring,
      clock,
      random,
      vetName: createNameVetting(guard, clock),
      oweForLeave: (left, at) => oweForLeave(left, isOwnTime ? at : left.storedAt),
      live,
    }
    // Asked by a peer, it does not ask another one.
    door?.open({
      room,
      places,
      waitNoLonger: () => roster.waitNoLonger(),
      operator: { ...operator, live: { ...live, askOwner: async () => null, askOthers: null } },
    })
    await runner.round()
    const gone = new AbortController()
    customersGone = gone.signal
    // Customers come last: who gets an answer at all is told of the bots that there are.
    const server = open(
      await openServer(config, {
        ...room,
        keyring,
        random,
        places,
        peers: peers ?? null,
        lists: { db: db.crowd },
        listTurns: createListTurns({ clock, atOnce: db.isShared ? 4 : 1 }),
        rowCache: createRowCache({
          db: db.crowd,
          bytesMax: config.rowCacheBytesMax,
          chatsPerRead: db.isShared ? 10 : 1,
        }),
        tokenLimit: options.tokenLimit ? tokensHere(options.tokenLimit) : tokenLimit,
        addressLimit: createRateLimit(clock),
        metrics,
        whatIsMissing: async () => [
          ...((await storeServes(db, systemClock)) ? [] : ['store']),
          ...(membership.isIn ? [] : ['membership']),
        ],
        operator,
        waitNoLonger: () => roster.waitNoLonger(),
        openApi: baseUrl => openApi(baseUrl, VERSION),
        managementOpenApi: baseUrl => managementOpenApi(baseUrl, VERSION),
      }),
      part => part.stop(hurry.signal).finally(() => gone.abort()),
      'at-once',
    )

    open(
      await openOperatorDoor({ dataDir: config.dataDir, deps: operator, log }),
      part => part.close(),
      'at-once',
    )

    watch.start()
    courier.start()
    retention.start()
    moveRetention.start()
    backpressure.start()
    replayer.start()
    resolver?.start()
    membership.start({
      onRound: () => runner.round(),
      onLanesFreed() {
        metrics.lanesFreed()
        courier.wake()
      },
      onLostTouch() {
        metrics.stoodAside()
        return runner.standAside()
      },
      onReaped() {
        metrics.wasReaped()
        return runner.loseAll()
      },
    })

    let stopped: Promise<void> | undefined
    return {
      baseUrl: server.baseUrl,
      operator,
      takeLeave: () => server.takeLeave(),
      stop(hurried) {
        if (hurried?.aborted) hurry.abort()
        hurried?.addEventListener('abort', () => hurry.abort(), { once: true })
        stopped ??= stopAll()
        return stopped
      },
    }
  } catch (failure) {
    await stopAll().catch(fault => log.error({ err: fault }, 'what was open could not be closed'))
    throw failure
  }
}

/** What a resync that is owed for this reason is. */
const reconcileOf = (reason: string): SyncReason =>
  reason === 'periodic' || reason === 'returned' ? reason : 'reconciled'
