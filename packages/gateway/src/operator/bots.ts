import type { BotId, BotRecord, BotSessionRecord, UserId, VerbOutput, WorkspaceId } from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { isSameUserId } from '../model/user-id.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { listBotMoves } from '../store/bots/bot-moves.ts'
import { listBotSessions } from '../store/bots/bot-sessions.ts'
import { addBot, changeBot, listBots, saveExpectedUserId } from '../store/bots/bots.ts'
import { countRooms, nodesOfBots } from '../store/bots/glance-at-bots.ts'
import { removeBot } from '../store/bots/remove-bot.ts'
import type { LeftChat } from '../store/rooms/rooms.ts'
import { type Beside, presentBot, presentSaved, presentSession } from './present-bot.ts'
import { addressAfter, addressIn } from './puppet-address.ts'
import type { LiveParts, VerbDeps, Verbs } from './verb.ts'

export const botVerbs = {
  /**
   * A bot that is new to us; a running gateway starts it at once, this one or another; otherwise the next one will. A puppet
   * has one event stream, so two bots on one puppet token would only push each other out, in whichever workspaces they are.
   */
  'add-bot': async (asked, { db, keyring, random, clock, live, workspace }) => {
    const { token, userId } = asked
    const address = addressIn(asked)
    if (!address) return refuse('address-unclear')
    const holder = await whoHas(token, { db, keyring })
    if (holder) return refuse('puppet-taken', holder.id)

    const added = { address, expectedUserId: userId ?? null, at: clock.now() }
    const bot = await addBot(db, keyring, random, workspace.id, added)
    await live?.claimBots()
    const hosted = live?.roster.byId(bot.workspaceId, bot.id)
    const session = hosted ? presentSession(hosted) : { ...presentSaved(undefined), since: bot.createdAt }
    return done(presentBot(bot, session, hosted ? 0 : null))
  },

  /**
   * What is given is changed, the rest stays. Whoever runs the bot lets it go, and whoever takes it next, mostly the same one and
   * at once, connects to where it is by now.
   */
  'set-bot': async ({ userId, ...asked }, deps) => {
    const { db, keyring, live, workspace, bot } = deps
    if ([userId, ...Object.values(asked)].every(given => given === undefined)) return refuse('nothing-to-set')
    const address = addressAfter(bot.address, asked)
    if (!address) return refuse('address-unclear')
    const holder = await whoHas(address.token, deps)
    if (holder && holder.id !== bot.id) return refuse('puppet-taken', holder.id)
    const expected = userId === undefined ? done(bot.expectedUserId) : await whoIsMeant(bot, userId, deps)
    if (!expected.ok) return expected

    const said = { address, ...(expected.value !== null && { expectedUserId: expected.value }) }
    if (!(await changeBot(db, keyring, workspace.id, bot.id, said))) return refuse('bot-unknown', bot.id)
    await letGo(deps)
    await live?.claimBots()
    const again = live?.roster.byId(workspace.id, bot.id)
    const session = again ? presentSession(again) : await savedSession(bot, deps)
    const changed = { ...bot, address, expectedUserId: expected.value }
    return done(presentBot(changed, session, live && again ? live.additionsOf(bot.id) : null))
  },

  /** Its account stays logged in: whoever wants that otherwise logs it out first. */
  'remove-bot': async (_asked, deps) => {
    const { db, keyring, clock, live, oweForLeave, workspace, bot } = deps
    const at = clock.now()
    const named = { workspaceId: workspace.id, botId: bot.id }
    const owe = (left: LeftChat) => oweForLeave(left, at)
    // Where it breaks off, what it has told by then is not kept waiting for who goes on with it.
    const removing = removeBot(db, keyring, named, at, owe, () => letGo(deps))
    const chats = await removing.finally(() => live?.wakeCourier())
    return chats === undefined ? refuse('bot-unknown', bot.id) : done({ id: bot.id, chats })
  },

  /**
   * Oldest first. Sessions are those of this moment where a gateway runs, whichever node runs the bot, else the last
   * recorded; `live` says which.
   */
  'list-bots': async ({ countRooms: isCounted }, { db, keyring, live, workspace }) => {
    const all = await listBots(db, keyring, workspace.id)
    const bots = live && !live.askOthers ? all.filter(bot => liveSession(bot, live)) : all
    const elsewhere = await liveElsewhere(workspace.id, bots, live)
    // Who asks for another node looks himself.
    const isAsked = live !== null && live.askOthers === null
    const nodes = isAsked ? new Map<BotId, string | null>() : await nodesOfBots(db, workspace.id)
    const wanted = isCounted && !isAsked ? bots.map(({ id }) => id) : []
    const rooms = await countRooms(db, workspace.id, wanted)
    const saved = new Map((await listBotSessions(db, workspace.id)).map(session => [session.botId, session]))
    return done({
      live: live !== null,
      bots: bots.map(bot => {
        const session = liveSession(bot, live)
        const hosted = live?.roster.byId(bot.workspaceId, bot.id)
        const told = elsewhere.get(bot.id)
        const heardAt = hosted?.heardAt ?? told?.heardAt ?? null
        const beside: Beside = { heardAt, node: nodes.get(bot.id), rooms: rooms.get(bot.id) }
        if (live && session)
          return presentBot(asHosted(bot, hosted), session, live.additionsOf(bot.id), beside)
        return told
          ? presentBot(bot, told.session, told.additionsInLastMinute, beside)
          : presentBot(bot, presentSaved(saved.get(bot.id)), null, beside)
      }),
    })
  },

  /** A bot, its session of this moment where a node that can be reached runs it, and its newest moves. */
  'show-bot': async ({ limit }, { db, live, workspace, bot, hosted }) => {
    const session = hosted ? presentSession(hosted) : await savedSession(bot, { db })
    const additions = live && hosted ? live.additionsOf(bot.id) : null
    const [nodes, rooms] = [await nodesOfBots(db, workspace.id), await countRooms(db, workspace.id, [bot.id])]
    const beside = {
      ...{ heardAt: hosted?.heardAt, node: nodes.get(bot.id), rooms: rooms.get(bot.id) },
    }
    return done({
      live: hosted !== null,
      bot: presentBot(asHosted(bot, hosted), session, additions, beside),
      moves: await listBotMoves(db, workspace.id, bot.id, limit),
    })
  },

  /**
   * Names the account that may take the place of the bot's, whether it is logged in already or is to come. A node that runs
   * the bot elsewhere finds out at its next look.
   */
  'accept-account': async ({ account }, deps) => {
    const { db, live, workspace, bot } = deps
    const meant = await whoIsMeant(bot, account, deps)
    if (!meant.ok) return meant

    await saveExpectedUserId(db, workspace.id, bot.id, meant.value)
    const hosted = live?.roster.byId(workspace.id, bot.id)
    if (hosted) live?.roster.lookForLogin(hosted)
    return done({ id: bot.id, expectedUserId: meant.value })
  },
} satisfies Verbs

/** The bot that uses the puppet token, in whichever workspace. */
async function whoHas(token: string, { db, keyring }: Pick<VerbDeps, 'db' | 'keyring'>) {
  return (await listBots(db, keyring)).find(bot => bot.address.token === token)
}

/** Leaves the puppet, unless a round of this node has done so already and the bot is hosted anew. */
async function letGo({ live, hosted }: Pick<VerbDeps, 'live'> & { readonly hosted: HostedBot | null }) {
  if (!live || !hosted) return
  const { workspaceId, botId } = hosted.tenure
  if (live.roster.byId(workspaceId, botId) === hosted) await live.roster.remove(workspaceId, botId)
}

async function savedSession({ workspaceId, id }: Bot, { db }: Pick<VerbDeps, 'db'>) {
  return presentSaved((await listBotSessions(db, workspaceId)).find(({ botId }) => botId === id))
}

/** Whose session is told, that one's account: it may have logged in since the bot was read. */
const asHosted = (bot: Bot, hosted: HostedBot | null | undefined): Bot => ({
  ...bot,
  account: hosted?.account ?? bot.account,
})

function liveSession({ workspaceId, id }: Bot, live: LiveParts | null): BotSessionRecord | undefined {
  const hosted = live?.roster.byId(workspaceId, id)
  return hosted && presentSession(hosted)
}

/** What the nodes that run the other bots say of them. */
async function liveElsewhere(
  workspace: WorkspaceId,
  bots: readonly Bot[],
  live: LiveParts | null,
): Promise<Map<string, BotRecord>> {
  if (!live?.askOthers || bots.every(bot => live.roster.byId(bot.workspaceId, bot.id))) return new Map()
  const replies = await live.askOthers(workspace, 'list-bots', { workspace })
  const told = replies.flatMap(reply => (reply.ok ? (reply.value as VerbOutput<'list-bots'>).bots : []))
  // It counts the additions of the bots that it runs, and an older one lists all others as well.
  return new Map(told.filter(bot => bot.additionsInLastMinute !== null).map(bot => [bot.id, bot]))
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

  const told = await live?.askItsNode(bot, 'login-bot', { workspace: workspaceId, bot: id })
  if (told && told !== 'unheard' && told.ok) return (told.value as VerbOutput<'login-bot'>).otherAccount
  const [last] = await listBotMoves(db, workspaceId, id, 1)
  return last?.to === 'wrong-account' ? { wxid: last.wxid ?? '?', userId: null } : null
}
