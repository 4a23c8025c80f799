/**
 * The whole machine. Parts are opened in order, each leaning only on those before it, and closed in reverse: the doors
 * first, so that nothing new begins; then the bots, which detach; the store last. The doors and the courier, which take
 * time to finish what is under way, all begin with that as soon as the stop begins. The doors wait 8 s for answers, by when
 * a call to a puppet has ended, and within 0.9 s more whoever has none yet is refused in words (`http/see-off.ts`); the
 * bots have 5 s, or what is left; the courier's 6 s run beside. So everything is over within 10 s, and nobody is cut off
 * without an answer. How long the gateway goes on before the stop begins, once it has taken leave, is for its caller to say.
 */
import type { Config } from './config/config.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { openPeers } from './http/ask-peer.ts'
import { listenForPeers } from './http/doors/node-door.ts'
import { openOperatorDoor } from './http/doors/operator-door.ts'
import { createRequestLog } from './http/request-log.ts'
import { ANSWER_WAIT_MS } from './http/see-off.ts'
import { createTries } from './http/tries.ts'
import { readMasterKey, warningOfOpenKey } from './master-key.ts'
import { createMetrics } from './metrics/metrics.ts'
import { sourcesOf } from './metrics/sources.ts'
import { openMembership } from './node/membership.ts'
import { openPlaces, type Peer } from './node/places.ts'
import { pokePeers } from './node/poke-peers.ts'
import { runAddresses } from './node/run-addresses.ts'
import { watchStore } from './node/watch-store.ts'
import { openCallbacks } from './open-callbacks.ts'
import { openHosting } from './open-hosting.ts'
import { createRoomDeps, openToCustomers } from './open-to-customers.ts'
import { openToOperators } from './open-to-operators.ts'
import type { VerbDeps } from './operator/verb.ts'
import { createRowFile } from './room/row-file.ts'
import { StopTime } from './stop-time.ts'
import type { Queryable } from './store/database/database.ts'
import { observed } from './store/database/observed-database.ts'
import { openStore } from './store/database/open-store.ts'
import { storeTime } from './store/database/store-time.ts'
import { requireSameKey } from './store/workspaces/installation.ts'
import { sleep, systemClock } from './system/clock.ts'
import { createCourtesy } from './system/courtesy.ts'
import { silentLog } from './system/log.ts'
import { Parts } from './system/parts.ts'
import { systemRandom } from './system/random.ts'

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

/**
 * Opens the gateway on its data directory. Rejects with StoreLocked when another process has the directory, with
 * StoreTooNew when a newer Qunhub wrote it, and when the port is taken; then nothing stays open.
 */
export async function openGateway(config: Config, options: GatewayOptions = {}): Promise<Gateway> {
  const { clock = systemClock, random = systemRandom, log = silentLog } = options
  // Whoever brings a clock of his own wants all time to be his; otherwise nodes that share a store share its clock.
  const isOwnTime = options.clock !== undefined
  const parts = new Parts()
  const time = new StopTime()
  const stopAll = () => {
    time.begin()
    return parts.close()
  }

  try {
    // What everything stands on: the key, and the store.
    const keyring = await readMasterKey(config)
    const warning = await warningOfOpenKey(config)
    if (warning) log.warn({}, warning)
    const metrics = createMetrics()
    const store = parts.opened(
      // Where the store is PostgreSQL the data directory still holds the operator's door, and that is one gateway's.
      await openStore({ ...config, alone: true, connectionsMax: config.databasePool, log }),
    )
    const db = observed(store.db, metrics.store)
    await requireSameKey(db, keyring)
    /** The same for all nodes of a store, whatever their own clocks say. */
    const sharedTime = async (asked: Queryable): Promise<number> =>
      (isOwnTime ? null : await storeTime(asked)) ?? clock.now()
    const courtesy = createCourtesy()
    const base = { config, db, keyring, clock, random, log, metrics, isOwnTime, sharedTime, courtesy }
    parts.atWork(watchStore(base))
    const leaving = new AbortController()
    parts.closing(async () => leaving.abort(), 'at-once')
    const stopping = leaving.signal

    // This node among its peers.
    let customersGone = AbortSignal.abort()
    const door = config.node && (await listenForPeers(config.node, log))
    if (door)
      parts.closing(async () => {
        // While customers are still being answered here the bots stay, so the other nodes reach them as before.
        const waited = AbortSignal.any([time.hurried, AbortSignal.timeout(ANSWER_WAIT_MS)])
        await sleep(systemClock, ANSWER_WAIT_MS, AbortSignal.any([waited, customersGone]))
        await door.close(waited)
      }, 'at-once')
    const membership = await openMembership({ ...base, address: door?.address ?? null })
    parts.closing(() => membership.leave())

    // Callbacks on their way, and what is kept of them.
    let pokeOthers = () => {}
    const callbacks = openCallbacks(parts, { ...base, membership, pokeOthers: () => pokeOthers() })
    const { guard, courier, wakeCourier } = callbacks
    const addresses = runAddresses({ ...base, membership, courier })

    // The bots, and where those are that other nodes run.
    const leftForBotsMs = () => time.leftForBotsMs
    const hosting = openHosting(parts, {
      ...base,
      membership,
      stopping,
      leftForBotsMs,
      wakeCourier,
      runAddresses: () => addresses.round(),
    })
    const { roster, runner } = hosting
    const places = openPlaces({ ...base, roster, membership })
    const isAlive = (peer: Peer) => membership.nodes.some(({ id }) => id === peer.id)
    const peers = config.node
      ? parts.opened(openPeers({ ...base, secret: config.node.secret, isAlive }))
      : null
    if (peers) pokeOthers = pokePeers({ clock, membership, poke: peers.poke })
    metrics.watch(sourcesOf({ db, roster, membership }))

    // Who asks: other nodes, customers, operators. Customers come last of those who ask for bots, for who gets an answer at
    // all is told of the bots that there are.
    const room = createRoomDeps({ ...base, roster, chatroom: hosting.chatroom })
    const waitNoLonger = () => roster.waitNoLonger()
    const tries = createTries(random)
    const operators = openToOperators(parts, {
      ...{ ...base, tryRequest: tries.run },
      ...{ guard, membership, hosting, places, peers, room, stopping, wakeCourier },
      ...(options.simulatedWorld && { simulatedWorld: options.simulatedWorld }),
    })
    const wakeHere = () => courier.wake()
    door?.open({ room, places, waitNoLonger, wakeCourier: wakeHere, operator: operators.forPeers })
    await runner.round()
    const operator = operators.here
    const { dataDir: directory, rowFileBytesMax } = config
    const rowFile = parts.opened(createRowFile({ ...base, directory, bytesMax: rowFileBytesMax }))
    const server = await openToCustomers({
      ...{ ...base, ...options, clock, random, log },
      ...{ room, membership, places, peers, rowFile, operator, waitNoLonger, tries },
      requestLog: parts.atWork(createRequestLog(base)),
    })
    // Only now are there any to wait for: a port that is taken is told at once.
    const gone = new AbortController()
    customersGone = gone.signal
    parts.closing(() => server.stop(time.hurried).finally(() => gone.abort()), 'at-once')
    const { dataDir, callbackAllowCidrs } = config
    parts.opened(await openOperatorDoor({ dataDir, callbackAllowCidrs, deps: operator, log }), 'at-once')

    parts.start()
    membership.start(hosting.onNode)

    let stopped: Promise<void> | undefined
    return {
      baseUrl: server.baseUrl,
      operator,
      takeLeave: () => server.takeLeave(),
      stop(hurried) {
        time.hurryWith(hurried)
        stopped ??= stopAll()
        return stopped
      },
    }
  } catch (failure) {
    await stopAll().catch(fault => log.error({ err: fault }, 'what was open could not be closed'))
    throw failure
  }
}
