/**
 * How a node asks the one that runs a bot. A request is sent once: when no answer comes, nobody can say whether it was
 * carried out, so it is never repeated. An answer is awaited while the peer is among the living, and for no longer than
 * ANSWER_WAIT_MAX_MS; a peer that dies, or freezes, is known within seconds.
 */
import { Agent, errors } from 'undici'
import { type Clock, MINUTE_MS } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Peer } from '../node/places.ts'
import { BEAT_MS } from '../node/membership.ts'

const ANSWER_WAIT_MAX_MS = MINUTE_MS
const CONNECT_WAIT_MAX_MS = 1500
const CONNECTIONS_PER_PEER_MAX = 64
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
  /** It may have done it, or not. */
  | { readonly heard: 'nothing' }

export interface Peers {
  ask(peer: Peer, ask: PeerAsk): Promise<PeerAnswer>
  close(): Promise<void>
}

export interface PeersDeps {
  readonly secret: string
  readonly clock: Clock
  readonly log: Log
  readonly isAlive: (peer: Peer) => boolean
}

export const NOT_HERE_STATUS = 421

export function openPeers({ secret, clock, log, isAlive }: PeersDeps): Peers {
  const client = new Agent({
    connections: CONNECTIONS_PER_PEER_MAX,
    connect: { timeout: CONNECT_WAIT_MAX_MS },
    pipelining: 1,
    allowH2: false,
  })

  return {
    async ask(peer, { path, workspaceId, body, idempotencyKey, prefer, requestId }) {
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
            ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
            ...(prefer === undefined ? {} : { prefer }),
          },
          body: JSON.stringify(body),
        })
        if (answer.statusCode === NOT_HERE_STATUS) {
          await answer.body.dump()
          return { heard: 'not-here' }
        }
        if (answer.statusCode >= 500 || answer.statusCode === 401) {
          await answer.body.dump()
          log.error(
            { peer: peer.id, request: requestId, status: answer.statusCode },
            'a peer failed to answer',
          )
          return { heard: 'nothing' }
        }
        const bytes = Buffer.from(await answer.body.arrayBuffer())
        if (bytes.length > ANSWER_BYTES_MAX) return { heard: 'nothing' }
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
    },
    close: () => client.destroy(),
  }

  /** Aborts once the peer is not among the living any more, or has had its time. */
  function whenGone(peer: Peer, gone: AbortController): () => void {
    const until = clock.now() + ANSWER_WAIT_MAX_MS
    let callOff = () => {}
    const look = () => {
      if (!isAlive(peer) || clock.now() >= until) gone.abort()
      else callOff = clock.after(BEAT_MS, look)
    }
    callOff = clock.after(BEAT_MS, look)
    return () => callOff()
  }
}

const nameOf = (failure: unknown): string =>
  failure instanceof errors.UndiciError ? failure.code : failure instanceof Error ? failure.name : 'unknown'
