import type { UserId, VerbOutput } from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { isSameUserId } from '../model/user-id.ts'
import { listBotMoves } from '../store/bot-moves.ts'
import { saveExpectedUserId } from '../store/bots.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb, VerbDeps } from './verb.ts'

/**
 * Names the account that may take the place of the bot's, whether it is logged in already or is to come. A node that runs the
 * bot elsewhere finds out at its next look.
 */
export const acceptAccount: Verb<'accept-account'> = async ({ workspace, bot, account }, deps) => {
  const { db, keyring, live } = deps
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const named = await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (!named.ok) return named
  const meant = await whoIsMeant(named.value, account, deps)
  if (!meant.ok) return meant

  const { id, workspaceId } = named.value
  await saveExpectedUserId(db, workspaceId, id, meant.value)
  const hosted = live?.roster.byId(workspaceId, id)
  if (hosted) live?.roster.lookForLogin(hosted)
  return done({ id, expectedUserId: meant.value })
}

/**
 * A userId is unique per corp only. Who has moved to another corp and kept his goes by the same one as the bot's known
 * account, so the name alone says nothing: if it is he who is logged in, he is meant, and his wxid says so.
 */
async function whoIsMeant(
  bot: Bot,
  account: UserId,
  deps: VerbDeps,
): Promise<Result<UserId, 'account-namesake'>> {
  const known = bot.account
  if (!known || !isSameUserId(account, known.userId)) return done(account)
  const other = await whoIsThereInstead(bot, deps)
  if (other === null || (other.userId !== null && !isSameUserId(account, other.userId))) return done(account)
  return other.userId === null ? refuse('account-namesake', other.wxid) : done(other.wxid as string as UserId)
}

/** The account that is logged in where another one is the bot's. Without its node only its wxid is known. */
async function whoIsThereInstead(
  bot: Bot,
  { db, live }: VerbDeps,
): Promise<{ readonly wxid: string; readonly userId: UserId | null } | null> {
  const { workspaceId, id } = bot
  const session = live?.roster.byId(workspaceId, id)?.session
  if (session) return session.state === 'wrong-account' ? session.account : null

  const told = await live?.askOwner(bot, 'login-bot', { workspace: workspaceId, bot: id })
  if (told && told !== 'unheard' && told.ok) return (told.value as VerbOutput<'login-bot'>).otherAccount
  const [last] = await listBotMoves(db, workspaceId, id, 1)
  return last?.to === 'wrong-account' ? { wxid: last.wxid ?? '?', userId: null } : null
}
