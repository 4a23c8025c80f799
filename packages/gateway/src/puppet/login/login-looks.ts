/**
 * Looking who is logged in where no event says so, for some never come; what one says that may be over is looked at by
 * `login-doubts.ts`.
 *
 *   missed        LOGIN_WAIT_MS after a stream opened that told nothing of the account
 *   now and then  every LOOK_EVERY_MS while nobody is logged in, because a login may have been told to nobody, or while another
 *                 account than the operator's is, because he may have accepted it
 *
 * Only an answer counts: a puppet that does not answer in time is asked again, and until then everything stays as it is. All of it
 * ends with the connection.
 */
import type { ContactWxid } from '@qunhub/wire'
import { SECOND_MS, sleep } from '../../system/clock.ts'
import type { Hearing } from '../hearing.ts'
import type { PuppetClient } from '../puppet-client.ts'
import { PuppetRefused } from '../puppet-failures.ts'
import { LOGIN_WAIT_MS, LoginDoubts, type LoginDoubtsDeps } from './login-doubts.ts'
import { askWhoIsLoggedIn } from './read-account.ts'

const NOT_LOGGED_IN = 'the puppet is connected but not logged in'
const LOOK_EVERY_MS = 30 * SECOND_MS

export interface LoginLooksDeps extends LoginDoubtsDeps {
  readonly hearing: Hearing
}

export class LoginLooks {
  readonly #deps: LoginLooksDeps
  /** Whether this connection has told how the account stands: what an earlier one told may be over. */
  #hasHeardOfAccount = false
  readonly doubts: LoginDoubts

  constructor(deps: LoginLooksDeps) {
    this.#deps = deps
    this.doubts = new LoginDoubts(deps, client => this.#ask(client, isRefusal))
  }

  /** A stream has opened. The looks end when the returned function is called. */
  begin(client: PuppetClient): () => void {
    this.#hasHeardOfAccount = false
    const ended = new AbortController()
    const callOff = this.#deps.clock.after(LOGIN_WAIT_MS, () => this.miss(client))
    this.#finish(this.#lookNowAndThen(client, ended.signal))
    return () => {
      callOff()
      this.doubts.forget()
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
