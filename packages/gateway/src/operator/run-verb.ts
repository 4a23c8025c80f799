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
import type { Result } from '../model/result.ts'
import type { VerbDeps } from './verb.ts'
import { verbs } from './verbs.ts'

/** The input breaks the verb's schema; nothing was tried. */
export const MALFORMED = 'malformed'

export const isVerbName = (name: string): name is VerbName => Object.hasOwn(operatorVerbs, name)

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
  'realm',
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

  // The table of verbs is total and typed, so the input that `name` declares is the one that `verbs[name]` takes.
  const run = verbs[name] as (input: unknown, deps: VerbDeps) => Promise<Result<unknown, string>>
  const result = await run(parsed.data, deps)
  if (!result.ok) return { ok: false, refused: result.refused, message: wordsFor(declared, result) }

  // Only what is declared leaves: a field that a store function gives on top, such as a puppet token, is dropped here.
  return { ok: true, value: declared.output.parse(result.value) }
}

function wordsFor(
  { refusals }: OperatorVerb,
  { refused, detail }: { refused: string; detail?: string },
): string {
  const words = refusals[refused] ?? refused
  return detail === undefined ? words : `${words} (${detail})`
}
