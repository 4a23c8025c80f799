/**
 * How a node asks the one that runs a bot. A request is sent once: when no answer comes, nobody can say whether it was
 * carried out, so it is never repeated. An answer is awaited while the peer is among the living, and for no longer than
 * ANSWER_WAIT_MAX_MS; a peer that dies, or freezes, is known within seconds.
 */
import { Agent, errors } from 'undici'
import { readUpTo } from '../model/read-up-to.ts'
import { BEAT_MS } from '../node/peers.ts'
import type { Peer } from '../node/places.ts'
import { type Clock, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const ANSWER_WAIT_MAX_MS = MINUTE_MS
const CONNECT_WAIT_MAX_MS = 1500
/**
 * Of one workspace, so that a puppet that hangs keeps nobody waiting but its own customers: with 500 requests in 30 s and
 * 8 s for a call, no more than some 140 are under way.
 */
const ASKED_AT_ONCE_MAX = 256
/** Of one workspace: asks that wait on purpose, until something happens. */
const WAITING_MAX = 16
/** Each ask that is under way has a connection; several workspaces may be at their most. */
const CONNECTIONS_PER_PEER_MAX = 2048
/** Of an answer about one bot, unless the ask says otherwise. */
const ANSWER_BYTES_MAX = 1024 * 1024

/** What is asked of a peer. */
export interface PeerAsk {
  /** Of the endpoint, or `/operator/` and the verb. */
  readonly path: string
  readonly workspaceId: string
  readonly body: object
  readonly idempotencyKey?: string | undefined
  /** As in the header `Prefer`. */
  readonly prefer?: string | undefined
  /** Where the answer may wait on purpose: what makes of it the same ask, answered at once. */
  readonly atOnce?: Partial<Pick<PeerAsk, 'body' | 'prefer'>> | undefined
  /** Where the answer is about many bots; see {@link ANSWER_BYTES_MAX}. */
  readonly answerBytesMax?: number
  /** How long ago the request came in here: clocks of nodes are not compared. */
  readonly ageMs?: number
  /** The request's id, so that the logs of both nodes can be read together. */
  readonly requestId: string
}

export type PeerAnswer =
  | {
      readonly heard: 'answer'
      readonly status: number
      readonly bytes: Buffer
      readonly applied?: string | undefined
    }
  /** It does not run the bot (any more), and did nothing. */
  | { readonly heard: 'not-here' }
  /** It was not asked, because too many asks of this workspace are under way there. */
  | { readonly heard: 'too-many' }
  /** It may have done it, or not. */
  | { readonly heard: 'nothing' }

export interface Peers {
  ask(peer: Peer, ask: PeerAsk): Promise<PeerAnswer>
  /** Something may be owed to an address that it runs (NODE-24). Nobody waits for it. */
  poke(peer: Peer): void
  close(): Promise<void>
}

export interface PeersDeps {
  readonly secret: string
  readonly clock: Clock
  readonly log: Log
  readonly isAlive: (peer: Peer) => boolean
}

export const NOT_HERE_STATUS = 421
export const POKE_PATH = '/courier/poke'
const POKE_WAIT_MAX_MS = 2 * SECOND_MS

export function openPeers({ secret, clock, log, isAlive }: PeersDeps): Peers {
  const client = new Agent({
    connections: CONNECTIONS_PER_PEER_MAX,
    connect: { timeout: CONNECT_WAIT_MAX_MS },
    pipelining: 1,
    allowH2: false,
  })

  const underWay = new Tally()
  const waiting = new Tally()

  return {
    async ask(peer, ask) {
      const from = `${peer.id} ${ask.workspaceId}`
      if (underWay.of(from) >= ASKED_AT_ONCE_MAX) return { heard: 'too-many' }
      const mayWait = ask.atOnce !== undefined && waiting.of(from) < WAITING_MAX
      return underWay.during(from, () =>
        mayWait ? waiting.during(from, () => send(peer, ask)) : send(peer, { ...ask, ...ask.atOnce }),
      )
    },
    poke(peer) {
      client
        .request({
          origin: `http://${peer.address}`,
          path: POKE_PATH,
          method: 'POST',
          headers: { authorization: `Bearer ${secret}` },
          headersTimeout: POKE_WAIT_MAX_MS,
        })
        .then(answer => answer.body.dump())
        .catch(failure => log.debug({ peer: peer.id, failure: nameOf(failure) }, 'a peer could not be poked'))
    },
    close: () => client.destroy(),
  }

  async function send(
    peer: Peer,
    {
      path,
      workspaceId,
      body,
      idempotencyKey,
      prefer,
      requestId,
      ageMs = 0,
      answerBytesMax = ANSWER_BYTES_MAX,
    }: PeerAsk,
  ): Promise<PeerAnswer> {
    const gone = new AbortController()
    const callOff = whenGone(peer, gone)
    try {
      const answer = await client.request({
        origin: `http://${peer.address}`,
        path,
        method: 'POST',
        signal: gone.signal,
        headers: {
          authorization: `Bearer ${secret}`,
          'content-type': 'application/json',
          'x-qunhub-workspace': workspaceId,
          'x-request-id': requestId,
          'x-qunhub-age-ms': ageMs.toFixed(3),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          ...(prefer === undefined ? {} : { prefer }),
        },
        body: JSON.stringify(body),
      })
      if (answer.statusCode === NOT_HERE_STATUS) {
        await answer.body.dump()
        return { heard: 'not-here' }
      }
      // An answer without a body is the door's own: it knows neither the secret nor the shape of what it was asked.
      if (answer.statusCode >= 500 || answer.statusCode === 401 || answer.headers['content-length'] === '0') {
        await answer.body.dump()
        log.error({ peer: peer.id, request: requestId, status: answer.statusCode }, 'a peer failed to answer')
        return { heard: 'nothing' }
      }
      const bytes = await readUpTo(answerBytesMax, answer.body)
      if (!bytes) {
        log.error({ peer: peer.id, request: requestId, path, answerBytesMax }, 'a peer answered too much')
        return { heard: 'nothing' }
      }
      const applied = answer.headers['preference-applied']
      return {
        heard: 'answer',
        status: answer.statusCode,
        bytes,
        ...(typeof applied === 'string' ? { applied } : {}),
      }
    } catch (failure) {
      log.warn({ peer: peer.id, request: requestId, failure: nameOf(failure) }, 'a peer did not answer')
      return { heard: 'nothing' }
    } finally {
      callOff()
    }
  }

  /** Aborts once the peer is not among the living any more, or has had its time. */
  function whenGone(peer: Peer, gone: AbortController): () => void {
    const until = clock.now() + ANSWER_WAIT_MAX_MS
    let callOff = () => {}
    const check = () => {
      if (!isAlive(peer) || clock.now() >= until) gone.abort()
      else callOff = clock.after(BEAT_MS, check)
    }
    callOff = clock.after(BEAT_MS, check)
    return () => callOff()
  }
}

/** How many of a kind are under way. */
class Tally {
  readonly #counts = new Map<string, number>()

  of(kind: string): number {
    return this.#counts.get(kind) ?? 0
  }

  async during<T>(kind: string, work: () => Promise<T>): Promise<T> {
    this.#counts.set(kind, this.of(kind) + 1)
    try {
      return await work()
    } finally {
      const left = this.of(kind) - 1
      if (left === 0) this.#counts.delete(kind)
      else this.#counts.set(kind, left)
    }
  }
}

const nameOf = (failure: unknown): string =>
  failure instanceof errors.UndiciError ? failure.code : failure instanceof Error ? failure.name : 'unknown'
