/**
 * What the end of a connection means for the bot, and how long it waits before the next one. Lost for a moment it is
 * reconnecting; for long, or where its token is refused, offline; where another client has its puppet, occupied. It is
 * tried again in any case, for ever.
 */
import { type Deafness, isLoggedIn } from '../model/bot.ts'
import { SECOND_MS } from '../model/clock.ts'
import { waitAfter } from './back-off.ts'
import type { StreamEnd } from './event-stream.ts'
import type { Hearing } from './hearing.ts'
import type { HostingDeps } from './hosted-bot.ts'
import type { Standing } from './standing.ts'

/** After so many failed tries, or so long, the bot is called offline; it keeps trying. */
const TRIES_BEFORE_OFFLINE = 10
const LOST_BEFORE_OFFLINE_MS = 93 * SECOND_MS
/** Somebody else holds the puppet, or it does not want our token: looking again soon would not help. */
const HOPELESS_RETRY_MS = 30 * SECOND_MS
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

  constructor(deps: LossesDeps) {
    this.#deps = deps
  }

  /** A connection works: the next loss is a first one again. */
  forget(): void {
    this.#failedTries = 0
    this.#lostAt = null
  }

  /**
   * Says what the loss means and returns how long to wait before the next try. `hasOpened`: the stream that ended had
   * brought data, or none was asked for since one did.
   */
  after(ended: Loss, hasOpened: boolean): number {
    switch (ended.kind) {
      case 'occupied':
        this.#findOccupied()
        return HOPELESS_RETRY_MS
      case 'token-refused':
        this.#goOffline('the puppet refused the token')
        return HOPELESS_RETRY_MS
      case 'lost':
        return this.#afterLost(ended, hasOpened)
      default:
        return ended satisfies never
    }
  }

  #afterLost(ended: Extract<Loss, { kind: 'lost' }>, hasOpened: boolean): number {
    const { clock, hearing, standing, endLogin } = this.#deps
    const { reason } = ended
    const now = clock.now()
    const attempt = ++this.#failedTries
    this.#lostAt ??= now
    const waitMs = this.#waitAfter(ended, attempt, now, hasOpened)
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
  #findOccupied(): void {
    const { clock, standing } = this.#deps
    const now = clock.now()
    const nextTryAt = now + HOPELESS_RETRY_MS
    if (standing.session.state === 'occupied') standing.amend({ ...standing.session, nextTryAt })
    else standing.moveTo({ state: 'occupied', since: now, nextTryAt })
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
