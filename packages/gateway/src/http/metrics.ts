/**
 * What Prometheus reads. Labels are endpoints, states, codes and the like: bounded, and never an id, a token or a text of
 * somebody's, but for the callback addresses that are late, which are ours to name (0055). Each gateway has a registry of its
 * own; what is true of the whole process stands beside it.
 */
import { BotState } from '@qunhub/wire'
import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { AlertMeter } from '../alert/alert-meter.ts'
import type { BotMeter } from '../bot/bot-meter.ts'
import type { HearingNews } from '../bot/roster.ts'
import type { CallbackMeter } from '../callback/callback-meter.ts'
import type { BotSession, RecoveryStage } from '../model/bot.ts'
import type { AdditionMeter } from '../room/addition-pace.ts'
import type { StoreLoad } from '../store/database.ts'
import type { OutboxMeasure } from '../store/measure-outbox.ts'
import type { StoreObserver } from '../store/observed-database.ts'
import type { PeerAnswer } from './ask-peer.ts'
import type { BotCensus } from './bot-census.ts'
import { processMetrics } from './process-metrics.ts'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What the gauges show at the moment of reading. */
export interface MetricSources {
  readonly sessions: () => readonly BotSession['state'][]
  /** The stages of recovery of the bots that are deaf. */
  readonly deaf: () => readonly RecoveryStage[]
  /** Null while the store does not say. */
  readonly census: () => Promise<BotCensus | null>
  /** Likewise. */
  readonly outbox: () => Promise<OutboxShown | null>
  readonly nodes: () => number
  readonly isIn: () => boolean
  readonly load: () => StoreLoad
}

/** What waits for all addresses together, and who is late; ages in milliseconds. */
export interface OutboxShown extends Omit<OutboxMeasure, 'oldestOwedAt' | 'oldestOfAddresses'> {
  readonly oldestMs: number
  readonly late: readonly {
    readonly workspaceId: string
    readonly addressId: string
    readonly oldestMs: number
  }[]
}

/** The code in an answer's body; `none` where it has none, as a 429 and the probes. */
export type WireCode = number | 'none'

export interface RequestMeter {
  answered(endpoint: string, status: number, code: WireCode, ms: number): void
  /** The caller left, or the answer broke off. */
  cutOff(endpoint: string, ms: number): void
  askedPeer(heard: PeerAnswer['heard']): void
}

export interface NodeMeter {
  claimed(starting: boolean): void
  gaveBack(): void
  /** This node left its puppets, because others may be about to take it for dead. */
  stoodAside(): void
  /** Others took this node for dead. */
  wasReaped(): void
  /** What a dead node was delivering is free for the others. */
  lanesFreed(): void
}

export interface HearingMeter {
  heardOf(news: HearingNews): void
}

/** What a reconcile found different from what was known, without anybody having told (CB-2, CB-3). */
export interface Differences {
  readonly entered: number
  readonly changed: number
  readonly left: number
  readonly contacts: number
}

/** Rooms that a sync left as they were known. */
export interface UnreadRooms {
  readonly unreadable: number
  readonly excessive: number
}

export interface ReconcileMeter {
  synced(rooms: UnreadRooms): void
  /** `reason`: why it was owed; one of a few words. */
  reconciled(reason: string, found: Differences): void
}

export interface Metrics
  extends RequestMeter,
    NodeMeter,
    CallbackMeter,
    BotMeter,
    HearingMeter,
    AlertMeter,
    ReconcileMeter,
    AdditionMeter {
  readonly store: StoreObserver
  /** Shows these from now on. */
  watch(sources: MetricSources): void
  text(): Promise<{ contentType: string; body: string }>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  return {
    ...meterRequests(registers),
    ...meterNode(registers),
    ...meterReconciles(registers),
    ...meterCallbacks(registers),
    ...meterBots(registers),
    ...meterAdditions(registers),
    ...meterHearing(registers),
    ...meterAlerts(registers),
    store: meterStore(registers),
    watch: sources => showSources(registers, sources),
    async text() {
      const texts = await Promise.all([registry.metrics(), processMetrics().metrics()])
      return { contentType: registry.contentType, body: texts.join('\n') }
    },
  }
}

/** `/metrics`, without a token: a proxy in front does not pass it on. Until the end, so that a stop can be watched. */
export function metricsRoute(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', { config: { whileStopping: true } }, async (_request, reply) => {
    const { contentType, body } = await metrics.text()
    return reply.type(contentType).send(body)
  })
}

function meterRequests(registers: Registry[]): RequestMeter {
  const requests = new Counter({
    name: 'qunhub_requests_total',
    help: 'Answered requests, by route, HTTP status and the code in the answer',
    labelNames: ['endpoint', 'status', 'code'],
    registers,
  })
  const cutOff = new Counter({
    name: 'qunhub_cut_off_total',
    help: 'Requests that have no whole answer: the caller left, or the answer broke off',
    labelNames: ['endpoint'],
    registers,
  })
  const latency = new Histogram({
    name: 'qunhub_request_seconds',
    help: 'From the head of a request to the end of its answer, or to where it was cut off, by route',
    labelNames: ['endpoint'],
    buckets: SECONDS,
    registers,
  })
  const peers = new Counter({
    name: 'qunhub_forwarded_total',
    help: 'Requests handed to the node of a bot, by what was heard',
    labelNames: ['heard'],
    registers,
  })
  return {
    answered(endpoint, status, code, ms) {
      requests.inc({ endpoint, status, code })
      latency.observe({ endpoint }, ms / 1000)
    },
    cutOff(endpoint, ms) {
      cutOff.inc({ endpoint })
      latency.observe({ endpoint }, ms / 1000)
    },
    askedPeer: heard => peers.inc({ heard }),
  }
}

function meterNode(registers: Registry[]): NodeMeter {
  const claims = new Counter({
    name: 'qunhub_claims_total',
    help: 'Bots that this node began to run: started, or taken over from another node',
    labelNames: ['as'],
    registers,
  })
  const givenBack = new Counter({
    name: 'qunhub_given_back_total',
    help: 'Bots that this node gave to others because it had more than its share',
    registers,
  })
  const stoodAside = new Counter({
    name: 'qunhub_stood_aside_total',
    help: 'Times that this node left its puppets because it had lost touch with the others',
    registers,
  })
  const reaped = new Counter({
    name: 'qunhub_reaped_total',
    help: 'Times that the others took this node for dead',
    registers,
  })
  const freed = new Counter({
    name: 'qunhub_lanes_freed_total',
    help: 'Times that this node freed the callbacks of a dead node',
    registers,
  })
  return {
    claimed: starting => claims.inc({ as: starting ? 'start' : 'hand-over' }),
    gaveBack: () => givenBack.inc(),
    stoodAside: () => stoodAside.inc(),
    wasReaped: () => reaped.inc(),
    lanesFreed: () => freed.inc(),
  }
}

function meterReconciles(registers: Registry[]): ReconcileMeter {
  const reconciles = new Counter({
    name: 'qunhub_reconciles_total',
    help: 'Comparisons of a bot with its puppet, by what made them: a lost stream, an event that failed, time',
    labelNames: ['reason'],
    registers,
  })
  const differences = new Counter({
    name: 'qunhub_unseen_changes_total',
    help: 'What reconciles found changed unseen: rooms entered, changed and left, and contacts',
    labelNames: ['what'],
    registers,
  })
  const unread = new Counter({
    name: 'qunhub_rooms_unread_total',
    help: 'Rooms that a sync left as they were known: not shown whole by the puppet, or with more in them than is read',
    labelNames: ['why'],
    registers,
  })
  return {
    synced(rooms) {
      for (const why of ['unreadable', 'excessive'] as const)
        if (rooms[why] > 0) unread.inc({ why }, rooms[why])
    },
    reconciled(reason, { entered, changed, left, contacts }) {
      reconciles.inc({ reason })
      const found = { 'room-entered': entered, 'room-changed': changed, 'room-left': left, contact: contacts }
      for (const [what, count] of Object.entries(found)) if (count > 0) differences.inc({ what }, count)
    },
  }
}

function meterCallbacks(registers: Registry[]): CallbackMeter {
  const attempts = new Counter({
    name: 'qunhub_callback_attempts_total',
    help: 'Attempts to deliver callbacks, by kind and outcome: the hundreds of the status, or why there was none',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const latency = new Histogram({
    name: 'qunhub_callback_attempt_seconds',
    help: 'How long attempts took, from the name of the host to the end of the answer',
    buckets: SECONDS,
    registers,
  })
  const settled = new Counter({
    name: 'qunhub_callbacks_settled_total',
    help: 'What became of callbacks after an attempt: delivered, retry, parked, held, quarantined',
    labelNames: ['kind', 'settle'],
    registers,
  })
  const moves = new Counter({
    name: 'qunhub_breaker_moves_total',
    help: 'Breakers of addresses that this node saw open or close',
    labelNames: ['move'],
    registers,
  })
  const thinnedOut = new Counter({
    name: 'qunhub_callbacks_thinned_out_total',
    help: 'loaded of crowded addresses that were forgotten because a newer one had overtaken them',
    registers,
  })
  return {
    attempted(kind, outcome, ms) {
      attempts.inc({ kind, outcome })
      latency.observe(ms / 1000)
    },
    settled: (kind, settle) => settled.inc({ kind, settle }),
    breakerMoved: move => moves.inc({ move }),
    thinnedOut: callbacks => thinnedOut.inc(callbacks),
  }
}

function meterBots(registers: Registry[]): BotMeter {
  const moves = new Counter({
    name: 'qunhub_bot_moves_total',
    help: 'Moves of bots that this node runs, by the state that each left and the one it came to',
    labelNames: ['from', 'to'],
    registers,
  })
  return { moved: (from, to) => moves.inc({ from, to }) }
}

function meterAdditions(registers: Registry[]): AdditionMeter {
  const additions = new Counter({
    name: 'qunhub_additions_total',
    help: 'Members added, within or beyond the 50 a minute and bot that the page advises (AM-23)',
    labelNames: ['pace'],
    registers,
  })
  for (const pace of ['within', 'beyond']) additions.inc({ pace }, 0)
  return { added: pace => additions.inc({ pace }) }
}

function meterHearing(registers: Registry[]): HearingMeter {
  const found = new Counter({
    name: 'qunhub_bots_found_deaf_total',
    help: 'Times that a bot was connected and no events came any more',
    registers,
  })
  const healed = new Counter({
    name: 'qunhub_deaf_bots_healed_total',
    help: 'Times that such a bot heard again, by the stage of recovery that it took',
    labelNames: ['stage'],
    registers,
  })
  for (const stage of STAGES) healed.inc({ stage }, 0)
  return {
    heardOf({ kind, deaf: { stage } }) {
      if (kind === 'deaf') found.inc()
      if (kind === 'hears-again') healed.inc({ stage })
    },
  }
}

function meterAlerts(registers: Registry[]): AlertMeter {
  const raised = new Counter({
    name: 'qunhub_alerts_total',
    help: 'Times that a bot needed an operator, by cause, whether or not there is an alert address',
    labelNames: ['cause'],
    registers,
  })
  const messages = new Counter({
    name: 'qunhub_alert_messages_total',
    help: 'Messages to the alert address: sent, or failed after the last try; and alerts dropped because too many waited',
    labelNames: ['result'],
    registers,
  })
  return {
    alertRaised: cause => raised.inc({ cause }),
    alertMessage: result => messages.inc({ result }),
  }
}

function meterStore(registers: Registry[]): StoreObserver {
  const took = new Histogram({
    name: 'qunhub_store_seconds',
    help: 'Reads, and whole writes with their wait and their commit, whether they went well or failed',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers,
  })
  const failures = new Counter({
    name: 'qunhub_store_failures_total',
    help: 'Reads and writes that failed, by the name of the error',
    labelNames: ['operation', 'error'],
    registers,
  })
  return {
    done(operation, ms, failure) {
      took.observe({ operation }, ms / 1000)
      if (failure !== null) failures.inc({ operation, error: failure })
    },
  }
}

const STAGES = ['new-stream', 'start-again', 'operator'] as const satisfies readonly RecoveryStage[]

function showSources(
  registers: Registry[],
  { sessions, deaf, census, outbox, nodes, isIn, load }: MetricSources,
): void {
  const whatWaits = {
    qunhub_callbacks_held: {
      help: 'Callbacks that wait for their turn, a retry or a receiver; 20,001 of an address at most',
      read: ({ held }: OutboxShown) => held,
    },
    qunhub_callbacks_held_bytes: {
      help: 'Bytes of their bodies, estimated by the oldest of each address',
      read: ({ heldBytes }: OutboxShown) => heldBytes,
    },
    qunhub_callbacks_oldest_seconds: {
      help: 'How long the oldest of them has waited; 0 when nothing waits',
      read: ({ oldestMs }: OutboxShown) => oldestMs / 1000,
    },
  }
  for (const [name, { help, read }] of Object.entries(whatWaits)) {
    new Gauge({
      name,
      help: `${help}. Not shown while the store is away`,
      registers,
      async collect() {
        const shown = await outbox()
        // Without labels a reset would show 0, which says that nothing waits.
        if (shown) this.set(read(shown))
        else this.remove()
      },
    })
  }
  new Gauge({
    name: 'qunhub_callbacks_oldest_of_address_seconds',
    help: 'How long the oldest callback of an address has waited, of the 20 addresses where it is longest, from 10 s on. Not shown while the store is away',
    labelNames: ['workspace', 'address'],
    registers,
    async collect() {
      this.reset()
      for (const { workspaceId, addressId, oldestMs } of (await outbox())?.late ?? [])
        this.set({ workspace: workspaceId, address: addressId }, oldestMs / 1000)
    },
  })
  new Gauge({
    name: 'qunhub_callback_addresses',
    help: 'Callback addresses by the state of their breaker. Not shown while the store is away',
    labelNames: ['breaker'],
    registers,
    async collect() {
      this.reset()
      for (const [breaker, addresses] of Object.entries((await outbox())?.addresses ?? {}))
        this.set({ breaker }, addresses)
    },
  })
  new Gauge({
    name: 'qunhub_bots',
    help: 'Bots that this node runs, by state',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of BotState.options) this.set({ state }, 0)
      for (const state of sessions()) this.inc({ state })
    },
  })
  new Gauge({
    name: 'qunhub_bots_deaf',
    help: 'Bots that this node runs, that are connected and hear nothing, by the stage of their recovery',
    labelNames: ['stage'],
    registers,
    collect() {
      for (const stage of STAGES) this.set({ stage }, 0)
      for (const stage of deaf()) this.inc({ stage })
    },
  })
  new Gauge({
    name: 'qunhub_claimed_bots',
    help: 'Bots in the store, by who has claimed them: this node, other nodes, nobody. Not shown while the store is away',
    labelNames: ['by'],
    registers,
    async collect() {
      this.reset()
      for (const [by, bots] of Object.entries((await census()) ?? {})) this.set({ by }, bots)
    },
  })
  new Gauge({
    name: 'qunhub_nodes',
    help: 'Nodes that this one knows to be alive, itself included',
    registers,
    collect() {
      this.set(nodes())
    },
  })
  new Gauge({
    name: 'qunhub_lease_valid',
    help: '1 while this node may act for its bots, 0 while others may be taking them over',
    registers,
    collect() {
      this.set(isIn() ? 1 : 0)
    },
  })
  new Gauge({
    name: 'qunhub_store_connections',
    help: 'Connections to the store (open, and of those idle), and the reads and writes that wait for one',
    labelNames: ['state'],
    registers,
    collect() {
      const { connections, idle, waiting } = load()
      this.set({ state: 'open' }, connections)
      this.set({ state: 'idle' }, idle)
      this.set({ state: 'waiting' }, waiting)
    },
  })
}
