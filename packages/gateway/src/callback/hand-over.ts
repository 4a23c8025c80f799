import { EXHAUSTED_ATTEMPT } from '../model/callback.ts'
import type { AttemptMade, Held } from '../store/database/hot-rows.ts'
import type { RunAddress } from '../store/outbox/run-address.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import type { Accepted, AcceptedKinds } from './accepted-kinds.ts'
import { callbackHeaders } from './callback-headers.ts'
import type { Became, CallbackMeter, StatusHundreds } from './callback-meter.ts'
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
  readonly decision: Decision
  readonly became: Exclude<Became, 'quarantined'>
  readonly isProbe: boolean
}

/** How it is handed over: whether it finds out if the address is there again, and what its end comes to. */
export interface HowHanded {
  readonly isProbe: boolean
  readonly become: (decision: Decision) => HandedOver['became']
}

/** We could not even try. The customer has nothing to do with it. */
class CannotHandOver extends Error {
  override name = 'CannotHandOver'
}

/**
 * Tries a callback once: signs it, posts it to where its address was seen to be, and says what shall become of it. Rejects
 * when it could not be tried: with SealBroken or CannotHandOver.
 */
export async function handOver(
  address: RunAddress,
  callback: Held & { readonly body: Uint8Array },
  { isProbe, become }: HowHanded,
  deps: HandOverDeps,
): Promise<HandedOver> {
  const { signing, clock, random, log, deliverer, userAgent, meter } = deps
  const { kind, webhookId, body } = callback
  if (address.baseUrl === null) throw new CannotHandOver('the address was taken away')
  if (!isCallbackKind(kind)) throw new CannotHandOver('this version does not know the kind of the callback')

  const url = callbackUrl(address.baseUrl, kind)
  const startedAt = clock.now()
  const { secrets, header } = signing.at(address.secretsSealed, startedAt)
  const outcome = await deliverer.deliver({
    url,
    headers: callbackHeaders(webhookHeaders({ webhookId, at: startedAt, body }, secrets), header, userAgent),
    body,
  })

  const settledAt = clock.now()
  // What waits for its address has used up its retries, and uses up no more.
  const attempt = Math.min(callback.attempt + 1, EXHAUSTED_ATTEMPT)
  const accepted = isNotHere(outcome) ? await acceptedAt(address, kind, isProbe, deps) : undefined
  const decision = decide(outcome, attempt, random, settledAt, accepted)
  const settle = become(decision)
  const facts = {
    ...factsOf(address, callback),
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
    kind,
    outcome.kind === 'answered' ? hundredsOf(outcome.status) : outcome.errorClass,
    outcome.ms,
  )
  meter.settled(kind, settle, address.workspaceId)
  if (settle === 'delivered') log.info(facts, 'a callback was delivered')
  else log.warn(facts, 'a callback was not delivered')
  return { attempt: toAttempt(startedAt, outcome), decision, became: settle, isProbe }
}

// A probe is not for finding out whether anybody is there: a 404 says no more of an address that has accepted nothing.
const acceptedAt = async (
  address: RunAddress,
  kind: string,
  isProbe: boolean,
  { accepted }: HandOverDeps,
): Promise<Accepted> => {
  const known = await accepted.acceptedAt(address, kind)
  return known === 'nothing' && isProbe ? 'other-kinds' : known
}

const hundredsOf = (status: number): StatusHundreds => `${Math.floor(status / 100)}xx` as StatusHundreds

/** What a log line says of a callback: no body, no address. */
export const factsOf = (
  { workspaceId }: Pick<RunAddress, 'workspaceId'>,
  { webhookId, kind }: Pick<Held, 'webhookId' | 'kind'>,
) => ({
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
