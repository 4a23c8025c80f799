import type { VerbInput } from '@qunhub/wire'
import type { PuppetAddress } from '../model/bot.ts'
import { done, refuse } from '../model/result.ts'
import { addBot as keepBot, listBots } from '../store/bots.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import { presentBot, presentSession } from './present-bot.ts'
import type { Verb } from './verb.ts'

/**
 * A bot that is new to us; a running gateway starts it at once, this one or another; otherwise the next one will. A puppet has one event
 * stream, so two bots on one puppet token would only push each other out, in whichever workspaces they are.
 */
export const addBot: Verb<'add-bot'> = async (input, deps) => {
  const { workspace, token, userId } = input
  const address = addressIn(input)
  if (!address) return refuse('address-unclear')
  const { db, keyring, random, clock, live } = deps
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const holder = (await listBots(db, keyring)).find(bot => bot.address.token === token)
  if (holder) return refuse('puppet-taken', holder.id)

  const bot = await keepBot(db, keyring, random, chosen.value.id, {
    address,
    expectedUserId: userId ?? null,
    at: clock.now(),
  })
  await live?.claimBots()
  const hosted = live?.roster.byId(bot.workspaceId, bot.id)
  const neverStarted = {
    state: 'new',
    since: bot.createdAt,
    reason: '',
    qrcode: null,
    verification: null,
    deaf: null,
  } as const
  return done(presentBot(bot, hosted ? presentSession(hosted) : neverStarted, hosted ? 0 : null))
}

/** An endpoint or an authority, and not both. */
function addressIn({ endpoint, discovery, token, tls }: VerbInput<'add-bot'>): PuppetAddress | null {
  if (endpoint !== undefined && discovery === undefined) return { endpoint, token, tls }
  if (endpoint === undefined && discovery !== undefined) return { endpoint: null, discovery, token, tls }
  return null
}
