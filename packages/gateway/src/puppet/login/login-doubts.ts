/**
 * A code to scan, a logout, or the login of another, told of although an account is logged in: any of them may be late, so the
 * puppet is asked who is logged in.
 *
 * Only an answer counts: a puppet that does not answer in time is asked again, and until then everything stays as it is. Only a
 * logout and a login are believed without one, and denied by two.
 */
import type { ContactWxid } from '@qunhub/wire'
import { SECOND_MS, sleep } from '../../system/clock.ts'
import type { HostingDeps } from '../hosted-bot.ts'
import type { PuppetClient } from '../puppet-client.ts'
import type { PuppetNews } from '../puppet-events.ts'
import type { Standing } from '../standing.ts'

export const LOGIN_WAIT_MS = 10 * SECOND_MS

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
  #isMakingSure = false

  /** `ask`: who is logged in; undefined where the puppet did not say. */
  constructor(
    deps: LoginDoubtsDeps,
    ask: (client: PuppetClient) => Promise<ContactWxid | null | undefined>,
  ) {
    this.#deps = deps
    this.#ask = ask
  }

  /** A stream has opened: what was told over another one may be over. */
  forget(): void {
    this.#doubted = null
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
    const now = await this.#ask(client)
    if (!isStillSo()) return
    if (now) findLogin(now, client)
    else if (now === null && logout !== undefined) loseLogin(logout)
  }

  #finish(look: Promise<void>): void {
    look.catch(failure => this.#deps.standing.complain(failure, 'a doubted login could not be looked for'))
  }
}
