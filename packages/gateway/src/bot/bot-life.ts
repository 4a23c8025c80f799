/**
 * The life of a hosted bot. It connects, follows the puppet's events, and when the stream ends it waits a moment and
 * connects anew on a fresh channel, for ever, until it is detached. A login makes it online and starts a sync; a login
 * after a loss starts a reconcile, because what happened in between was not heard. A puppet that is connected but tells
 * of no login within LOGIN_WAIT_MS is asked who is logged in. A bot that hears nothing although it is connected is deaf,
 * and a login on its next stream counts only when it has proved that it hears: see `hearing.ts`.
 *
 * Detaching never logs the account out: it frees the puppet's stream slot and closes the channel.
 */
import assert from 'node:assert/strict'
import { ContactWxid, type RoomWxid } from '@qunhub/wire'
import {
  type BotAccount,
  type BotMove,
  type BotSession,
  type Deafness,
  factsOf,
  type FoundPuppet,
  isLoggedIn,
} from '../model/bot.ts'
import { SECOND_MS, sleep } from '../model/clock.ts'
import { waitAfter } from './back-off.ts'
import { isPrivateLink } from '../model/private-link.ts'
import { BotDuties } from './bot-duties.ts'
import { findPuppet } from './find-puppet.ts'
import { followEvents, type StreamEnd } from './event-stream.ts'
import { ForgottenRooms } from './forgotten-rooms.ts'
import { Hearing, type HearingNews } from './hearing.ts'
import type { HostedBot, HostingDeps } from './hosted-bot.ts'
import { openPuppetClient, type PuppetClient, type PuppetClientSettings } from './puppet-client.ts'
import type { PuppetNews } from './puppet-events.ts'
import { PuppetRefused, PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'
import { askAccount, readAccount } from './read-account.ts'
import { move } from './session.ts'

/** After so many failed tries, or so long, the bot is called offline; it keeps trying. */
const TRIES_BEFORE_OFFLINE = 10
const LOST_BEFORE_OFFLINE_MS = 93 * SECOND_MS
/** Somebody else holds the puppet, or it does not want our token: looking again soon would not help. */
const HOPELESS_RETRY_MS = 30 * SECOND_MS
const LOGIN_WAIT_MS = 10 * SECOND_MS
const LOGGED_OUT_BY_OPERATOR = 'an operator logged it out'

/** What calls through an online bot need. */
interface Presence {
  readonly client: PuppetClient
  readonly account: BotAccount
  readonly forgotten: ForgottenRooms
}

export class BotLife {
  readonly #bot: HostedBot
  readonly #deps: HostingDeps
  readonly #duties: BotDuties
  readonly #forgotten = new ForgottenRooms()
  readonly #detached = new AbortController()
  readonly #hearing = new Hearing()
  #session: BotSession = { state: 'new' }
  #account: BotAccount | null
  #client: PuppetClient | null = null
  /** The account whose first sync is done: its next login only needs a reconcile. */
  #syncedAs: ContactWxid | null = null
  /** A login that waits for proof that the bot hears. */
  #heldLogin: ContactWxid | null = null
  /** The present stream has brought data, or the last one had. */
  #hasOpened = false
  #lastSeq = 0
  #warnedOf: string | null = null
  #failedTries = 0
  #lostAt: number | null = null
  #lived: Promise<void> = Promise.resolve()
  #isLoggingOut = false
  /** Whether this connection has told how the account stands: what an earlier one told may be over. */
  #hasHeardOfAccount = false
  #askedForLoginAt = -Infinity

  /** A bot that only changed its node goes on where its last owner stopped: its first sync is done. */
  constructor(bot: HostedBot, deps: HostingDeps, { starting }: { starting: boolean }) {
    this.#bot = bot
    this.#deps = deps
    this.#account = bot.bot.account
    if (!starting) this.#syncedAs = this.#account?.wxid ?? null
    this.#duties = new BotDuties(bot, deps)
  }

  get session(): BotSession {
    return this.#session
  }

  get account(): BotAccount | null {
    return this.#account
  }

  get isStarting(): boolean {
    return this.#syncedAs === null
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  online(): Presence {
    if (this.#session.state !== 'online') throw new PuppetUnavailable(`the bot is ${this.#session.state}`)
    if (!this.#client) throw new PuppetUnavailable('the bot is detached')
    return { client: this.#client, account: this.#session.account, forgotten: this.#forgotten }
  }

  start(delayMs: number): void {
    const { clock } = this.#deps
    const itsTurn = delayMs > 0 ? sleep(clock, delayMs, this.#detached.signal) : Promise.resolve()
    this.#lived = itsTurn.then(() => this.#live())
  }

  async detach(): Promise<void> {
    this.#detached.abort()
    this.#duties.leave()
    await this.#lived
    await this.#duties.idle()
    await this.#deps.teller.idle()
  }

  async sync(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.online()
    await this.#duties.sync(run)
  }

  askForLogin(): void {
    const client = this.#client
    const now = this.#deps.clock.now()
    if (!client || this.#session.state !== 'logged-out') return
    if (now - this.#askedForLoginAt < LOGIN_WAIT_MS) return
    this.#askedForLoginAt = now
    client.start().catch(failure => this.#complain(failure, 'the puppet did not answer to start'))
  }

  async logOut(): Promise<void> {
    const { client, account } = this.online()
    this.#isLoggingOut = true
    try {
      await client.logout()
    } catch (failure) {
      // It may have happened all the same: look before saying so.
      this.#complain(failure, 'the puppet did not say that it logged the account out')
    } finally {
      this.#isLoggingOut = false
    }
    if (this.#hasLeft(account)) return

    const wxid = await this.#whoIsLoggedIn(client)
    if (this.#hasLeft(account)) return
    if (wxid === account.wxid) throw new PuppetRefused('the account is still logged in')
    if (wxid === undefined || this.#client !== client)
      throw new PuppetTimeout('the puppet does not say who is logged in')
    this.#endLogin(LOGGED_OUT_BY_OPERATOR)
  }

  /** The puppet has told that the account is logged out, or that another one is in its place. */
  #hasLeft({ wxid }: BotAccount): boolean {
    const session = this.#session
    if (session.state === 'online') return session.account.wxid !== wxid
    return session.state === 'logged-out' || session.state === 'awaiting-scan'
  }

  keepTurn(): Promise<void> {
    return this.#duties.keepTurn()
  }

  hasHintOf(room: RoomWxid): boolean {
    return this.#duties.hasHintOf(room)
  }

  lookLater(room: RoomWxid): void {
    this.#duties.lookLater(room)
  }

  async #live(): Promise<void> {
    if (this.#detached.signal.aborted) return
    this.#moveTo({ state: 'connecting', since: this.#deps.clock.now() })
    while (!this.#detached.signal.aborted) {
      const ended = await this.#connectOnce()
      if (ended.kind === 'stopped') return
      await sleep(this.#deps.clock, this.#afterLoss(ended), this.#detached.signal)
    }
  }

  async #connectOnce(): Promise<StreamEnd> {
    const { clock, callDeadlineMs, puppetCa } = this.#deps
    const signal = this.#detached.signal
    const found = await findPuppet(this.#bot.bot.address, { deadlineMs: callDeadlineMs, signal })
    if (signal.aborted) return { kind: 'stopped' }
    if (!found.puppet) return { kind: 'lost', reason: found.reason }
    this.#warnOfPlainText(found.puppet)
    const client = openClient(found.puppet, { deadlineMs: callDeadlineMs, ca: puppetCa })
    if (!client) return { kind: 'lost', reason: 'the endpoint is no address' }

    this.#client = client
    this.#heldLogin = null
    this.#hasOpened = false
    this.#hearing.beginStream()
    const start = () =>
      client.start().catch(failure => this.#complain(failure, 'the puppet did not answer to start'))
    if (this.#hearing.startsAgain) start()
    let callOffLogin = () => {}
    const since = { seq: this.#lastSeq, accountId: this.#account?.wxid ?? '' }
    const listener = {
      onOpen: () => {
        this.#hasHeardOfAccount = false
        this.#hasOpened = true
        if (!this.#hearing.deaf) this.#forgetLosses()
        callOffLogin = clock.after(LOGIN_WAIT_MS, () => {
          this.#missLogin(client).catch(failure => this.#complain(failure, 'a login could not be looked for'))
        })
        // Tells the puppet to run, as every client does; one that runs already does nothing.
        start()
      },
      onHeard: (dong: boolean) => this.#hearSomething(dong, client),
      onSeq: (seq: number) => {
        this.#lastSeq = seq
      },
      onNews: (news: PuppetNews) => this.#hear(news, client),
      onGarbled: () => this.#complain(undefined, 'an event could not be read; passed over'),
    }
    try {
      return await followEvents(client, since, {
        clock,
        signal: this.#detached.signal,
        listener,
        hearing: {
          shouldHear: () => this.#session.state === 'online' || this.#hearing.deaf !== null,
          mustProve: () => this.#hearing.deaf !== null,
          answersDings: () => this.#hearing.answersDings,
        },
      })
    } finally {
      callOffLogin()
      this.#leave()
      this.#client = null
      client.close({ abandoned: this.#detached.signal.aborted })
    }
  }

  /** Once for each endpoint: rooms, names and the token itself can be read on the way. */
  #warnOfPlainText({ endpoint, tls }: FoundPuppet): void {
    if (tls || isPrivateLink(endpoint) || this.#warnedOf === endpoint) return
    this.#warnedOf = endpoint
    this.#complain(
      undefined,
      'the puppet is reached in plain text over a network that is not private: use TLS',
    )
  }

  /**
   * Not every puppet repeats its login to a client that comes back: look before saying that it is logged out. Only an
   * answer counts; a puppet that does not answer in time is asked again.
   */
  async #missLogin(client: PuppetClient): Promise<void> {
    const { clock } = this.#deps
    for (;;) {
      // While it is deaf nobody asks; hearing again does.
      if (this.#client !== client || !this.#awaitsLogin() || this.#hearing.deaf) return
      const wxid = await this.#whoIsLoggedIn(client)
      if (this.#client !== client || !this.#awaitsLogin()) return

      if (wxid) return this.#login(wxid, client)
      if (wxid === null) break
      await sleep(clock, LOGIN_WAIT_MS, this.#detached.signal)
    }
    if (this.#session.state === 'logged-out') return
    // No reason to tell of all rooms again: a puppet that has just started may log in a little later than others.
    const reason = 'the puppet is connected but not logged in'
    this.#moveTo({ state: 'logged-out', since: clock.now(), reason })
  }

  /** Null: nobody. Undefined: the puppet did not say. */
  async #whoIsLoggedIn(client: PuppetClient): Promise<ContactWxid | null | undefined> {
    try {
      return ContactWxid.safeParse(await client.currentUser()).data ?? null
    } catch (failure) {
      this.#complain(failure, 'nobody could be told who is logged in')
      // Stock servers refuse the question while nobody is.
      return failure instanceof PuppetRefused ? null : undefined
    }
  }

  #awaitsLogin(): boolean {
    const { state } = this.#session
    if (state === 'awaiting-scan' || state === 'logged-out') return !this.#hasHeardOfAccount
    return state === 'connecting' || state === 'reconnecting' || state === 'offline' || state === 'occupied'
  }

  /** Says what the loss means and returns how long to wait before the next try. */
  #afterLoss(ended: Exclude<StreamEnd, { kind: 'stopped' }>): number {
    const now = this.#deps.clock.now()
    switch (ended.kind) {
      case 'occupied':
        this.#findOccupied(now)
        return HOPELESS_RETRY_MS
      case 'token-refused':
        this.#goOffline('the puppet refused the token')
        return HOPELESS_RETRY_MS
      case 'lost': {
        const attempt = ++this.#failedTries
        this.#lostAt ??= now
        const waitMs = this.#waitAfter(ended, attempt, now)
        const deaf = this.#hearing.deaf
        const isLasting = attempt >= TRIES_BEFORE_OFFLINE || now - this.#lostAt >= LOST_BEFORE_OFFLINE_MS
        // Waiting for a scan, or logged out, is the truth about the account whether or not the puppet is reachable.
        const isKnown = this.#account !== null && !isLoggedIn(this.#session, this.#account)
        const { reason } = ended
        // Nobody hears any more whether its code is still good.
        if (isKnown && this.#session.state === 'awaiting-scan') this.#endLogin(reason)
        if (!isKnown && isLasting) this.#goOffline(reason, deaf)
        else if (!isKnown)
          this.#moveTo({
            state: 'reconnecting',
            since: this.#lostAt,
            attempt,
            reason,
            nextTryAt: now + waitMs,
            ...(deaf && { deaf }),
          })
        return waitMs
      }
      default:
        return ended satisfies never
    }
  }

  /** A bot that stays occupied is not news either; only the time of its next try moves on. */
  #findOccupied(now: number): void {
    const nextTryAt = now + HOPELESS_RETRY_MS
    if (this.#session.state === 'occupied') this.#session = { ...this.#session, nextTryAt }
    else this.#moveTo({ state: 'occupied', since: now, nextTryAt })
  }

  /** A bot that stays offline for the same reason is not news, although it is tried every few seconds. */
  #goOffline(reason: string, deaf: Deafness | null = null): void {
    const { session } = this
    const isKnown = session.state === 'offline' && session.reason === reason
    const offline = { state: 'offline', reason, ...(deaf && { deaf }) } as const
    if (isKnown) this.#session = { ...offline, since: session.since }
    else this.#moveTo({ ...offline, since: this.#deps.clock.now() })
  }

  #forgetLosses(): void {
    this.#failedTries = 0
    this.#lostAt = null
  }

  /** How long to wait after a loss; finds out whether it was deafness, and how far its recovery has come. */
  #waitAfter({ unheardSince }: Extract<StreamEnd, { kind: 'lost' }>, attempt: number, now: number): number {
    const { reconnectMs, random } = this.#deps
    const isDeaf = unheardSince !== undefined && (this.#session.state === 'online' || this.#hearing.deaf)
    if (isDeaf) this.#tellHearing(this.#hearing.fail(unheardSince, now))
    // One that is away or frozen is soon looked for again, deaf or not: it may be on its way back.
    return isDeaf && this.#hasOpened
      ? this.#hearing.waitMs(attempt, reconnectMs, random)
      : waitAfter(attempt, reconnectMs, random)
  }

  #hearSomething(dong: boolean, client: PuppetClient): void {
    if (dong) this.#hearing.answersDings = true
    const news = this.#hearing.hear(this.#deps.clock.now())
    if (!news) return
    this.#forgetLosses()
    this.#tellHearing(news)
    const loggedIn = this.#heldLogin ? this.#login(this.#heldLogin, client) : this.#missLogin(client)
    this.#heldLogin = null
    loggedIn.catch(failure => this.#complain(failure, 'a login could not be finished'))
  }

  #tellHearing(news: HearingNews | null): void {
    if (!news) return
    const { id, workspaceId } = this.#bot.bot
    const { stage, since } = news.deaf
    const facts = { bot: id, workspace: workspaceId, stage, deafForMs: this.#deps.clock.now() - since }
    this.#deps.log[news.kind === 'hears-again' ? 'info' : 'warn'](facts, SENTENCES[news.kind])
    this.#deps.handlers.onHearing?.(this.#bot, news)
  }

  #hear(news: PuppetNews, client: PuppetClient): void {
    if (news.kind !== 'hint') this.#hasHeardOfAccount = true
    switch (news.kind) {
      case 'hint':
        if (this.#session.state !== 'online') return
        if (news.hint.kind === 'room-changed' && news.hint.why === 'dirty')
          this.#forgotten.note(news.hint.roomWxid)
        this.#duties.hint(news.hint)
        return
      case 'scan':
        this.#hearScan(news)
        return
      case 'logout':
        this.#forgetLogin()
        if (this.#session.state === 'logged-out') return
        this.#endLogin(this.#isLoggingOut ? LOGGED_OUT_BY_OPERATOR : news.reason)
        return
      case 'login':
        if (this.#hearing.deaf) {
          this.#heldLogin = news.wxid
          return
        }
        this.#login(news.wxid, client).catch(failure =>
          this.#complain(failure, 'a login could not be finished'),
        )
        return
      default:
        news satisfies never
    }
  }

  /** The account is another one's to log in now: what was not heard of it, nobody will miss. */
  #forgetLogin(): void {
    this.#leave()
    this.#syncedAs = null
    this.#heldLogin = null
    this.#tellHearing(this.#hearing.endDeafness(this.#deps.clock.now()))
  }

  #endLogin(reason: string): void {
    this.#forgetLogin()
    this.#moveTo({ state: 'logged-out', since: this.#deps.clock.now(), reason })
  }

  /** A fresh code, or how far somebody has come with the one that is shown; told twice, it is no news. */
  #hearScan({ qrcode, progress }: Extract<PuppetNews, { kind: 'scan' }>): void {
    const now = this.#deps.clock.now()
    const shown = this.#session.state === 'awaiting-scan' ? this.#session : null
    // Events come late: how somebody got on with a code says nothing against a login that came of it.
    if (this.#session.state === 'online' && progress !== 'waiting') return
    const code = qrcode || shown?.qrcode
    const isKnown = shown?.qrcode === code
    if (!code || (isKnown && shown?.scan === progress)) return

    if (!isKnown) this.#forgetLogin()
    const givenAt = isKnown && shown ? shown.givenAt : now
    this.#moveTo({
      state: 'awaiting-scan',
      since: shown?.since ?? now,
      qrcode: code,
      givenAt,
      scan: progress,
    })
  }

  async #login(wxid: ContactWxid, client: PuppetClient): Promise<void> {
    const isRepeated = this.#session.state === 'online' && this.#session.account.wxid === wxid
    if (isRepeated) return

    this.#leave()
    const presence = this.#duties.enter()
    const account = await readAccount(
      client,
      wxid,
      { ...this.#deps, backOff: this.#deps.reconnectMs },
      presence,
    )
    if (!account || !(await this.#tellAccount(account, presence))) return

    this.#account = account
    this.#moveTo({ state: 'online', since: this.#deps.clock.now(), account })
    if (this.#syncedAs === wxid) this.#duties.oweResync('reconnected')
    else this.#oweSync(account)
  }

  /** The store must know whose rooms it keeps before anybody asks this bot for anything; false when it left meanwhile. */
  async #tellAccount(account: BotAccount, presence: AbortSignal): Promise<boolean> {
    const { clock, handlers, random, reconnectMs } = this.#deps
    for (let attempt = 1; !presence.aborted; attempt++) {
      try {
        await handlers.onAccount(this.#bot, account, presence)
        return !presence.aborted
      } catch (failure) {
        this.#complain(failure, 'an account could not be kept; it will be tried again')
      }
      await sleep(clock, waitAfter(attempt, reconnectMs, random), presence)
    }
    return false
  }

  async refreshAccount(): Promise<BotAccount | null> {
    const { client, account } = this.online()
    try {
      const fresh = await askAccount(client, account.wxid)
      if (this.#session.state !== 'online' || this.#client !== client) return null
      this.#account = fresh
      this.#session = { ...this.#session, account: fresh }
      return fresh
    } catch (failure) {
      if (failure instanceof PuppetRefused) return null
      throw failure
    }
  }

  #oweSync(account: BotAccount): void {
    this.#duties.owe('login', async signal => {
      await this.#deps.handlers.onLogin(this.#bot, account, signal)
      if (!signal.aborted) this.#syncedAs = account.wxid
    })
  }

  #leave(): void {
    this.#duties.leave()
    this.#forgotten.clear()
  }

  #moveTo(session: BotSession): void {
    const { clock, log, meter, nextSeq, teller } = this.#deps
    const from = this.#session.state
    this.#session = move(this.#session, session)
    const { id, workspaceId } = this.#bot.bot
    const { attempt, scan, reason } = factsOf(session)
    log.info(
      {
        ...{ bot: id, workspace: workspaceId, from, state: session.state },
        ...(attempt === null ? {} : { attempt }),
        ...(scan === null ? {} : { scan }),
        // Why an account was logged out is in the puppet's words, which may be about people.
        ...(reason === '' || session.state === 'logged-out' ? {} : { reason }),
      },
      'bot changed its state',
    )
    meter.moved(from, session.state)
    const made = { from, to: session, at: clock.now(), seq: nextSeq(), missed: 0 }
    teller.add(made, each => this.#tell(each))
  }

  async #tell(move: BotMove): Promise<void> {
    try {
      await this.#deps.handlers.onSession(this.#bot, move.to, move)
    } catch (failure) {
      this.#complain(failure, 'a state could not be told')
    }
  }

  #complain(failure: unknown, sentence: string): void {
    const { id, workspaceId } = this.#bot.bot
    this.#deps.log.warn({ bot: id, workspace: workspaceId, err: failure }, sentence)
  }
}

const SENTENCES: Readonly<Record<HearingNews['kind'], string>> = {
  deaf: 'a bot is deaf: it is connected, and no events come; it is not online until it hears again',
  'next-stage': 'a bot is still deaf; its recovery goes on to the next stage',
  'hears-again': 'a bot that was deaf hears again',
}

/** Null when the library cannot even read the address; it says so by throwing. */
const openClient = (puppet: FoundPuppet, settings: PuppetClientSettings): PuppetClient | null => {
  try {
    return openPuppetClient(puppet, settings)
  } catch (error) {
    assert(error instanceof Error)
    return null
  }
}
