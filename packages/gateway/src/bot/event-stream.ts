/**
 * The life of one event stream. It opens with its first data, whatever that is: until then nothing says that the token
 * was accepted. It lives while data comes; after 30 s of silence the puppet is dinged, after 45 s it is given up. It
 * ends once, for one named reason, and is then cancelled: the puppet has a single slot for streams, and a stream that
 * is merely destroyed keeps it taken for ever. The next try is another stream on another channel, and not our business.
 */
import { grpc, type puppet } from '@juzi/wechaty-grpc'
import { type Clock, SECOND_MS } from '../model/clock.ts'
import type { PuppetClient } from './puppet-client.ts'
import { isGarbled, type PuppetNews, readEvent } from './puppet-events.ts'

export const DING_AFTER_MS = 30 * SECOND_MS
export const SILENCE_MAX_MS = 45 * SECOND_MS
/** A stream that never opens is given up; a frozen server accepts connections and says nothing. */
const OPEN_MAX_MS = 10 * SECOND_MS

/** Why a stream ended. */
export type StreamEnd =
  | { readonly kind: 'lost'; readonly reason: string }
  /** Another client holds the slot (code 6). */
  | { readonly kind: 'occupied' }
  | { readonly kind: 'token-refused' }
  | { readonly kind: 'stopped' }

export interface StreamListener {
  onOpen(): void
  onNews(news: PuppetNews): void
  /** An event that nobody can understand; it is passed over. */
  onGarbled(): void
  /** The newest sequence number, for the next stream to begin after. */
  onSeq(seq: number): void
}

/** Follows the events until the stream ends; resolves with the reason and never rejects. */
export function followEvents(
  client: PuppetClient,
  since: { seq: number; accountId: string },
  { clock, signal, listener }: { clock: Clock; signal: AbortSignal; listener: StreamListener },
): Promise<StreamEnd> {
  return new Promise(resolve => {
    const stream = client.events(since)
    let isOpen = false
    let callOff = clock.after(OPEN_MAX_MS, () => end({ kind: 'lost', reason: 'the stream did not open' }))
    let hasEnded = false

    const end = (why: StreamEnd) => {
      if (hasEnded) return
      hasEnded = true
      callOff()
      signal.removeEventListener('abort', stop)
      stream.cancel()
      resolve(why)
    }
    const stop = () => end({ kind: 'stopped' })

    const hearSilence = () => {
      callOff()
      callOff = clock.after(DING_AFTER_MS, () => {
        // The answer comes over the stream or not at all; what becomes of the call itself proves nothing.
        client.ding().catch(() => undefined)
        callOff = clock.after(SILENCE_MAX_MS - DING_AFTER_MS, () =>
          end({ kind: 'lost', reason: 'the stream fell silent' }),
        )
      })
    }

    stream.on('data', (response: puppet.EventResponse) => {
      if (hasEnded) return
      if (!isOpen) {
        isOpen = true
        listener.onOpen()
      }
      hearSilence()
      if (response.getSeq() > 0) listener.onSeq(response.getSeq())
      const news = readEvent(response)
      if (news) listener.onNews(news)
      else if (isGarbled(response)) listener.onGarbled()
    })
    // Stays on after the end: a cancelled stream reports its own cancellation as an error, which nobody needs.
    stream.on('error', (error: grpc.ServiceError) => end(whyOf(error)))
    stream.on('end', () => end({ kind: 'lost', reason: 'the server ended the stream' }))

    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

function whyOf(error: grpc.ServiceError): StreamEnd {
  switch (error.code) {
    case grpc.status.ALREADY_EXISTS:
      return { kind: 'occupied' }
    case grpc.status.UNAUTHENTICATED:
    case grpc.status.PERMISSION_DENIED:
      return { kind: 'token-refused' }
    default:
      // The status only: the details may hold the server's stack.
      return { kind: 'lost', reason: grpc.status[error.code] ?? 'unknown' }
  }
}
