import type { VerbOutput, VerbRefusal } from '@qunhub/wire'
import { SECOND_MS, sleep } from '../model/clock.ts'
import { done, refuse } from '../model/result.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import { presentLogin } from './present-bot.ts'
import type { Verb } from './verb.ts'

/** How often whoever waits for a change looks for one. */
const LOOK_MS = 200

/**
 * How the bot stands with its login, and the QR code that its puppet shows. A puppet that is logged in to nothing is asked
 * for one, and one whose code has timed out for another. Who says what he has seen, and how long he would wait, is answered when it changed or that time is over.
 */
export const loginBot: Verb<'login-bot'> = async (input, { db, keyring, clock, live }) => {
  const chosen = await chooseWorkspace(db, input.workspace)
  if (!chosen.ok) return chosen
  const named = await chooseBot({ db, keyring }, chosen.value.id, input.bot)
  if (!named.ok) return named

  const { id, workspaceId } = named.value
  if (!live) return refuse('gateway-not-running')
  const hosted = live.roster.byId(workspaceId, id)
  if (!hosted) {
    const { seen, waitSeconds } = input
    const elsewhere = await live.askOwner(named.value, 'login-bot', {
      ...{ workspace: workspaceId, bot: id, waitSeconds },
      ...(seen === undefined ? {} : { seen }),
    })
    if (!elsewhere || elsewhere === 'unheard') return refuse('bot-unreachable')
    return elsewhere.ok
      ? done(elsewhere.value as VerbOutput<'login-bot'>)
      : refuse(elsewhere.refused as VerbRefusal<'login-bot'>)
  }

  live.roster.askForLogin(hosted)
  const until = clock.now() + input.waitSeconds * SECOND_MS
  for (;;) {
    const login = presentLogin(id, hosted)
    const isOver = clock.now() >= until || live.stopping.aborted
    if (isOver || login.seen !== input.seen) return done(login)
    await sleep(clock, LOOK_MS, live.stopping)
  }
}
