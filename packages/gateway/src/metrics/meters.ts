/** What is counted as it happens, by whose meter it is. */
import type { AlertMeter } from '../alert/alert-meter.ts'
import type { CallbackMeter } from '../callback/callback-meter.ts'
import type { BotMeter } from '../puppet/bot-meter.ts'
import type { HearingNews } from '../puppet/roster.ts'
import type { AdditionMeter } from '../room/addition-pace.ts'
import type { StoreObserver } from '../store/database/observed-database.ts'
import { type Instruments, STAGES } from './instruments.ts'

/** The code in an answer's body; `none` where it has none, as a 429 and the probes. */
export type WireCode = number | 'none'

export interface RequestMeter {
  answered(endpoint: string, status: number, code: WireCode, ms: number): void
  /** The caller left, or the answer broke off. */
  cutOff(endpoint: string, ms: number): void
  askedPeer(heard: string): void
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
  /** `reason`: why it was queued; one of a few words. */
  reconciled(reason: string, found: Differences): void
}

export function meterRequests({ counter, histogram }: Instruments): RequestMeter {
  const requests = counter(
    'qunhub_requests_total',
    'Answered requests, by route, HTTP status and the code in the answer',
    ['endpoint', 'status', 'code'],
  )
  const cutOff = counter(
    'qunhub_cut_off_total',
    'Requests that have no whole answer: the caller left, or the answer broke off',
    ['endpoint'],
  )
  const latency = histogram(
    'qunhub_request_seconds',
    'From the head of a request to the end of its answer, or to where it was cut off, by route',
    ['endpoint'],
  )
  const peers = counter('qunhub_forwarded_total', 'Requests handed to the node of a bot, by what was heard', [
    'heard',
  ])
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

export function meterNode({ counter }: Instruments): NodeMeter {
  const claims = counter(
    'qunhub_claims_total',
    'Bots that this node began to run: started, or taken over from another node',
    ['as'],
  )
  const givenBack = counter(
    'qunhub_given_back_total',
    'Bots that this node gave to others because it had more than its share',
  )
  const stoodAside = counter(
    'qunhub_stood_aside_total',
    'Times that this node left its puppets because it had lost touch with the others',
  )
  const reaped = counter('qunhub_reaped_total', 'Times that the others took this node for dead')
  const freed = counter('qunhub_lanes_freed_total', 'Times that this node freed the callbacks of a dead node')
  return {
    claimed: starting => claims.inc({ as: starting ? 'start' : 'hand-over' }),
    gaveBack: () => givenBack.inc(),
    stoodAside: () => stoodAside.inc(),
    wasReaped: () => reaped.inc(),
    lanesFreed: () => freed.inc(),
  }
}

export function meterReconciles({ counter }: Instruments): ReconcileMeter {
  const reconciles = counter(
    'qunhub_reconciles_total',
    'Comparisons of a bot with its puppet, by what made them: a lost stream, an event that failed, time',
    ['reason'],
  )
  const differences = counter(
    'qunhub_unseen_changes_total',
    'What reconciles found changed unseen: rooms entered, changed and left, and contacts',
    ['what'],
  )
  const unread = counter(
    'qunhub_rooms_unread_total',
    'Rooms that a sync left as they were known: not shown whole by the puppet, or with more in them than is read',
    ['why'],
  )
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

export function meterCallbacks({ counter, histogram }: Instruments): CallbackMeter {
  const attempts = counter(
    'qunhub_callback_attempts_total',
    'Attempts to deliver callbacks, by kind and outcome: the hundreds of the status, or why there was none',
    ['kind', 'outcome'],
  )
  const latency = histogram(
    'qunhub_callback_attempt_seconds',
    'How long attempts took, from the name of the host to the end of the answer',
  )
  const settled = counter(
    'qunhub_callbacks_settled_total',
    'What became of callbacks after an attempt: delivered, retry, parked, held, quarantined',
    ['kind', 'settle'],
  )
  const moves = counter(
    'qunhub_breaker_moves_total',
    'Breakers of addresses that this node saw open or close',
    ['move'],
  )
  const thinnedOut = counter(
    'qunhub_callbacks_thinned_out_total',
    'loaded of crowded addresses that were forgotten because a newer one had overtaken them',
  )
  return {
    attempted(kind, outcome, ms) {
      attempts.inc({ kind, outcome })
      latency.observe(ms / 1000)
    },
    settled: (kind, settle) => settled.inc({ kind, settle }),
    breakerChanged: move => moves.inc({ move }),
    thinnedOut: callbacks => thinnedOut.inc(callbacks),
  }
}

export function meterBots({ counter }: Instruments): BotMeter {
  const moves = counter(
    'qunhub_bot_moves_total',
    'Moves of bots that this node runs, by the state that each left and the one it came to',
    ['from', 'to'],
  )
  return { moved: (from, to) => moves.inc({ from, to }) }
}

export function meterAdditions({ counter }: Instruments): AdditionMeter {
  const additions = counter(
    'qunhub_additions_total',
    'Members added, within or beyond the 50 a minute and bot that the page advises (AM-23)',
    ['pace'],
  )
  for (const pace of ['within', 'beyond']) additions.inc({ pace }, 0)
  return { added: pace => additions.inc({ pace }) }
}

export function meterHearing({ counter }: Instruments): HearingMeter {
  const found = counter(
    'qunhub_bots_found_deaf_total',
    'Times that a bot was connected and no events came any more',
  )
  const healed = counter(
    'qunhub_deaf_bots_healed_total',
    'Times that such a bot heard again, by the stage of recovery that it took',
    ['stage'],
  )
  for (const stage of STAGES) healed.inc({ stage }, 0)
  return {
    heardOf({ kind, deaf: { stage } }) {
      if (kind === 'deaf') found.inc()
      if (kind === 'hears-again') healed.inc({ stage })
    },
  }
}

export function meterAlerts({ counter }: Instruments): AlertMeter {
  const raised = counter(
    'qunhub_alerts_total',
    'Times that a bot needed an operator, by cause, whether or not there is an alert address',
    ['cause'],
  )
  const messages = counter(
    'qunhub_alert_messages_total',
    'Messages to the alert address: sent, or failed after the last try; and alerts dropped because too many waited',
    ['result'],
  )
  return {
    alertRaised: cause => raised.inc({ cause }),
    alertMessage: result => messages.inc({ result }),
  }
}

export function meterStore({ counter, histogram }: Instruments): StoreObserver {
  const took = histogram(
    'qunhub_store_seconds',
    'Reads, and whole writes with their wait and their commit, whether they went well or failed',
    ['operation'],
  )
  const failures = counter(
    'qunhub_store_failures_total',
    'Reads and writes that failed, by the name of the error',
    ['operation', 'error'],
  )
  return {
    done(operation, ms, failure) {
      took.observe({ operation }, ms / 1000)
      if (failure !== null) failures.inc({ operation, error: failure })
    },
  }
}
