/**
 * The life of a hosted bot. It connects, follows the puppet's events, and when the stream ends it waits a moment (see
 * `losses.ts`) and connects anew on a fresh channel, for ever, until it is detached. What is told of its account makes it
 * online or ends that: see `logins.ts`. A bot that hears nothing although it is connected is deaf, and a login on its next
 * stream counts only when it has proved that it hears: see `hearing.ts`.
 *
 * Detaching never logs the account out: it frees the puppet's stream slot and closes the channel.
 */
import assert from 'node:assert/strict'
import type { RoomWxid } from '@qunhub/wire'
import {
  type BotAccount,
  type BotPast,
  type BotSession,
  type ClaimedBot,
  type FoundPuppet,
  mayLeaveStream,
} from '../model/bot.ts'
import { sleep } from '../model/clock.ts'
import { isPrivateLink } from '../model/private-link.ts'
import type { Verification } from '../model/verification.ts'
import { BotDuties } from './bot-duties.ts'
import { followEvents, type StreamEnd, type StreamListener } from './event-stream.ts'
import { findPuppet } from './find-puppet.ts'
import { Hearing } from './hearing.ts'
import type { HostedBot, HostingDeps } from './hosted-bot.ts'
import { Logins, type Presence } from './logins.ts'
import { Losses } from './losses.ts'
import { openPuppetClient, type PuppetClient, type PuppetClientSettings } from './puppet-client.ts'
import { Standing } from './standing.ts'
import { Verifications } from './verifications.ts'

export class BotLife {
  readonly #past: BotPast
  readonly #bot: HostedBot
  readonly #deps: HostingDeps
  readonly #detached = new AbortController()
  readonly #hearing: Hearing
  readonly #duties: BotDuties
  readonly #standing: Standing
  readonly #verifications: Verifications
  readonly #logins: Logins
  readonly #losses: Losses
  #lived: Promise<void> = Promise.resolve()
  /** The present stream has brought data, or the last one had. */
  #hasOpened = false
  #lastSeq = 0
  #warnedOf: string | null = null

  /** A bot that only changed its node goes on where its last owner stopped: its first sync is done. */
  constructor(bot: HostedBot, deps: HostingDeps, { starting, past }: Pick<ClaimedBot, 'starting' | 'past'>) {
    this.#past = past
    this.#hearing = new Hearing(past)
    this.#bot = bot
    this.#deps = deps
    this.#duties = new BotDuties(bot, deps)
    this.#standing = new Standing(bot, deps)
    const parts = { ...deps, standing: this.#standing, hearing: this.#hearing }
    const { signal: detached } = this.#detached
    const verifications = new Verifications({
      clock: deps.clock,
      tell: news => this.#standing.tellVerification(news),
    })
    this.#verifications = verifications
    const logins = new Logins({ ...parts, bot, duties: this.#duties, verifications, detached }, { starting })
    this.#logins = logins
    this.#losses = new Losses({ ...parts, endLogin: reason => logins.end(reason) })
  }

  get session(): BotSession {
    return this.#standing.session
  }

  get verification(): Verification | null {
    return this.#verifications.current
  }

  get account(): BotAccount | null {
    return this.#standing.account
  }

  /** What whoever runs the bot next should know of its connection. */
  get past(): BotPast {
    const { state } = this.session
    const { answersDings, deaf } = this.#hearing
    const hadStream = state === 'new' ? this.#past.hadStream : mayLeaveStream(state)
    return { hadStream, answersDings, deafSince: deaf?.since ?? null }
  }

  get isStarting(): boolean {
    return this.#logins.isStarting
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  online(): Presence {
    return this.#logins.online()
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

  waitNoLonger(): void {
    this.#logins.waitNoLonger()
  }

  askForLogin(): void {
    this.#logins.askForLogin()
  }

  lookForLogin(): void {
    this.#logins.lookForLogin()
  }

  enterCode(code: string): Promise<void> {
    return this.#logins.enterCode(code)
  }

  logOut(): Promise<void> {
    return this.#logins.logOut()
  }

  refreshAccount(): Promise<BotAccount | null> {
    return this.#logins.refreshAccount()
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

  lookAgain(withinMs: number): void {
    this.#duties.lookAgain(withinMs)
  }

  hurryLook(): void {
    this.#duties.hurryLook()
  }

  endStart(): void {
    this.#logins.endStart()
  }

  async #live(): Promise<void> {
    if (this.#detached.signal.aborted) return
    if (this.#past.hadStream) this.#losses.inheritStream()
    this.#standing.moveTo({ state: 'connecting', since: this.#deps.clock.now() })
    while (!this.#detached.signal.aborted) {
      const ended = await this.#connectOnce()
      if (ended.kind === 'stopped') return
      await sleep(this.#deps.clock, this.#losses.after(ended, this.#hasOpened), this.#detached.signal)
    }
  }

  async #connectOnce(): Promise<StreamEnd> {
    const { callDeadlineMs, puppetCa } = this.#deps
    const signal = this.#detached.signal
    const found = await findPuppet(this.#bot.bot.address, { deadlineMs: callDeadlineMs, signal })
    if (signal.aborted) return { kind: 'stopped' }
    if (!found.puppet) return { kind: 'lost', reason: found.reason }
    this.#warnOfPlainText(found.puppet)
    const client = openClient(found.puppet, { deadlineMs: callDeadlineMs, ca: puppetCa })
    if (!client) return { kind: 'lost', reason: 'the endpoint is no address' }
    return this.#follow(client)
  }

  /** Hears what the puppet says until the stream ends. */
  async #follow(client: PuppetClient): Promise<StreamEnd> {
    const { clock } = this.#deps
    const signal = this.#detached.signal
    this.#logins.connect(client)
    this.#hasOpened = false
    this.#hearing.beginStream()
    if (this.#hearing.startsAgain) this.#logins.start(client)
    let callOffLogin = () => {}
    const since = { seq: this.#lastSeq, accountId: this.account?.wxid ?? '' }
    const listener: StreamListener = {
      onOpen: () => {
        this.#hasOpened = true
        if (!this.#hearing.deaf) this.#losses.forget()
        callOffLogin = this.#logins.awaitLogin(client)
        this.#logins.start(client)
      },
      onHeard: dong => this.#hearSomething(dong, client),
      onSeq: seq => {
        this.#lastSeq = seq
      },
      onNews: news => this.#logins.hear(news, client),
      onGarbled: () => this.#standing.complain(undefined, 'an event could not be read; passed over'),
    }
    try {
      return await followEvents(client, since, {
        clock,
        signal,
        listener,
        hearing: {
          shouldHear: () => this.session.state === 'online' || this.#hearing.deaf !== null,
          mustProve: () => this.#hearing.deaf !== null,
          answersDings: () => this.#hearing.answersDings,
        },
      })
    } finally {
      callOffLogin()
      this.#logins.disconnect()
      client.close({ abandoned: signal.aborted })
    }
  }

  #hearSomething(dong: boolean, client: PuppetClient): void {
    if (dong && !this.#hearing.answersDings) {
      this.#hearing.answersDings = true
      this.#deps.handlers
        .onDingAnswered?.(this.#bot)
        .catch(failure => this.#standing.complain(failure, 'that a puppet answers dings could not be kept'))
    }
    const news = this.#hearing.hear(this.#deps.clock.now())
    if (!news) return
    this.#losses.forget()
    this.#standing.tellHearing(news)
    this.#logins.release(client)
  }

  /** Once for each endpoint: rooms, names and the token itself can be read on the way. */
  #warnOfPlainText({ endpoint, tls }: FoundPuppet): void {
    if (tls || isPrivateLink(endpoint) || this.#warnedOf === endpoint) return
    this.#warnedOf = endpoint
    this.#standing.complain(
      undefined,
      'the puppet is reached in plain text over a network that is not private: use TLS',
    )
  }
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
