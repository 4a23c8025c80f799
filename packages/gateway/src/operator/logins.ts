import { done, refuse } from '../model/result.ts'
import { isPuppetFailure, PuppetTimeout, PuppetUnavailable } from '../puppet/puppet-failures.ts'
import { SECOND_MS, sleep } from '../system/clock.ts'
import { presentLogin } from './present-bot.ts'
import type { Verbs } from './verb.ts'

/** How often whoever waits for a change asks for one. */
const POLL_MS = 100

/** What is done with the account of a bot at its puppet, by the node that runs it. The puppet's own words are for its log. */
export const loginVerbs = {
  /**
   * How the bot stands with its login, and the QR code that its puppet shows. A puppet that is logged in to nothing is asked
   * for one, and one whose code has timed out for another. Who says what he has seen, and how long he would wait, is answered
   * when it changed or that time is over.
   */
  'login-bot': async ({ seen, waitSeconds }, { clock, live, bot, hosted }) => {
    live.roster.askForLogin(hosted)
    const until = clock.now() + waitSeconds * SECOND_MS
    for (;;) {
      const login = presentLogin(bot.id, hosted)
      const isOver = clock.now() >= until || live.stopping.aborted
      if (isOver || login.seen !== seen) return done(login)
      await sleep(clock, POLL_MS, live.stopping)
    }
  },

  /** Hands the code that WeCom has sent to the account's owner to the puppet that asks for it. */
  'verify-bot': async ({ code }, { live, bot, hosted }) => {
    const { verification } = hosted
    if (!verification) return refuse('verification-none')
    if (verification.by !== 'code') return refuse('verification-by-hand')
    try {
      await live.roster.enterCode(hosted, code)
      return done({ id: bot.id })
    } catch (failure) {
      if (!isPuppetFailure(failure)) throw failure
      if (failure instanceof PuppetUnavailable) return refuse('verification-none')
      return refuse(failure instanceof PuppetTimeout ? 'code-unclear' : 'code-refused')
    }
  },

  /**
   * Logs the account of a bot out of its puppet. Only here: whatever else ends a bot's work leaves its account logged in,
   * for nobody but a person with the phone brings it back.
   */
  'logout-bot': async (_asked, { db, live, bot, hosted }) => {
    // The wrong account, too, is logged out here: else nobody could scan with the right one.
    if (hosted.session.state !== 'online' && hosted.session.state !== 'wrong-account')
      return refuse('bot-offline', hosted.session.state)

    // A bot that is logged out, and of which that cannot be written down, would be waited for after the next start (ST-140).
    await db.requireWritable()
    try {
      await live.roster.logOut(hosted)
      return done({ id: bot.id })
    } catch (failure) {
      if (!isPuppetFailure(failure)) throw failure
      if (failure instanceof PuppetUnavailable) return refuse('bot-offline', hosted.session.state)
      return refuse(failure instanceof PuppetTimeout ? 'logout-unclear' : 'logout-failed')
    }
  },

  /** Reads everything the bot's puppet knows and owes `loaded` for each of its rooms (CB-1). */
  'sync-bot': async (_asked, { live, bot, hosted }) => {
    if (hosted.session.state !== 'online') return refuse('bot-offline', hosted.session.state)
    try {
      await live.syncBot(hosted)
      return done({ id: bot.id })
    } catch (failure) {
      if (isPuppetFailure(failure)) return refuse('sync-failed', failure.name)
      throw failure
    }
  },
} satisfies Verbs
