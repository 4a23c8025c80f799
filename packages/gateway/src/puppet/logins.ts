/**
 * Who is logged in through the present connection, and what is to be done for the bot because of it. A login makes it online and starts
 * a sync; a login of the same account after a loss starts a reconcile, because what happened in between was not heard. A
 * logout, or a code to scan, ends it; a code that is told of while an account is logged in may be late, and is looked into
 * first (`login-looks.ts`). The login of a deaf bot waits until it has proved that it hears.
 *
 * The account is logged out when an operator says so and never otherwise.
 */
import type { ContactWxid } from '@qunhub/wire'
import type { BotAccount, BotSession } from '../model/bot.ts'
import { MINUTE_MS, sleep } from '../system/clock.ts'
import { afterScan } from './after-scan.ts'
import { waitAfter } from './back-off.ts'
import type { BotDuties } from './bot-duties.ts'
import { contactThings, Forgetting } from './forgetting.ts'
import type { Hearing } from './hearing.ts'
import type { HostedBot, HostingDeps } from './hosted-bot.ts'
import { LOGIN_WAIT_MS, LoginLooks } from './login-looks.ts'
import type { PuppetClient } from './puppet-client.ts'
import type { PuppetNews } from './puppet-events.ts'
import { PuppetExcess, PuppetRefused, PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'
import { askAccount, askWhoIsLoggedIn, readAccount } from './read-account.ts'
import type { Standing } from './standing.ts'
import type { Verifications } from './verifications.ts'

const LOGGED_OUT_BY_OPERATOR = 'an operator logged it out'
/** Who logs in again within this time after its logout returns, and does not start (CB-1). */
const RETURN_MAX_MS = 10 * MINUTE_MS

/** What calls through an online bot need. */
export interface Presence {
  readonly client: PuppetClient
  readonly account: BotAccount
  readonly forgetting: Forgetting
}

type Scan = Extract<PuppetNews, { kind: 'scan' }>

export interface LoginsDeps
  extends Pick<HostingDeps, 'clock' | 'handlers' | 'log' | 'random' | 'reconnectMs'> {
  readonly bot: HostedBot
  readonly standing: Standing
  readonly hearing: Hearing
  readonly duties: BotDuties
  readonly verifications: Verifications
  /** Aborts when the bot is detached. */
  readonly detached: AbortSignal
}

export class Logins {
  readonly #deps: LoginsDeps
  readonly #forgetting = new Forgetting()
  readonly #looks: LoginLooks
  #client: PuppetClient | null = null
  /** The account whose start is over: its next login only needs a reconcile. */
  #startedAs: ContactWxid | null
  /** The account that had started and was logged out, by no operator, and when. */
  #gone: { readonly wxid: ContactWxid; readonly at: number } | null = null
  /** It was logged out for a moment, and what happened meanwhile is not found out yet. */
  #isReturning = false
  /** The login that made the bot present, or is about to. */
  #present: { readonly wxid: ContactWxid; readonly presence: AbortSignal } | null = null
  /** A login that waits for proof that the bot hears. */
  #unproved: ContactWxid | null = null
  #isLoggingOut = false
  #askedForLoginAt = -Infinity

  /** `starting`: its start is still to come, whoever it was. */
  constructor(deps: LoginsDeps, { starting }: { readonly starting: boolean }) {
    this.#deps = deps
    this.#startedAs = starting ? null : (deps.standing.account?.wxid ?? null)
    this.#looks = new LoginLooks({
      ...deps,
      isConnected: client => this.#client === client,
      heardOf: () => this.#heardOf(),
      findLogin: (wxid, client) => this.#hearLogin(wxid, client),
      believe: scan => this.#showCode(scan),
      loseLogin: reason => this.end(reason),
    })
  }

  get isStarting(): boolean {
    return this.#startedAs === null
  }

  online(): Presence {
    const { session } = this.#deps.standing
    if (session.state !== 'online') throw new PuppetUnavailable(`the bot is ${session.state}`)
    if (!this.#client) throw new PuppetUnavailable('the bot is detached')
    return { client: this.#client, account: session.account, forgetting: this.#forgetting }
  }

  /** What was to be done for the login of the account that is online is known: its next one only needs a reconcile. */
  endStart(): void {
    const { session } = this.#deps.standing
    if (session.state !== 'online' || this.#presentAs() !== session.account.wxid) return
    this.#startedAs = session.account.wxid
    this.#isReturning = false
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

  /** Tells the puppet to run, as every client does; one that runs already does nothing. */
  start(client: PuppetClient): void {
    client
      .start()
      .catch(failure => this.#deps.standing.complain(failure, 'the puppet did not answer to start'))
  }

  hear(news: PuppetNews, client: PuppetClient): void {
    const { standing, duties } = this.#deps
    const isOfAccount = news.kind !== 'hint' && news.kind !== 'verification' && news.kind !== 'ready'
    if (isOfAccount) this.#looks.hearOfAccount()
    switch (news.kind) {
      case 'hint':
        if (standing.session.state !== 'online') return
        if (news.stale && !this.#forgetting.isNews(news.stale)) return
        duties.hint(news.hint)
        return
      case 'verification':
        this.#deps.verifications.hear(news.asked)
        return
      case 'ready':
        duties.hurryLook()
        return
      case 'scan':
        this.#hearScan(news, client)
        return
      case 'logout':
        // One that is wanted because of this logout may have been told of before it; one that an operator brought about ends it.
        if (this.#isLoggingOut) this.#deps.verifications.end('over')
        this.#forgetLogin()
        if (this.#isLoggingOut) this.#gone = null
        if (standing.session.state === 'logged-out') return
        this.end(this.#isLoggingOut ? LOGGED_OUT_BY_OPERATOR : news.reason)
        return
      case 'login':
        this.#hearLogin(news.wxid, client)
        return
      default:
        news satisfies never
    }
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

  askForLogin(): void {
    const { clock, standing } = this.#deps
    const client = this.#client
    const now = clock.now()
    const isCodeOver = isOver(standing.session)
    // To begin anew would call off what somebody is about to confirm.
    if (this.#deps.verifications.pending) return
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

  /** Whether somebody has just accepted the account that is logged in, or it was missed. */
  lookForLogin(): void {
    if (this.#client) this.#looks.lookNow(this.#client)
  }

  /** Types in the code that WeCom has sent. What comes of it is an event. */
  async enterCode(code: string): Promise<void> {
    const { pending } = this.#deps.verifications
    if (!this.#client || pending?.by !== 'code') throw new PuppetUnavailable('no code is asked for')
    await this.#client.enterVerifyCode(pending.id, code)
  }

  async logOut(): Promise<void> {
    const { client, account } = this.#loggedIn()
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
    if (wxid === undefined || this.#client !== client)
      throw new PuppetTimeout('the puppet does not say who is logged in')
    this.end(LOGGED_OUT_BY_OPERATOR)
    this.#gone = null
  }

  async refreshAccount(): Promise<BotAccount | null> {
    const { standing } = this.#deps
    const { client, account } = this.online()
    try {
      const onHeard = await this.#forgetting.ask(client, contactThings([account.wxid]), { isKept: true })
      const fresh = await askAccount(client, account.wxid).finally(onHeard)
      if (standing.session.state !== 'online' || this.#client !== client) return null
      standing.account = fresh
      standing.amend({ ...standing.session, account: fresh })
      return fresh
    } catch (failure) {
      if (failure instanceof PuppetRefused || failure instanceof PuppetExcess) return null
      throw failure
    }
  }

  /** Whoever it is, for he may be there by mistake. */
  #loggedIn(): Pick<Presence, 'client' | 'account'> {
    const { session } = this.#deps.standing
    if (session.state !== 'wrong-account' || !this.#client) return this.online()
    return { client: this.#client, account: session.account }
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

  #hearLogin(wxid: ContactWxid, client: PuppetClient): void {
    // Now, and not when the account has been read: by then the next one may be wanted.
    if (this.#presentAs() !== wxid) this.#deps.verifications.end('done')
    if (this.#deps.hearing.deaf) this.#unproved = wxid
    else this.#finish(this.#login(wxid, client))
  }

  #hearScan(news: Scan, client: PuppetClient): void {
    if (this.#heardOf() === null) this.#showCode(news)
    // How somebody got on with a code says nothing against a login that came of it.
    else if (news.progress === 'waiting') this.#looks.doubt(news, client)
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
    if (this.#startedAs) this.#gone = { wxid: this.#startedAs, at: clock.now() }
    this.#startedAs = null
    this.#unproved = null
    standing.tellHearing(hearing.endDeafness(clock.now()))
  }

  #finish(loggedIn: Promise<void>): void {
    loggedIn.catch(failure => this.#deps.standing.complain(failure, 'a login could not be finished'))
  }

  async #login(wxid: ContactWxid, client: PuppetClient): Promise<void> {
    const { clock, duties, log, random, reconnectMs, standing } = this.#deps
    if (this.#presentAs() === wxid) return

    this.#leave()
    const presence = duties.enter()
    this.#present = { wxid, presence }
    const account = await readAccount(client, wxid, { clock, log, random, backOff: reconnectMs }, presence)
    if (!account) return
    const isOurs = await this.#tellAccount(account, presence)
    if (isOurs === null) return
    if (!isOurs) return this.#findWrong(account)

    standing.account = account
    if (this.#startedAs !== wxid && this.#hasJustGone(wxid)) {
      this.#startedAs = wxid
      this.#isReturning = true
    }
    this.#gone = null
    standing.moveTo({ state: 'online', since: clock.now(), account })
    if (this.#startedAs === wxid) duties.queueResync(this.#isReturning ? 'returned' : 'reconnected')
    else this.#queueSync(account)
  }

  #hasJustGone(wxid: ContactWxid): boolean {
    return this.#gone?.wxid === wxid && this.#deps.clock.now() - this.#gone.at < RETURN_MAX_MS
  }

  /** Nothing is done in its name: its rooms are not read, and those of the bot's own account stay as they are. */
  #findWrong(account: BotAccount): void {
    const { bot, clock, log, standing } = this.#deps
    this.#leave()
    const { session } = standing
    if (session.state === 'wrong-account' && session.account.wxid === account.wxid) {
      standing.amend({ ...session, account })
      return
    }
    const { id, workspaceId } = bot.bot
    log.warn(
      { bot: id, workspace: workspaceId, account: account.wxid },
      'another account than the one of this bot is logged in; it is not taken unless an operator accepts it',
    )
    const reason = `another account is logged in: ${account.userId}`
    standing.moveTo({ state: 'wrong-account', since: clock.now(), account, reason })
  }

  /**
   * The store must know whose rooms it keeps before anybody asks this bot for anything. Whether it is the bot's account; null
   * when it left meanwhile.
   */
  async #tellAccount(account: BotAccount, presence: AbortSignal): Promise<boolean | null> {
    const { bot, clock, handlers, random, reconnectMs, standing } = this.#deps
    for (let attempt = 1; !presence.aborted; attempt++) {
      try {
        const isOurs = await handlers.onAccount(bot, account, presence)
        return presence.aborted ? null : isOurs
      } catch (failure) {
        standing.complain(failure, 'an account could not be kept; it will be tried again')
      }
      await sleep(clock, waitAfter(attempt, reconnectMs, random), presence)
    }
    return null
  }

  #queueSync(account: BotAccount): void {
    const { bot, duties, handlers } = this.#deps
    this.#isReturning = false
    duties.queueSync('login', signal => handlers.onLogin(bot, account, signal))
  }

  #leave(): void {
    this.#deps.duties.leave()
    this.#forgetting.clear()
  }
}

/** Whether a code is shown that nobody can log in with any more. */
const isOver = (session: BotSession): boolean =>
  session.state === 'awaiting-scan' && (session.scan === 'timed-out' || session.scan === 'cancelled')
