/**
 * A code to scan, a logout, or the login of another, told of although an account is logged in: any of them may be late, so the
 * puppet is asked who is logged in. Only an answer counts: a puppet that does not answer in time is asked again, and until then
 * everything stays as it is. Only a logout and a login are believed without one, and denied by two: some puppets tell of either
 * before they have understood it.
 */
import type { ContactWxid } from '@qunhub/wire'
import { SECOND_MS, sleep } from '../../system/clock.ts'
import type { HostingDeps } from '../hosted-bot.ts'
import type { PuppetClient } from '../puppet-client.ts'
import type { PuppetNews } from '../puppet-events.ts'
import type { Standing } from '../standing.ts'

export const LOGIN_WAIT_MS = 10 * SECOND_MS
/** What the puppet has denied once: after so many of these without an answer that is one, too. */
const ASKED_AGAIN_MAX = 3

export type Scan = Extract<PuppetNews, { kind: 'scan' }>
export type Logout = Extract<PuppetNews, { kind: 'logout' }>

/** What was told of although an account is logged in: the newest code, why it is said to be logged out, and who else is said to be in. */
interface Doubted {
  readonly scan?: Scan
  readonly logout?: string
  readonly login?: ContactWxid | undefined
}

export interface LoginDoubtsDeps extends Pick<HostingDeps, 'clock'> {
  readonly standing: Standing
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

export class LoginDoubts {
  readonly #deps: LoginDoubtsDeps
  readonly #ask: (client: PuppetClient) => Promise<ContactWxid | null | undefined>
  /** Until it is known what to make of it. */
  #doubted: Doubted | null = null
  /** What the puppet has denied once, because it was `by` who is logged in. What is doubted next adds to it. */
  #denied: { readonly by: ContactWxid; readonly told: Doubted } | null = null
  #callOffAskingAgain = () => {}

  /** `ask`: who is logged in; undefined where the puppet did not say. */
  constructor(deps: LoginDoubtsDeps, ask: (client: PuppetClient) => Promise<ContactWxid | null | undefined>) {
    this.#deps = deps
    this.#ask = ask
  }

  /** The stream has ended: what was told over it may be over when there is another. */
  forget(): void {
    this.#doubted = null
    this.#forgetDenied()
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
    return this.#unsettled.login
  }

  get #unsettled(): Doubted {
    const denied = this.#denied?.by === this.#deps.heardOf() ? this.#denied?.told : null
    return { ...denied, ...this.#doubted }
  }

  get #believesSilence(): boolean {
    return this.doubtsLogout || this.#doubted?.login !== undefined
  }

  /** A login has come after it: a logout that was doubted had its time, and so had its code. Whether one was. */
  endDoubt(): boolean {
    const { logout, scan } = this.#doubted ?? {}
    this.#doubted = logout === undefined && scan ? { scan } : null
    return logout !== undefined
  }

  async #doubt(client: PuppetClient): Promise<void> {
    const { clock, detached, isConnected, heardOf } = this.#deps
    while (this.#doubted) {
      const doubted = this.#doubted
      const wxid = await this.#ask(client)
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
    const { heardOf, findLogin } = this.#deps
    const told = this.#unsettled
    this.forget()
    if (wxid === null) this.#believeTold(told, client)
    else if (wxid !== heardOf()) findLogin(wxid, client)
    else if (told.logout !== undefined || told.login !== undefined) {
      this.#denied = { by: wxid, told }
      this.#askAgainLater(client)
    }
  }

  #believeTold({ login, logout, scan }: Doubted, client: PuppetClient): void {
    const { findLogin, loseLogin, believe } = this.#deps
    if (login !== undefined) {
      findLogin(login, client)
      return
    }
    if (logout !== undefined) loseLogin(logout)
    if (scan) believe(scan)
  }

  #askAgainLater(client: PuppetClient, time = 1): void {
    const ask = () => this.#finish(this.#askAgain(client, time))
    this.#callOffAskingAgain = this.#deps.clock.after(LOGIN_WAIT_MS, ask)
  }

  async #askAgain(client: PuppetClient, time: number): Promise<void> {
    const { isConnected, heardOf, findLogin } = this.#deps
    const denied = this.#denied
    const wxid = await this.#ask(client)
    if (!denied || this.#denied !== denied || !isConnected(client)) return
    if (heardOf() !== denied.by) return this.#forgetDenied()
    // What is doubted again is being asked after already, and this is settled with it.
    if (this.#believesSilence || (wxid === undefined && time < ASKED_AGAIN_MAX))
      return this.#askAgainLater(client, time + 1)
    const told = this.#unsettled
    this.forget()
    if (wxid) findLogin(wxid, client)
    else this.#believeTold(told, client)
  }

  #forgetDenied(): void {
    this.#callOffAskingAgain()
    this.#denied = null
  }

  #finish(look: Promise<void>): void {
    look.catch(failure => this.#deps.standing.complain(failure, 'a doubted login could not be looked for'))
  }
}
