/**
 * The life of one event stream. It opens with its first data, whatever that is: until then nothing says that the token
 * was accepted. It lives while data comes; after 30 s of silence the puppet is dinged, after 45 s it is given up. A call
 * that times out is a reason to doubt: then it is dinged at once, and given up after 10 s without data. That data comes does not prove yet that events do: see `hearing-watch.ts`.
 *
 * It ends once, for one named reason, and is then cancelled: the puppet has a single slot for streams, and a stream that
 * is merely destroyed keeps it taken for ever. The next try is another stream on another channel, and not our business.
 */
import { grpc, type puppet } from '@juzi/wechaty-grpc'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { HearingWatch, type HearingWatchDeps } from './hearing-watch.ts'
import { isTooLarge, type PuppetClient } from './puppet-client.ts'
import { isDong, isGarbled, type PuppetNews, provesHearing, readEvent } from './puppet-events.ts'

const DING_AFTER_MS = 30 * SECOND_MS
const SILENCE_MAX_MS = 45 * SECOND_MS
/** Less than what a frozen puppet costs the next caller, more than one that is merely slow with a call needs to say so. */
export const DOUBT_MAX_MS = 10 * SECOND_MS
/** A stream that never opens is given up; a frozen server accepts connections and says nothing. */
const OPEN_MAX_MS = 10 * SECOND_MS

/** Why a stream ended. */
export type StreamEnd =
  | {
      readonly kind: 'lost'
      readonly reason: string
      /** It did not end by itself: since then nothing was heard on it. */
      readonly unheardSince?: number
    }
  /** Another client holds the slot (code 6). */
  | { readonly kind: 'occupied' }
  | { readonly kind: 'token-refused' }
  | { readonly kind: 'stopped' }

export interface StreamListener {
  onOpen(): void
  onNews(news: PuppetNews): void
  /** Proof that what happens to the account comes through; `dong` when it is the answer to a ding. */
  onHeard(dong: boolean): void
  /** An event that nobody can understand; it is passed over. */
  onGarbled(): void
  /** The newest sequence number, for the next stream to begin after. */
  onSeq(seq: number): void
}

export interface FollowDeps {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly listener: StreamListener
  readonly hearing: Pick<HearingWatchDeps, 'shouldHear' | 'mustProve' | 'answersDings'>
}

/** Follows the events until the stream ends; resolves with the reason and never rejects. */
export function followEvents(
  client: PuppetClient,
  since: { seq: number; accountId: string },
  { clock, signal, listener, hearing }: FollowDeps,
): Promise<StreamEnd> {
  return new Promise(resolve => {
    const stream = client.events(since)
    const begunAt = clock.now()
    let watch: HearingWatch | null = null
    let callOff = clock.after(OPEN_MAX_MS, () =>
      end({ kind: 'lost', reason: 'the stream did not open', unheardSince: begunAt }),
    )
    let hasEnded = false
    let silentSince = begunAt
    let isInDoubt = false

    const end = (why: StreamEnd) => {
      if (hasEnded) return
      hasEnded = true
      callOff()
      watch?.stop()
      signal.removeEventListener('abort', stop)
      stream.cancel()
      resolve(why)
    }
    const stop = () => end({ kind: 'stopped' })

    const watchHearing = () =>
      new HearingWatch({
        ...hearing,
        clock,
        ding: () => client.ding(),
        onUnheard: since =>
          end({ kind: 'lost', reason: 'the stream lives, but no events come', unheardSince: since }),
      })

    const dingAndWait = (ms: number) => {
      callOff()
      // The answer comes over the stream or not at all; what becomes of the call itself proves nothing.
      client.ding().catch(() => undefined)
      callOff = clock.after(ms, () =>
        end({ kind: 'lost', reason: 'the stream fell silent', unheardSince: silentSince }),
      )
    }
    const hearSilence = () => {
      silentSince = clock.now()
      isInDoubt = false
      callOff()
      callOff = clock.after(DING_AFTER_MS, () => dingAndWait(SILENCE_MAX_MS - DING_AFTER_MS))
    }
    client.onTimeout(() => {
      if (hasEnded || !watch || isInDoubt) return
      isInDoubt = true
      dingAndWait(Math.max(0, Math.min(DOUBT_MAX_MS, silentSince + SILENCE_MAX_MS - clock.now())))
    })

    stream.on('data', (response: puppet.EventResponse) => {
      if (hasEnded) return
      if (!watch) {
        listener.onOpen()
        watch = watchHearing()
      }
      hearSilence()
      if (response.getSeq() > 0) listener.onSeq(response.getSeq())
      const news = readEvent(response)
      if (news) listener.onNews(news)
      else if (isGarbled(response)) listener.onGarbled()
      // A login that came first is what the proof is wanted for.
      if (provesHearing(response) || !hearing.answersDings()) {
        watch.heard()
        listener.onHeard(isDong(response))
      }
    })
    // Stays on after the end: a cancelled stream reports its own cancellation as an error, which nobody needs.
    stream.on('error', (error: grpc.ServiceError) => end(whyOf(error)))
    stream.on('end', () => end({ kind: 'lost', reason: 'the server ended the stream' }))

    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

function whyOf(error: grpc.ServiceError): StreamEnd {
  // Whoever answers in HTTP only has not looked at the token, whatever status the library makes of it.
  const http = HTTP_STATUS.exec(error.details)?.[1]
  if (http !== undefined) return { kind: 'lost', reason: `no puppet service answers there, but HTTP ${http}` }
  switch (error.code) {
    case grpc.status.ALREADY_EXISTS:
      return { kind: 'occupied' }
    case grpc.status.UNAUTHENTICATED:
    case grpc.status.PERMISSION_DENIED:
      return { kind: 'token-refused' }
    default:
      // The status only: the details may hold the server's stack.
      return {
        kind: 'lost',
        reason: reasonOf(error),
      }
  }
}

/** The library's own words; it takes 403 for PERMISSION_DENIED, 401 for UNAUTHENTICATED, 404 for UNIMPLEMENTED. */
const HTTP_STATUS = /^Received HTTP status code (\d{3})$/

const reasonOf = (error: grpc.ServiceError): string => {
  if (isOfCertificate(error)) return CERTIFICATE
  return isTooLarge(error) ? TOO_LARGE : (grpc.status[error.code] ?? 'unknown')
}

/** Said of a web page, too: its letters, taken for a length, are more than a gigabyte. */
const TOO_LARGE = 'what came is too large to be an event of a puppet'
const CERTIFICATE = 'the certificate of the puppet service is not trusted, or is not for this host'

/** Said by the TLS of this process before anything was sent. */
const isOfCertificate = ({ code, details }: grpc.ServiceError): boolean =>
  code === grpc.status.UNAVAILABLE && /certificate|altnames/i.test(details)
