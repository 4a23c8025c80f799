import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { Agent, type buildConnector } from 'undici'
import type { AddressGuard } from '../model/address-guard.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { mendAnswerHeads } from './answer-heads.ts'
import { connectGuarded } from './connect-guarded.ts'
import { CannotConnect, failureOf } from './error-class.ts'
import { type Exchange, exchange, type Post } from './exchange.ts'
import type { Outcome } from './outcome.ts'
import { readRetryAfter } from './retry-schedule.ts'
import { IN_FLIGHT_MAX } from './share-slots.ts'

export interface Deliverer {
  /** Posts a callback and says what came of it; it never rejects. */
  deliver(post: Post): Promise<Outcome>
  /** Cuts off what is in flight. */
  close(): Promise<void>
}

/** For connecting, sending and the whole answer together (CB-6). */
export const CALLBACK_DEADLINE_MS = 5 * SECOND_MS
const KEEP_ALIVE_MS = 10 * SECOND_MS

/**
 * The courier's HTTP client. It follows no redirects, uses no proxy from the environment, and connects to nobody whom the
 * guard does not allow (CB-11).
 *
 * The deadline is one timer over everything, because the client's own timers count idle time: an answer that drips,
 * or endless 1xx answers, would content them for ever.
 */
export function openDeliverer({
  clock,
  guard,
  ca,
  connected,
}: {
  clock: Clock
  guard: AddressGuard
  /** Vouches for receivers besides whom this machine trusts (PEM). */
  ca?: string | undefined
  /** Hears of every connection that is made. */
  connected?: () => void
}): Deliverer {
  const diedInReuse = new WeakSet<Error>()
  // Read with the first callback, and not at all where there is none (P10).
  let opened: Agent | undefined
  let isClosed = false
  const client = (): Agent => {
    opened ??= new Agent({
      connect: connectorThatMarks(diedInReuse, connectGuarded(guard, CALLBACK_DEADLINE_MS, ca), connected),
      // Never fewer than can be in flight: many workspaces may share an origin, and the callbacks of a slow one must not
      // queue in front of another's (CB-10). The courier's caps are what keeps sockets few.
      connections: IN_FLIGHT_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      allowH2: false,
    })
    if (isClosed) void opened.destroy()
    return opened
  }

  const deliver = async (post: Post): Promise<Outcome> => {
    const startedAt = clock.now()
    const deadline = new AbortController()
    const callOff = clock.after(CALLBACK_DEADLINE_MS, () => deadline.abort())
    let ended = await exchange(client(), post, deadline.signal)
    // A receiver may close a kept-alive socket at the very moment we use it. That says nothing about the receiver, so
    // the callback gets another socket at once and pays for it with no retry.
    if (ended.kind === 'broken' && !ended.begun && diedInReuse.has(ended.error))
      ended = await exchange(client(), post, deadline.signal)
    callOff()
    const now = clock.now()
    // The client lends a connection again one tick of the event loop after its answer; whoever asks sooner gets another
    // one, and an address would have twice as many sockets as callbacks in flight.
    await yieldToLoop()
    return toOutcome(ended, now, Math.max(0, now - startedAt))
  }

  return {
    deliver,
    async close() {
      isClosed = true
      await opened?.destroy()
    },
  }
}

/** Errors of sockets that had already served a request are added to `diedInReuse`. */
const connectorThatMarks =
  (
    diedInReuse: WeakSet<Error>,
    connect: buildConnector.connector,
    connected?: () => void,
  ): buildConnector.connector =>
  (options, callback) =>
    connect(options, (error, socket) => {
      if (!socket) return callback(new CannotConnect(`${options.protocol}//${options.host}`, error!), null)
      connected?.()
      mendAnswerHeads(socket)
      socket.once('error', death => {
        if (socket.bytesRead > 0) diedInReuse.add(death)
      })
      callback(null, socket)
    })

const toOutcome = (ended: Exchange, now: number, ms: number): Outcome => {
  switch (ended.kind) {
    case 'answered': {
      const retryAfterMs = readRetryAfter(ended.retryAfter, now)
      const { status, snippet } = ended
      return {
        kind: 'answered',
        status,
        snippet,
        ms,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }
    }
    case 'broken': {
      const { errorClass, reason } = failureOf(ended.error)
      return { kind: 'failed', errorClass, ms, ...(reason === null ? {} : { reason }) }
    }
    case 'expired':
      return { kind: 'failed', errorClass: 'timeout', ms }
    default:
      return ended satisfies never
  }
}
