import type { Head, Lane } from '../store/outbox/lane.ts'
import { type AttemptMade, isHeldAgain, type Settlement } from '../store/outbox/settle-attempt.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import type { Accepted, AcceptedKinds } from './accepted-kinds.ts'
import { callbackHeaders } from './callback-headers.ts'
import type { CallbackMeter, StatusHundreds } from './callback-meter.ts'
import { callbackUrl, isCallbackKind } from './callback-url.ts'
import type { Deliverer } from './deliver.ts'
import type { Outcome } from './outcome.ts'
import { type Decision, decide, isNotHere } from './retry-schedule.ts'
import { webhookHeaders } from './sign.ts'
import type { SigningSecrets } from './signing-secrets.ts'

export interface HandOverDeps {
  readonly signing: SigningSecrets
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly deliverer: Deliverer
  readonly userAgent: string
  readonly meter: CallbackMeter
  readonly accepted: AcceptedKinds
}

/** An attempt, and what shall become of the callback. */
export interface HandedOver {
  readonly attempt: AttemptMade
  readonly settlement: Settlement
}

/** We could not even try. The customer has nothing to do with it. */
export class CannotHandOver extends Error {
  override name = 'CannotHandOver'
}

/**
 * Tries a callback once: signs it, posts it to where its lane was seen to go, and says what shall become of it. Rejects
 * when it could not be tried: with SealBroken or CannotHandOver.
 */
export async function handOver(lane: Lane, head: Head, deps: HandOverDeps): Promise<HandedOver> {
  const { signing, clock, random, log, deliverer, userAgent, meter } = deps
  if (head.baseUrl === null) throw new CannotHandOver('the address was taken away')
  if (!isCallbackKind(head.kind))
    throw new CannotHandOver('this version does not know the kind of the callback')

  const url = callbackUrl(head.baseUrl, head.kind)
  const startedAt = clock.now()
  const { secrets, header } = signing.at(head.secretsSealed, startedAt)
  const outcome = await deliverer.deliver({
    url,
    headers: callbackHeaders(
      webhookHeaders({ webhookId: head.webhookId, at: startedAt, body: head.body }, secrets),
      header,
      userAgent,
    ),
    body: head.body,
  })

  const settledAt = clock.now()
  const attempt = head.attempt + 1
  const accepted = isNotHere(outcome) ? await acceptedAt(lane, head, deps) : undefined
  const settlement = toSettlement(decide(outcome, attempt, random, settledAt, accepted), settledAt)
  const settle = isHeldAgain(lane, settlement) ? 'held' : settlement.settle
  const facts = {
    ...factsOf(lane, head),
    attempt,
    outcome: outcome.kind,
    ...(outcome.kind === 'answered'
      ? { status: outcome.status }
      : { errorClass: outcome.errorClass, reason: outcome.reason }),
    settle,
    ms: outcome.ms,
    // The origin alone: a path or a query may hold secrets of the customer (G-9).
    origin: url.origin,
  }
  meter.attempted(
    head.kind,
    outcome.kind === 'answered' ? hundredsOf(outcome.status) : outcome.errorClass,
    outcome.ms,
  )
  meter.settled(head.kind, settle, lane.workspaceId)
  if (settle === 'delivered') log.info(facts, 'a callback was delivered')
  else log.warn(facts, 'a callback was not delivered')
  return { attempt: toAttempt(startedAt, outcome), settlement }
}

// A probe is not for finding out whether anybody is there: a 404 says no more of an address that has accepted nothing.
const acceptedAt = async (lane: Lane, head: Head, { accepted }: HandOverDeps): Promise<Accepted> => {
  const known = await accepted.acceptedAt(lane, head)
  return known === 'nothing' && lane.breaker === 'probe' ? 'other-kinds' : known
}

const hundredsOf = (status: number): StatusHundreds => `${Math.floor(status / 100)}xx` as StatusHundreds

function toSettlement(decision: Decision, at: number): Settlement {
  switch (decision.settle) {
    case 'delivered':
      return { settle: 'delivered', at }
    case 'retry':
      return decision
    case 'parked':
      return { settle: 'parked', at, exhausted: decision.reason === 'exhausted' }
    default:
      return decision satisfies never
  }
}

/** What a log line says of a callback: no body, no address. */
export const factsOf = ({ workspaceId }: Lane, { webhookId, kind }: Head) => ({
  workspaceId,
  webhookId,
  kind,
})

const toAttempt = (startedAt: number, outcome: Outcome): AttemptMade => {
  const { ms } = outcome
  switch (outcome.kind) {
    case 'answered':
      return {
        startedAt,
        ms,
        outcome: 'answered',
        status: outcome.status,
        errorClass: null,
        snippet: outcome.snippet,
        reason: null,
      }
    case 'failed':
      return {
        startedAt,
        ms,
        outcome: 'failed',
        status: null,
        errorClass: outcome.errorClass,
        snippet: null,
        reason: outcome.reason ?? null,
      }
    default:
      return outcome satisfies never
  }
}
