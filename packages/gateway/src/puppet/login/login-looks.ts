/**
 * Looking who is logged in, where no event says so or one says what may be over: events come late, and some never do.
 *
 *   missed        LOGIN_WAIT_MS after a stream opened that told nothing of the account
 *   doubted       when a code to scan, a logout, or the login of another is told of although an account is logged in
 *   now and then  every LOOK_EVERY_MS while nobody is logged in, because a login may have been told to nobody, or while another
 *                 account than the operator's is, because he may have accepted it
 *
 * Only an answer counts: a puppet that does not answer in time is asked again, and until then everything stays as it is. Only a
 * logout and a login are believed without one, and denied by two. All of it ends with the connection.
 */
import type { ContactWxid } from '@qunhub/wire'
import { SECOND_MS, sleep } from '../../system/clock.ts'
import type { Hearing } from '../hearing.ts'
import type { HostingDeps } from '../hosted-bot.ts'
import type { PuppetClient } from '../puppet-client.ts'
import type { PuppetNews } from '../puppet-events.ts'
import { PuppetRefused } from '../puppet-failures.ts'
import type { Standing } from '../standing.ts'
import { askWhoIsLoggedIn } from './read-account.ts'

const NOT_LOGGED_IN = 'the puppet is connected but not logged in'
export const LOGIN_WAIT_MS = 10 * SECOND_MS
const LOOK_EVERY_MS = 30 * SECOND_MS

export type Scan = Extract<PuppetNews, { kind: 'scan' }>
export type Logout = Extract<PuppetNews, { kind: 'logout' }>

/** What was told of although an account is logged in: the newest code, why it is said to be logged out, and who else is said to be in. */
interface Doubted {
  readonly scan?: Scan
  readonly logout?: string
  readonly login?: ContactWxid | undefined
}

export interface LoginLooksDeps extends Pick<HostingDeps, 'clock'> {
  readonly standing: Standing
  readonly hearing: Hearing
  /** Aborts when the bot is detached. */
  readonly detached: AbortSignal
  /** Whether it is still the present connection. */
  readonly isConnected: (client: PuppetClient) => boolean
  /** Who is logged in, or about to be, as far as was heard. */
  readonly heardOf: () => ContactWxid | null
  readonly findLogin: (wxid: ContactWxid, client: PuppetClient) => void
  /** The code is to be believed: nobody is logged in. */
  readonly believe: (scan: Scan) => void
  /** The account that was told of is logged in no more. */
  readonly loseLogin: (reason: string) => void
}

export class LoginLooks {
  readonly #deps: LoginLooksDeps
  /** Whether this connection has told how the account stands: what an earlier one told may be over. */
  #hasHeardOfAccount = false
  /** Until it is known what to make of it. */
  #doubted: Doubted | null = null
  #isMakingSure = false

  constructor(deps: LoginLooksDeps) {
    this.#deps = deps
  }

  /** A stream has opened. The looks end when the returned function is called. */
  begin(client: PuppetClient): () => void {
    this.#hasHeardOfAccount = false
    this.#doubted = null
    const ended = new AbortController()
    const callOff = this.#deps.clock.after(LOGIN_WAIT_MS, () => this.miss(client))
    this.#finish(this.#lookNowAndThen(client, ended.signal))
    return () => {
      callOff()
      ended.abort()
    }
  }

  hearOfAccount(): void {
    this.#hasHeardOfAccount = true
  }

  /** Not every puppet repeats its login to a client that comes back: looks before saying that it is logged out. */
  miss(client: PuppetClient): void {
    this.#finish(this.#miss(client))
  }

  /** Something that comes after a login was told of before it, most likely; else what should have come before it was lost. */
  doubt(told: Doubted, client: PuppetClient): void {
    // A look for a code's sake may be waiting for its next try.
    const isLooking = told.scan ? this.#doubted !== null : this.#believesSilence
    this.#doubted = { ...this.#doubted, ...told }
    if (!isLooking) this.#finish(this.#doubt(client))
  }

  /** One of the login that is doubted ends that one, and says that the former one may be over as well. */
  doubtLogout({ reason, wxid }: Logout, client: PuppetClient): void {
    const isOfDoubted = wxid !== null && wxid === this.doubtedLogin
    this.doubt({ logout: reason, ...(isOfDoubted && { login: undefined }) }, client)
  }

  get doubtsLogout(): boolean {
    return this.#doubted?.logout !== undefined
  }

  /** Who may have logged in instead of the one that is. */
  get doubtedLogin(): ContactWxid | undefined {
    return this.#doubted?.login
  }

  get #believesSilence(): boolean {
    return this.doubtsLogout || this.doubtedLogin !== undefined
  }

  /** A login has come after it: a logout that was doubted had its time, and so had its code. Whether one was. */
  endDoubt(): boolean {
    const { logout, scan } = this.#doubted ?? {}
    this.#doubted = logout === undefined && scan ? { scan } : null
    return logout !== undefined
  }

  async #miss(client: PuppetClient): Promise<void> {
    const { clock, standing, hearing, detached, isConnected, findLogin } = this.#deps
    for (;;) {
      // While it is deaf nobody asks; hearing again does.
      if (!isConnected(client) || !this.#awaitsLogin() || hearing.deaf) return
      const wxid = await this.#ask(client)
      if (!isConnected(client) || !this.#awaitsLogin()) return

      if (wxid) return findLogin(wxid, client)
      if (wxid === null) break
      await sleep(clock, LOGIN_WAIT_MS, detached)
    }
    if (standing.session.state === 'logged-out') return
    // No reason to tell of all rooms again: a puppet that has just started may log in a little later than others.
    standing.moveTo({ state: 'logged-out', since: clock.now(), reason: NOT_LOGGED_IN })
  }

  #awaitsLogin(): boolean {
    const { state } = this.#deps.standing.session
    if (state === 'awaiting-scan' || state === 'logged-out' || state === 'wrong-account')
      return !this.#hasHeardOfAccount
    return state === 'connecting' || state === 'reconnecting' || state === 'offline' || state === 'occupied'
  }

  async #doubt(client: PuppetClient): Promise<void> {
    const { clock, detached, isConnected, heardOf } = this.#deps
    while (this.#doubted) {
      const doubted = this.#doubted
      const wxid = await this.#ask(client, isRefusal)
      // Whatever is doubted now was heard on another connection.
      if (!isConnected(client)) return
      if (!this.#believesSilence && heardOf() === null) break
      if (wxid === undefined && !this.#believesSilence) await sleep(clock, LOGIN_WAIT_MS, detached)
      if (!isConnected(client)) return
      // An answer may be older than what has come meanwhile.
      const isSettled = wxid === undefined ? this.#believesSilence : this.#doubted === doubted
      if (isSettled) this.#settle(wxid ?? null, client)
    }
    this.#doubted = null
  }

  #settle(wxid: ContactWxid | null, client: PuppetClient): void {
    const { heardOf, findLogin, loseLogin, believe } = this.#deps
    const { logout, scan, login } = this.#doubted ?? {}
    this.#doubted = null
    if (wxid !== null) {
      if (wxid !== heardOf()) findLogin(wxid, client)
      else if (logout !== undefined || login !== undefined) this.#finish(this.#makeSure(logout, wxid, client))
      return
    }
    if (login !== undefined) {
      findLogin(login, client)
      return
    }
    if (logout !== undefined) loseLogin(logout)
    if (scan) believe(scan)
  }

  /** A puppet may tell of a logout, or of another login, before it has understood it itself. */
  async #makeSure(logout: string | undefined, wxid: ContactWxid, client: PuppetClient): Promise<void> {
    const { clock, detached, isConnected, heardOf, findLogin, loseLogin } = this.#deps
    const isStillSo = () => isConnected(client) && heardOf() === wxid && !this.#believesSilence
    if (this.#isMakingSure) return
    this.#isMakingSure = true
    await sleep(clock, LOGIN_WAIT_MS, detached)
    this.#isMakingSure = false
    if (detached.aborted || !isStillSo()) return
    const now = await this.#ask(client, isRefusal)
    if (!isStillSo()) return
    if (now) findLogin(now, client)
    else if (now === null && logout !== undefined) loseLogin(logout)
  }

  async #lookNowAndThen(client: PuppetClient, ended: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(this.#deps.clock, LOOK_EVERY_MS, ended)
      if (ended.aborted) return
      await this.#look(client)
    }
  }

  /** A look at once. */
  lookNow(client: PuppetClient): void {
    this.#finish(this.#look(client))
  }

  async #look(client: PuppetClient): Promise<void> {
    const { standing, isConnected, findLogin, loseLogin } = this.#deps
    if (!this.#isWithoutLogin()) return
    const wxid = await this.#ask(client, isRefusal)
    if (!isConnected(client) || !this.#isWithoutLogin()) return
    if (wxid) findLogin(wxid, client)
    else if (wxid === null && standing.session.state === 'wrong-account') loseLogin(NOT_LOGGED_IN)
  }

  #isWithoutLogin(): boolean {
    const { standing, heardOf } = this.#deps
    const { state } = standing.session
    return (
      state === 'wrong-account' ||
      ((state === 'awaiting-scan' || state === 'logged-out') && heardOf() === null)
    )
  }

  #ask(
    client: PuppetClient,
    isNoNews = (_failure: unknown) => false,
  ): Promise<ContactWxid | null | undefined> {
    return askWhoIsLoggedIn(client, failure => {
      if (!isNoNews(failure)) this.#deps.standing.complain(failure, 'nobody could be told who is logged in')
    })
  }

  #finish(look: Promise<void>): void {
    look.catch(failure => this.#deps.standing.complain(failure, 'a login could not be looked for'))
  }
}

/** Where nobody is logged in, most likely, a refusal is no news. */
const isRefusal = (failure: unknown): boolean => failure instanceof PuppetRefused
