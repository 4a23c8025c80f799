/**
 * Who is logged in through the present connection, and what is to be done for the bot because of it. A login makes it online and
 * starts a sync; a login of the same account after a loss starts a reconcile, because what happened in between was not heard
 * (`starts.ts`). A logout, a code to scan, or another login ends it; but each may be late, so the puppet is looked at first
 * (`login-doubts.ts`). The login of a deaf bot waits until it has proved that it hears. Only an operator logs it out (`login-orders.ts`).
 */
import type { ContactWxid } from '@qunhub/wire'
import type { BotAccount } from '../../model/bot.ts'
import { Forgetting } from '../forgetting.ts'
import type { PuppetClient } from '../puppet-client.ts'
import { PuppetUnavailable } from '../puppet-failures.ts'
import { afterScan } from './after-scan.ts'
import { keepAccount, showWrongAccount } from './keep-account.ts'
import type { Logout, Scan } from './login-doubts.ts'
import { LoginLooks } from './login-looks.ts'
import { LOGGED_OUT_BY_OPERATOR, LoginOrders } from './login-orders.ts'
import type { AccountNews, LoginsDeps, Presence } from './logins-deps.ts'
import { AccountReads, readAccount } from './read-account.ts'
import { Starts } from './starts.ts'

export class Logins {
  readonly #deps: LoginsDeps
  /** What was read of the account's world and is to be read anew. */
  readonly forgetting = new Forgetting()
  readonly #reads = new AccountReads()
  readonly #looks: LoginLooks
  readonly #starts: Starts
  /** What an operator does about the login. */
  readonly orders: LoginOrders
  #client: PuppetClient | null = null
  /** The login that made the bot present, or is about to. */
  #present: { readonly wxid: ContactWxid; readonly presence: AbortSignal } | null = null
  /** A login that waits for proof that the bot hears. */
  #unproved: ContactWxid | null = null

  /** `starting`: its start is still to come, whoever it was. */
  constructor(deps: LoginsDeps, { starting }: { readonly starting: boolean }) {
    this.#deps = deps
    this.#starts = new Starts(deps.clock, starting ? null : (deps.standing.account?.wxid ?? null))
    this.orders = new LoginOrders({
      ...deps,
      client: () => this.#client,
      loggedIn: () => this.#loggedIn(),
      onLoggedOut: () => {
        this.end(LOGGED_OUT_BY_OPERATOR)
        this.#starts.forgetGone()
      },
    })
    this.#looks = new LoginLooks({
      ...deps,
      isConnected: client => this.#client === client,
      heardOf: () => this.#heardOf(),
      findLogin: (wxid, client) => this.#believeLogin(wxid, client),
      believe: scan => this.#showCode(scan),
      loseLogin: reason => this.#loseLogin(reason),
    })
  }

  get isStarting(): boolean {
    return this.#starts.isStarting
  }

  online(): Presence {
    const { session } = this.#deps.standing
    if (session.state !== 'online') throw new PuppetUnavailable(`the bot is ${session.state}`)
    if (!this.#client) throw new PuppetUnavailable('the bot is detached')
    return { client: this.#client, account: session.account, forgetting: this.forgetting }
  }

  /** What was to be done for the login of the account that is online is known: its next one only needs a reconcile. */
  endStart(): void {
    const { session } = this.#deps.standing
    if (session.state !== 'online' || this.#presentAs() !== session.account.wxid) return
    this.#starts.end(session.account.wxid)
  }

  /** Another connection is tried. */
  connect(client: PuppetClient): void {
    this.#client = client
    this.#unproved = null
  }

  /** Its stream has opened. What is looked for ends when the returned function is called. */
  awaitLogin(client: PuppetClient): () => void {
    return this.#looks.begin(client)
  }

  disconnect(): void {
    this.#deps.verifications.end('over')
    this.#leave()
    this.#client = null
  }

  /** Of whatever is asked of the puppet nobody waits for the answer any longer. */
  waitNoLonger(): void {
    this.#client?.waitNoLonger()
  }

  /** What the puppet tells of the account. */
  hear(news: AccountNews, client: PuppetClient): void {
    if (news.kind === 'logout' && this.#isOfAnother(news)) return
    this.#looks.hearOfAccount()
    if (news.kind === 'scan') this.#hearScan(news, client)
    else if (news.kind === 'logout') this.#hearLogout(news, client)
    else this.#hearLogin(news.wxid, client)
  }

  /** The bot has proved that it hears: the login that waited for it counts, or is asked for. */
  release(client: PuppetClient): void {
    const unproved = this.#unproved
    this.#unproved = null
    if (unproved) this.#finish(this.#login(unproved, client))
    else this.#looks.miss(client)
  }

  /** Nobody is logged in any more, or nobody can say so. */
  end(reason: string): void {
    this.#forgetLogin()
    this.#deps.standing.moveTo({ state: 'logged-out', since: this.#deps.clock.now(), reason })
  }

  /** Whether somebody has just accepted the account that is logged in, or it was missed. */
  lookForLogin(): void {
    if (this.#client) this.#looks.lookNow(this.#client)
  }

  async refreshAccount(): Promise<BotAccount | null> {
    const [{ standing }, { client, account }] = [this.#deps, this.online()]
    const fresh = await this.#reads.anew(client, account.wxid, this.forgetting)
    if (!fresh || standing.session.state !== 'online' || this.#client !== client) return null
    standing.account = fresh
    standing.amend({ ...standing.session, account: fresh })
    return fresh
  }

  /** Whoever it is, for he may be there by mistake. */
  #loggedIn(): Pick<Presence, 'client' | 'account'> {
    const { session } = this.#deps.standing
    if (session.state !== 'wrong-account' || !this.#client) return this.online()
    return { client: this.#client, account: session.account }
  }

  #hearLogin(wxid: ContactWxid, client: PuppetClient): void {
    const [heardOf, { session }] = [this.#heardOf(), this.#deps.standing]
    if (heardOf !== null && heardOf !== wxid) {
      // Of two that are told of before either counts, neither does until the puppet has been asked.
      if (!('account' in session) || session.account.wxid !== heardOf) this.#leave()
      this.#looks.doubts.doubt({ login: wxid }, client)
    } else this.#believeLogin(wxid, client)
  }

  #believeLogin(wxid: ContactWxid, client: PuppetClient): void {
    if (this.#looks.doubts.endDoubt()) this.#forgetLogin()
    // Now, and not when the account has been read: by then the next one may be wanted.
    if (this.#presentAs() !== wxid) this.#deps.verifications.end('done')
    if (this.#deps.hearing.deaf) this.#unproved = wxid
    else this.#finish(this.#login(wxid, client))
  }

  /** Told late: of the account that was logged in before this one. */
  #isOfAnother({ wxid }: Logout): boolean {
    const ours = this.#heardOf() ?? this.#deps.standing.account?.wxid
    return wxid !== null && ours !== undefined && wxid !== ours && wxid !== this.#looks.doubts.doubtedLogin
  }

  #hearLogout(logout: Logout, client: PuppetClient): void {
    if (!this.orders.isLoggingOut) {
      this.#looks.doubts.doubtLogout(logout, client)
      return
    }
    // One that is wanted because of a logout may have been told of before it; one that an operator brought about ends it.
    this.#deps.verifications.end('over')
    this.#loseLogin(LOGGED_OUT_BY_OPERATOR)
    this.#starts.forgetGone()
  }

  #loseLogin(reason: string): void {
    this.#forgetLogin()
    if (this.#deps.standing.session.state !== 'logged-out') this.end(reason)
  }

  #hearScan(news: Scan, client: PuppetClient): void {
    if (this.#heardOf() === null && !this.#looks.doubts.doubtsLogout) this.#showCode(news)
    // How somebody got on with a code says nothing against a login that came of it.
    else if (news.progress === 'waiting') this.#looks.doubts.doubt({ scan: news }, client)
  }

  #showCode(news: Scan): void {
    const { clock, standing } = this.#deps
    const scanned = afterScan(standing.session, news, clock.now())
    if (!scanned) return
    if (scanned.isFresh) {
      this.#deps.verifications.end('over')
      this.#forgetLogin()
    }
    standing.moveTo(scanned.next)
  }

  /** Who is logged in, or about to be, as far as was heard. */
  #heardOf(): ContactWxid | null {
    const { session } = this.#deps.standing
    return (
      this.#unproved ?? this.#presentAs() ?? (session.state === 'wrong-account' ? session.account.wxid : null)
    )
  }

  #presentAs(): ContactWxid | null {
    return this.#present?.presence.aborted === false ? this.#present.wxid : null
  }

  /** The account is another one's to log in now: what was not heard of it, nobody will miss. */
  #forgetLogin(): void {
    const { clock, standing, hearing } = this.#deps
    this.#leave()
    this.#starts.logout()
    this.#unproved = null
    standing.tellHearing(hearing.endDeafness(clock.now()))
  }

  #finish(loggedIn: Promise<void>): void {
    loggedIn.catch(failure => this.#deps.standing.complain(failure, 'a login could not be finished'))
  }

  async #login(wxid: ContactWxid, client: PuppetClient): Promise<void> {
    const { bot, clock, duties, handlers, log, random, reconnectMs, standing } = this.#deps
    if (this.#presentAs() === wxid) return
    this.#leave()
    const presence = duties.enter()
    this.#present = { wxid, presence }
    const account = await readAccount(client, wxid, { clock, log, random, backOff: reconnectMs }, presence)
    if (typeof account === 'string') return this.#believeLogin(account, client)
    if (!account) return
    const isOurs = await keepAccount(account, presence, this.#deps)
    if (isOurs === null) return
    if (!isOurs) {
      this.#leave()
      return showWrongAccount(account, this.#deps)
    }
    standing.account = account
    const begun = this.#starts.login(wxid)
    standing.moveTo({ state: 'online', since: clock.now(), account })
    if (begun === 'start') duties.queueSync('login', signal => handlers.onLogin(bot, account, signal))
    else duties.queueResync(begun)
  }

  #leave(): void {
    this.#deps.duties.leave()
    this.forgetting.clear()
  }
}
