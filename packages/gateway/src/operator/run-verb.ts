import {
  asTyped,
  complain,
  kindOf,
  type OperatorReply,
  type OperatorVerb,
  operatorVerbs,
  type Telling,
  type VerbName,
} from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import type { Workspace } from '../model/workspace.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { audited, isAudited } from './audit.ts'
import { chooseBot, chooseWorkspace } from './choose.ts'
import { toldInAudit } from './told-in-audit.ts'
import { MALFORMED, type VerbDeps } from './verb.ts'
import { verbs } from './verbs.ts'

/** What an operator typed into these may be told back to him. Of any other field, a secret may stand in it. */
const TOLD_BACK: ReadonlySet<string> = new Set([
  'account',
  'after',
  'before',
  'bot',
  'chats',
  'discovery',
  'endpoint',
  'from',
  'kind',
  'limit',
  'name',
  'overlapHours',
  'person',
  'realm',
  'role',
  'room',
  'state',
  'tag',
  'to',
  'topic',
  'until',
  'userId',
  'workspace',
])

/** For whoever typed the input himself. */
export const tellTyped: Telling = (given, field) =>
  (TOLD_BACK.has(field.split('.')[0]!) ? asTyped : kindOf)(given, field)

/**
 * Runs a verb on unparsed input and says how it went, in the words that the contract declares. The gateway's door and
 * a CLI without a gateway both come through here. `tell` says what was given where it is malformed. Throws what the store throws.
 */
export async function runVerb(
  name: VerbName,
  input: unknown,
  deps: VerbDeps,
  tell: Telling = kindOf,
): Promise<OperatorReply> {
  const declared: OperatorVerb = operatorVerbs[name]
  const parsed = declared.input.safeParse(input)
  if (!parsed.success) return { ok: false, refused: MALFORMED, message: complain(parsed.error, input, tell) }

  const chosen = await choose(declared, parsed.data, deps)
  const carry = async () =>
    chosen.ok ? carryOut(name, parsed.data, chosen.value, deps) : inWords(declared, chosen)
  const { askedBy } = deps
  if (!askedBy || !isAudited(name)) return carry()
  const workspaceId = (chosen.ok && chosen.value.workspace?.id) || null
  return audited(carry, { verb: name, workspaceId, ...toldInAudit(name, parsed.data) }, askedBy, deps)
}

async function carryOut(
  name: VerbName,
  input: Record<string, unknown>,
  { workspace, bot }: { workspace?: Workspace; bot?: Bot },
  deps: VerbDeps,
): Promise<OperatorReply> {
  const declared: OperatorVerb = operatorVerbs[name]
  const at = await whereItRuns(name, bot, input, deps)
  if (!at.ok) return inWords(declared, at)
  if (at.value.told) return at.value.told

  // The table of verbs is total and typed, so the input that `name` declares is the one that `verbs[name]` takes.
  const run = verbs[name] as (asked: unknown, deps: unknown) => Promise<Result<unknown, string>>
  const { workspace: _, bot: __, ...asked } = input
  const result = await run(asked, { ...deps, workspace, bot, hosted: at.value.hosted })
  if (!result.ok) return inWords(declared, result)

  // Only what is declared leaves: a field that a store function gives on top, such as a puppet token, is dropped here.
  return { ok: true, value: declared.output.parse(result.value) }
}

/** The workspace and the bot that are meant, where the verb is about one. */
async function choose(
  { input }: OperatorVerb,
  named: Record<string, unknown>,
  deps: VerbDeps,
): Promise<Result<{ workspace?: Workspace; bot?: Bot }, string>> {
  if (!('workspace' in input.shape)) return done({})
  const workspace = await chooseWorkspace(deps.db, named['workspace'] as string | undefined)
  if (!workspace.ok) return workspace
  if (named['bot'] === undefined) return done({ workspace: workspace.value })
  const bot = await chooseBot(deps, workspace.value.id, named['bot'] as string)
  return bot.ok ? done({ workspace: workspace.value, bot: bot.value }) : bot
}

/** Of what a bot's node does: the bot as this node hosts it, or else what the node said that was asked instead. */
async function whereItRuns(
  name: VerbName,
  bot: Bot | undefined,
  input: object,
  { live }: VerbDeps,
): Promise<Result<{ hosted: HostedBot | null; told?: OperatorReply }, string>> {
  const { runsAt, withoutNode, output, refusals }: OperatorVerb = operatorVerbs[name]
  if (runsAt !== 'its-node' || !bot) return done({ hosted: null })
  if (!live) return withoutNode ? refuse('gateway-not-running') : done({ hosted: null })
  const { workspaceId, id } = bot
  const hosted = live.roster.byId(workspaceId, id)
  if (hosted) return done({ hosted })

  const told = await live.askItsNode(bot, name, { ...input, workspace: workspaceId, bot: id })
  if (told === null) return withoutNode ? refuse(withoutNode.nowhere) : done({ hosted: null })
  if (told === 'unheard') return withoutNode ? refuse(withoutNode.unheard) : done({ hosted: null })
  if (told.ok) return done({ hosted: null, told: { ok: true, value: output.parse(told.value) } })
  // What the verb does not refuse is said by a node of another version, which does not know it.
  return withoutNode || told.refused in refusals ? done({ hosted: null, told }) : done({ hosted: null })
}

/** What, why, what next: in the words that the contract has for it. */
function inWords(
  { refusals }: OperatorVerb,
  { refused, detail }: { readonly refused: string; readonly detail?: string },
): OperatorReply {
  const words = refusals[refused] ?? refused
  return { ok: false, refused, message: detail === undefined ? words : `${words} (${detail})` }
}
