/**
 * The connection of a bot. It connects, follows the puppet's events, and when the stream ends it waits a moment (`losses.ts`)
 * and connects anew on a fresh channel, for ever, until it is detached. A bot that hears nothing although it is connected is
 * deaf, and a login on its next stream counts only when it has proved that it hears (`hearing.ts`).
 */

import assert from 'node:assert/strict'
import type { FoundPuppet } from '../model/bot.ts'
import { isPrivateLink } from '../model/private-link.ts'
import { sleep } from '../system/clock.ts'
import type { BotDuties } from './bot-duties.ts'
import { followEvents, type StreamEnd, type StreamListener } from './event-stream.ts'
import { findPuppet } from './find-puppet.ts'
import { roomThings } from './forgetting.ts'
import type { Hearing } from './hearing.ts'
import type { HostedBot, HostingDeps } from './hosted-bot.ts'
import type { Logins } from './login/logins.ts'
import type { Verifications } from './login/verifications.ts'
import type { Losses } from './losses.ts'
import { openPuppetClient, type PuppetClient, type PuppetClientSettings } from './puppet-client.ts'
import type { PuppetNews } from './puppet-events.ts'
import type { Standing } from './standing.ts'

export interface ConnectingDeps
  extends Pick<HostingDeps, 'callDeadlineMs' | 'clock' | 'handlers' | 'puppetCa'> {
  readonly bot: HostedBot
  readonly standing: Standing
  readonly duties: BotDuties
  readonly verifications: Verifications
  readonly hearing: Hearing
  readonly logins: Logins
  readonly losses: Losses
  /** Aborts when the bot is detached. */
  readonly detached: AbortSignal
  /** Whoever ran the bot before may have left a stream of ours. */
  readonly hadStream: boolean
}

export class Connecting {
  readonly #deps: ConnectingDeps
  /** The present stream has brought data, or the last one had. */
  #hasOpened = false
  #lastSeq = 0
  #warnedOf: string | null = null

  constructor(deps: ConnectingDeps) {
    this.#deps = deps
  }

  /** The number of the last event that the puppet told. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  get heardAt(): number | null {
    return this.#deps.hearing.heardAt
  }

  async untilDetached(): Promise<void> {
    const { clock, detached, hadStream, losses, standing } = this.#deps
    if (detached.aborted) return
    if (hadStream) losses.inheritStream()
    standing.moveTo({ state: 'connecting', since: clock.now() })
    while (!detached.aborted) {
      const ended = await this.#connectOnce()
      if (ended.kind === 'stopped') return
      await sleep(clock, losses.after(ended, this.#hasOpened), detached)
    }
  }

  async #connectOnce(): Promise<StreamEnd> {
    const { bot, callDeadlineMs, puppetCa, detached: signal } = this.#deps
    const found = await findPuppet(bot.bot.address, { deadlineMs: callDeadlineMs, signal })
    if (signal.aborted) return { kind: 'stopped' }
    if (!found.puppet) return { kind: 'lost', reason: found.reason }
    this.#warnOfPlainText(found.puppet)
    const client = openClient(found.puppet, { deadlineMs: callDeadlineMs, ca: puppetCa })
    if (!client) return { kind: 'lost', reason: 'the endpoint is no address' }
    return this.#follow(client)
  }

  /** Hears what the puppet says until the stream ends. */
  async #follow(client: PuppetClient): Promise<StreamEnd> {
    const { clock, detached: signal, hearing, logins, losses, standing } = this.#deps
    logins.connect(client)
    this.#hasOpened = false
    hearing.beginStream()
    if (hearing.startsAgain) logins.orders.start(client)
    let callOffLogin = () => {}
    const since = { seq: this.#lastSeq, accountId: standing.account?.wxid ?? '' }
    const listener: StreamListener = {
      onOpen: () => {
        this.#hasOpened = true
        if (!hearing.deaf) losses.forget()
        callOffLogin = logins.awaitLogin(client)
        logins.orders.start(client)
      },
      onHeard: dong => this.#hearSomething(dong, client),
      onSeq: seq => {
        this.#lastSeq = seq
      },
      onNews: news => this.#hearNews(news, client),
      onGarbled: () => standing.complain(undefined, 'an event could not be read; passed over'),
    }
    try {
      return await followEvents(client, since, {
        clock,
        signal,
        listener,
        hearing: {
          shouldHear: () => standing.session.state === 'online' || hearing.deaf !== null,
          mustProve: () => hearing.deaf !== null,
          answersDings: () => hearing.answersDings,
        },
      })
    } finally {
      callOffLogin()
      logins.disconnect()
      client.close({ abandoned: signal.aborted })
    }
  }

  #hearNews(news: PuppetNews, client: PuppetClient): void {
    const { duties, logins, verifications } = this.#deps
    if (news.kind === 'ready') duties.hurryLook()
    else if (news.kind === 'verification') verifications.hear(news.asked)
    else if (news.kind !== 'hint') logins.hear(news, client)
    else this.#hearHint(news)
  }

  #hearHint({ hint, stale }: Extract<PuppetNews, { kind: 'hint' }>): void {
    const { duties, logins, standing } = this.#deps
    if (!stale && hint.kind === 'room-changed') logins.forgetting.noteChanged(roomThings(hint.roomWxid))
    if (standing.session.state !== 'online') return
    if (!stale || logins.forgetting.isNews(stale)) duties.hint(hint)
  }

  #hearSomething(dong: boolean, client: PuppetClient): void {
    const { bot, clock, handlers, hearing, logins, losses, standing } = this.#deps
    if (dong && !hearing.answersDings) {
      hearing.answersDings = true
      handlers
        .onDingAnswered?.(bot)
        .catch(failure => standing.complain(failure, 'that a puppet answers dings could not be kept'))
    }
    const news = hearing.hear(clock.now())
    if (!news) return
    losses.forget()
    standing.tellHearing(news)
    logins.release(client)
  }

  /** Once for each endpoint: rooms, names and the token itself can be read on the way. */
  #warnOfPlainText({ endpoint, tls }: FoundPuppet): void {
    if (tls || isPrivateLink(endpoint) || this.#warnedOf === endpoint) return
    this.#warnedOf = endpoint
    this.#deps.standing.complain(
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
