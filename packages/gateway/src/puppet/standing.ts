/**
 * How a bot stands, and telling of it. Each move is a line in the log, a count, and a row for whoever keeps them; facts
 * that change within a state are none. Found deaf, or hearing again, is told likewise.
 */
import assert from 'node:assert/strict'
import { type BotAccount, type BotMove, type BotSession, factsOf } from '../model/bot.ts'
import type { VerificationNews } from '../model/verification.ts'
import type { HearingNews } from './hearing.ts'
import type { HostedBot, HostingDeps } from './hosted-bot.ts'
import { move } from './session.ts'

export class Standing {
  readonly #bot: HostedBot
  readonly #deps: HostingDeps
  #session: BotSession = { state: 'new' }
  /** Who it was at its last login, in this process or an earlier one. */
  account: BotAccount | null

  constructor(bot: HostedBot, deps: HostingDeps) {
    this.#bot = bot
    this.#deps = deps
    this.account = bot.bot.account
  }

  get session(): BotSession {
    return this.#session
  }

  moveTo(session: BotSession): void {
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
        // Why an account was logged out is in the puppet's words, which may be about people; so is whose place another takes.
        ...(reason === '' || session.state === 'logged-out' || session.state === 'wrong-account'
          ? {}
          : { reason }),
      },
      'bot changed its state',
    )
    meter.moved(from, session.state)
    const made = { from, to: session, at: clock.now(), seq: nextSeq(), missed: 0 }
    teller.add(made, each => this.#tell(each))
  }

  /** The same state with facts that are no news: when the next try is, a new name. */
  amend(session: BotSession): void {
    assert.equal(session.state, this.#session.state)
    this.#session = session
  }

  tellHearing(news: HearingNews | null): void {
    if (!news) return
    const { id, workspaceId } = this.#bot.bot
    const { stage, since } = news.deaf
    const facts = { bot: id, workspace: workspaceId, stage, deafForMs: this.#deps.clock.now() - since }
    this.#deps.log[news.kind === 'hears-again' ? 'info' : 'warn'](facts, SENTENCES[news.kind])
    this.#deps.handlers.onHearing?.(this.#bot, news)
  }

  tellVerification(news: VerificationNews): void {
    const { id, workspaceId } = this.#bot.bot
    const { by, progress } = news.verification
    const facts = { bot: id, workspace: workspaceId, by, ...(news.kind === 'over' && { progress }) }
    this.#deps.log[news.kind === 'asked' ? 'warn' : 'info'](facts, VERIFICATION_SENTENCES[news.kind])
    this.#deps.handlers.onVerification?.(this.#bot, news)
  }

  complain(failure: unknown, sentence: string): void {
    const { id, workspaceId } = this.#bot.bot
    this.#deps.log.warn({ bot: id, workspace: workspaceId, err: failure }, sentence)
  }

  async #tell(made: BotMove): Promise<void> {
    try {
      await this.#deps.handlers.onSession(this.#bot, made.to, made)
    } catch (failure) {
      this.complain(failure, 'a state could not be told')
    }
  }
}

const VERIFICATION_SENTENCES: Readonly<Record<VerificationNews['kind'], string>> = {
  asked: 'WeCom wants a verification of the account within two minutes, or logs it out',
  done: 'the account is verified',
  over: 'a verification was not done, or is wanted no more',
}

const SENTENCES: Readonly<Record<HearingNews['kind'], string>> = {
  deaf: 'a bot is deaf: it is connected, and no events come; it is not online until it hears again',
  'next-stage': 'a bot is still deaf; its recovery goes on to the next stage',
  'hears-again': 'a bot that was deaf hears again',
}
