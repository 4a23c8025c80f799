/**
 * What an operator does about a login: he asks for a code, types in the one that WeCom has sent, or logs the account out,
 * which nothing else ever does. What comes of it is told by the puppet, and heard by `logins.ts`.
 */
import type { ContactWxid } from '@qunhub/wire'
import type { BotAccount, BotSession } from '../../model/bot.ts'
import type { Clock } from '../../system/clock.ts'
import type { PuppetClient } from '../puppet-client.ts'
import { PuppetRefused, PuppetTimeout, PuppetUnavailable } from '../puppet-failures.ts'
import type { Standing } from '../standing.ts'
import { LOGIN_WAIT_MS } from './login-doubts.ts'
import { askWhoIsLoggedIn } from './read-account.ts'
import type { Verifications } from './verifications.ts'

export const LOGGED_OUT_BY_OPERATOR = 'an operator logged it out'

export interface LoginOrdersDeps {
  readonly clock: Clock
  readonly standing: Standing
  readonly verifications: Verifications
  /** The present connection; null without one. */
  readonly client: () => PuppetClient | null
  /** Whoever is logged in, be it by mistake. Throws PuppetUnavailable when nobody is. */
  readonly loggedIn: () => { readonly client: PuppetClient; readonly account: BotAccount }
  /** The account is found to be logged out. */
  readonly onLoggedOut: () => void
}

export class LoginOrders {
  readonly #deps: LoginOrdersDeps
  #isLoggingOut = false
  #askedForLoginAt = -Infinity

  constructor(deps: LoginOrdersDeps) {
    this.#deps = deps
  }

  /** A logout that is heard of now is the operator's. */
  get isLoggingOut(): boolean {
    return this.#isLoggingOut
  }

  /** Tells the puppet to run, as every client does; one that runs already does nothing. */
  start(client: PuppetClient): void {
    client
      .start()
      .catch(failure => this.#deps.standing.complain(failure, 'the puppet did not answer to start'))
  }

  askForLogin(): void {
    const { clock, standing, verifications } = this.#deps
    const client = this.#deps.client()
    const now = clock.now()
    const isCodeOver = isOver(standing.session)
    // To begin anew would call off what somebody is about to confirm.
    if (verifications.pending) return
    if (!client || !(isCodeOver || standing.session.state === 'logged-out')) return
    if (now - this.#askedForLoginAt < LOGIN_WAIT_MS) return
    this.#askedForLoginAt = now
    this.start(client)
    // One that runs does nothing on a start. What comes of this is a scan event, though stock servers say that they failed.
    if (isCodeOver)
      client
        .refreshQrcode()
        .catch(failure => standing.complain(failure, 'the puppet did not say that it shows another code'))
  }

  /** Types in the code that WeCom has sent. What comes of it is an event. */
  async enterCode(code: string): Promise<void> {
    const client = this.#deps.client()
    const { pending } = this.#deps.verifications
    if (!client || pending?.by !== 'code') throw new PuppetUnavailable('no code is asked for')
    await client.enterVerifyCode(pending.id, code)
  }

  async logOut(): Promise<void> {
    const { client, account } = this.#deps.loggedIn()
    this.#isLoggingOut = true
    try {
      await client.logout()
    } catch (failure) {
      // It may have happened all the same: look before saying so.
      this.#deps.standing.complain(failure, 'the puppet did not say that it logged the account out')
    } finally {
      this.#isLoggingOut = false
    }
    if (this.#hasLeft(account)) return

    const wxid = await this.#whoIsLoggedIn(client)
    if (this.#hasLeft(account)) return
    if (wxid === account.wxid) throw new PuppetRefused('the account is still logged in')
    if (wxid === undefined || this.#deps.client() !== client)
      throw new PuppetTimeout('the puppet does not say who is logged in')
    this.#deps.onLoggedOut()
  }

  /** The puppet has told that the account is logged out, or that another one is in its place. */
  #hasLeft({ wxid }: BotAccount): boolean {
    const { session } = this.#deps.standing
    if ('account' in session) return session.account.wxid !== wxid
    return session.state === 'logged-out' || session.state === 'awaiting-scan'
  }

  #whoIsLoggedIn(client: PuppetClient): Promise<ContactWxid | null | undefined> {
    return askWhoIsLoggedIn(client, failure =>
      this.#deps.standing.complain(failure, 'nobody could be told who is logged in'),
    )
  }
}

/** Whether a code is shown that nobody can log in with any more. */
const isOver = (session: BotSession): boolean =>
  session.state === 'awaiting-scan' && (session.scan === 'timed-out' || session.scan === 'cancelled')
