import type { VerbRefusal } from '@qunhub/wire'
import { isPuppetFailure, PuppetTimeout, PuppetUnavailable } from '../bot/puppet-failures.ts'
import { done, refuse } from '../model/result.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Hands the code that WeCom has sent to the account's owner to the puppet that asks for it. */
export const verifyBot: Verb<'verify-bot'> = async ({ workspace, bot, code }, { db, keyring, live }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const named = await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (!named.ok) return named

  const { id, workspaceId } = named.value
  if (!live) return refuse('gateway-not-running')
  const hosted = live.roster.byId(workspaceId, id)
  if (!hosted) {
    const elsewhere = await live.askOwner(named.value, 'verify-bot', {
      workspace: workspaceId,
      bot: id,
      code,
    })
    if (elsewhere === 'unheard') return refuse('code-unclear')
    if (!elsewhere) return refuse('bot-unreachable')
    return elsewhere.ok ? done({ id }) : refuse(elsewhere.refused as VerbRefusal<'verify-bot'>)
  }

  const { verification } = hosted
  if (!verification) return refuse('verification-none')
  if (verification.by !== 'code') return refuse('verification-by-hand')
  try {
    await live.roster.enterCode(hosted, code)
    return done({ id })
  } catch (failure) {
    // The puppet's own words are for the log of the gateway, which has them.
    if (!isPuppetFailure(failure)) throw failure
    if (failure instanceof PuppetUnavailable) return refuse('verification-none')
    return refuse(failure instanceof PuppetTimeout ? 'code-unclear' : 'code-refused')
  }
}
