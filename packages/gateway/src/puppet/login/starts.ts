import type { ContactWxid } from '@qunhub/wire'
import { type Clock, MINUTE_MS } from '../../system/clock.ts'

/** Who logs in again within this time after its logout returns, and does not start (CB-1). */
const RETURN_MAX_MS = 10 * MINUTE_MS

/** What a login begins: a start, after which every room is owed as `loaded`, or a resync, after which what changed is. */
export type Begun = 'start' | 'returned' | 'reconnected'

/** Whether the next login of an account is a start, or only goes on with what the last one had begun (CB-1). */
export class Starts {
  readonly #clock: Clock
  /** The account whose start is over: its next login only needs a resync. */
  #startedAs: ContactWxid | null
  /** The account that had started and was logged out, by no operator, and when. */
  #gone: { readonly wxid: ContactWxid; readonly at: number } | null = null
  /** It was logged out for a moment, and what happened meanwhile is not found out yet. */
  #isReturning = false

  constructor(clock: Clock, startedAs: ContactWxid | null) {
    this.#clock = clock
    this.#startedAs = startedAs
  }

  get isStarting(): boolean {
    return this.#startedAs === null
  }

  login(wxid: ContactWxid): Begun {
    if (this.#startedAs !== wxid && this.#hasJustGone(wxid)) {
      this.#startedAs = wxid
      this.#isReturning = true
    }
    this.#gone = null
    if (this.#startedAs === wxid) return this.#isReturning ? 'returned' : 'reconnected'
    this.#isReturning = false
    return 'start'
  }

  /** What was to be done for the account's login is done. */
  end(wxid: ContactWxid): void {
    this.#startedAs = wxid
    this.#isReturning = false
  }

  /** The account is another one's to log in now. */
  logout(): void {
    if (this.#startedAs) this.#gone = { wxid: this.#startedAs, at: this.#clock.now() }
    this.#startedAs = null
  }

  /** An operator wanted the logout: whoever logs in next starts. */
  forgetGone(): void {
    this.#gone = null
  }

  #hasJustGone(wxid: ContactWxid): boolean {
    return this.#gone?.wxid === wxid && this.#clock.now() - this.#gone.at < RETURN_MAX_MS
  }
}
