/**
 * What the end of a connection means for the bot, and how long it waits before the next one. Lost for a moment it is
 * reconnecting; for long, or where its token is refused, offline; where another client has its puppet, occupied. It is
 * tried again in any case, for ever.
 *
 * A puppet has one slot for a stream, and does not always know that ours is gone: a reset may have reached us only, or
 * we are the process after one that was killed. So "occupied", soon after a stream of our own, says for a while no more
 * than that the puppet still holds that one.
 */
import { type Deafness, isLoggedIn } from '../model/bot.ts'
import { SECOND_MS } from '../system/clock.ts'
import { waitAfter } from './back-off.ts'
import type { StreamEnd } from './event-stream.ts'
import type { Hearing } from './hearing.ts'
import type { HostingDeps } from './hosted-bot.ts'
import type { Standing } from './standing.ts'

/** After so many failed tries, or so long, the bot is called offline; it keeps trying. */
const TRIES_BEFORE_OFFLINE = 10
const LOST_BEFORE_OFFLINE_MS = 93 * SECOND_MS
/** Somebody else has the puppet, or it does not want our token: looking again soon would not help. */
const HOPELESS_RETRY_MS = 30 * SECOND_MS
/** After a stream of our own a slot that is taken is taken by it, most likely. */
const OWN_STREAM_LINGERS_MS = 90 * SECOND_MS
/** The waits before it is believed that somebody else has it: 15 s, and none so long that a freed slot waits for us. */
const LINGERING_RETRIES_MS = [1, 2, 4, 4, 4].map(seconds => seconds * SECOND_MS)
/** Until those 90 s are over. */
const LINGERING_RETRY_LATER_MS = 8 * SECOND_MS
const STILL_OURS = 'the puppet still holds the last stream'
const LOGGED_OUT_BEFORE = 'the account was logged out before'

type Loss = Exclude<StreamEnd, { kind: 'stopped' }>

export interface LossesDeps extends Pick<HostingDeps, 'clock' | 'random' | 'reconnectMs'> {
  readonly standing: Standing
  readonly hearing: Hearing
  /** Nobody is logged in any more, as far as can be known. */
  readonly endLogin: (reason: string) => void
}

export class Losses {
  readonly #deps: LossesDeps
  #failedTries = 0
  #lostAt: number | null = null
  /** When a stream of ours ended last, as far as we know. */
  #ownStreamAt: number | null = null
  #lingeringTries = 0

  constructor(deps: LossesDeps) {
    this.#deps = deps
  }

  /** A connection works: the next loss is a first one again. */
  forget(): void {
    this.#failedTries = 0
    this.#lostAt = null
  }

  /** Whoever ran the bot before had a stream, which ended now or a while ago: nobody knows. */
  inheritStream(): void {
    this.#ownStreamAt = this.#deps.clock.now()
  }

  /**
   * Says what the loss means and returns how long to wait before the next try. `hasOpened`: the stream that ended had
   * brought data, or none was asked for since one did.
   */
  after(ended: Loss, hasOpened: boolean): number {
    switch (ended.kind) {
      case 'occupied':
        return this.#afterOccupied()
      case 'token-refused':
        this.#goOffline('the puppet refused the token')
        return HOPELESS_RETRY_MS
      case 'lost':
        this.#noteOwnStream(hasOpened)
        return this.#afterLost(ended, hasOpened)
      default:
        return ended satisfies never
    }
  }

  #noteOwnStream(hasOpened: boolean): void {
    // Also one that brought nothing: it may have been heard of at the other end.
    this.#ownStreamAt = this.#deps.clock.now()
    if (hasOpened) this.#lingeringTries = 0
  }

  #afterOccupied(): number {
    const mayBeOurs =
      this.#ownStreamAt !== null && this.#deps.clock.now() - this.#ownStreamAt < OWN_STREAM_LINGERS_MS
    const waitMs = mayBeOurs ? LINGERING_RETRIES_MS[this.#lingeringTries++] : undefined
    if (waitMs === undefined)
      return this.#findOccupied(mayBeOurs ? LINGERING_RETRY_LATER_MS : HOPELESS_RETRY_MS)
    this.#failedTries++
    return this.#tellLoss(STILL_OURS, waitMs)
  }

  #afterLost(ended: Extract<Loss, { kind: 'lost' }>, hasOpened: boolean): number {
    const attempt = ++this.#failedTries
    const waitMs = this.#waitAfter(ended, attempt, this.#deps.clock.now(), hasOpened)
    return this.#tellLoss(ended.reason, waitMs)
  }

  #tellLoss(reason: string, waitMs: number): number {
    const { clock, hearing, standing, endLogin } = this.#deps
    const now = clock.now()
    this.#lostAt ??= now
    const attempt = this.#failedTries
    const { deaf } = hearing
    const isLasting = attempt >= TRIES_BEFORE_OFFLINE || now - this.#lostAt >= LOST_BEFORE_OFFLINE_MS
    // Waiting for a scan, or logged out, is the truth about the account whether or not the puppet is reachable for a moment.
    const isLoggedOut = this.#isLoggedOut()
    // Nobody hears any more whether its code is still good.
    if (isLoggedOut && standing.session.state === 'awaiting-scan') endLogin(reason)
    if (isLasting) this.#goOffline(reason, deaf)
    else if (!isLoggedOut)
      standing.moveTo({
        state: 'reconnecting',
        since: this.#lostAt,
        attempt,
        reason,
        nextTryAt: now + waitMs,
        ...(deaf && { deaf }),
      })
    return waitMs
  }

  /** A bot that stays occupied is not news either; only the time of its next try moves on. */
  #findOccupied(waitMs: number): number {
    const { clock, standing } = this.#deps
    const now = clock.now()
    const nextTryAt = now + waitMs
    if (standing.session.state === 'occupied') standing.amend({ ...standing.session, nextTryAt })
    else standing.moveTo({ state: 'occupied', since: now, nextTryAt })
    return waitMs
  }

  /** A bot that stays offline for the same reason is not news, although it is tried every few seconds. */
  #goOffline(reason: string, deaf: Deafness | null = null): void {
    const { clock, standing } = this.#deps
    const { session } = standing
    const isLoggedOut = this.#isLoggedOut()
    const offline = {
      state: 'offline',
      reason: isLoggedOut ? `${reason}; ${LOGGED_OUT_BEFORE}` : reason,
      ...(deaf && { deaf }),
      ...(isLoggedOut && { isLoggedOut }),
    } as const
    if (session.state === 'offline' && session.reason === offline.reason)
      standing.amend({ ...offline, since: session.since })
    else standing.moveTo({ ...offline, since: clock.now() })
  }

  /** Its account was known to be logged out when the connection was lost. */
  #isLoggedOut(): boolean {
    const { session, account } = this.#deps.standing
    return account !== null && !isLoggedIn(session, account)
  }

  /** How long to wait after a loss; finds out whether it was deafness, and how far its recovery has come. */
  #waitAfter(
    { unheardSince }: Extract<Loss, { kind: 'lost' }>,
    attempt: number,
    now: number,
    hasOpened: boolean,
  ): number {
    const { hearing, random, reconnectMs, standing } = this.#deps
    const isDeaf = unheardSince !== undefined && (standing.session.state === 'online' || hearing.deaf)
    if (isDeaf) standing.tellHearing(hearing.fail(unheardSince, now))
    // One that is away or frozen is soon looked for again, deaf or not: it may be on its way back.
    return isDeaf && hasOpened
      ? hearing.waitMs(attempt, reconnectMs, random)
      : waitAfter(attempt, reconnectMs, random)
  }
}
