import { z } from 'zod'
import { text } from '../../model/text.ts'
import type { Role } from '../people/role.ts'
import { typedAs } from './field-form.ts'

/** One thing an operator can ask of the gateway, declared once: the door, the CLI and later the console derive from it. */
export interface OperatorVerb {
  /** Chinese first, English second. */
  readonly summary: string
  /** Its keys are the command's options, so that a complaint about a field names what the operator typed. */
  readonly input: z.ZodObject
  readonly output: z.ZodType
  /** Each refusal's words: what, why, what next. A detail (an id, a number) may follow them. */
  readonly refusals: Readonly<Record<string, string>>
  /**
   * `its-node`: the node that runs the bot does it, and whichever is asked hands it on. `every-node`: each node tells of what it
   * runs. Left away: any node can do it, and where no gateway runs the CLI itself.
   */
  readonly runsAt?: 'its-node' | 'every-node'
  /** What a person has to be, at the least, to use it at the console. */
  readonly role: Role
  /** Whether the management token of a workspace opens it, too: such a token may leak (decision 0033). */
  readonly byToken: boolean
  /** The words of its command, and behind them the fields that stand there without an option: `tag rename <tag> <name>`. */
  readonly command: string
  /** What somebody may want, Chinese first, and the line that does it. */
  readonly examples: readonly [Example, ...Example[]]
  /**
   * Of what only the bot's node can do: the refusal where it was asked and gave no answer, and the one where no node that can be
   * reached runs the bot. Left away, what the store knows of the bot has to do.
   */
  readonly withoutNode?: { readonly unheard: string; readonly nowhere: string }
}

export type Example = readonly [what: string, line: string]

/** Keeps the literal types of a declaration while checking its shape. */
export const verb = <const V extends OperatorVerb>(declaration: V): V => declaration

const ID_LENGTH_MAX = 128
const NAME_LENGTH_MAX = 100

/** Any text may be an id that nobody has: malformed, foreign and absent ids are answered alike (G-11). */
export const anyId = () => text(ID_LENGTH_MAX).min(1)
export const name = () => text(NAME_LENGTH_MAX).min(1)
const MILLISECONDS = '1970 年以来的毫秒数 / milliseconds since 1970'
/** Milliseconds since 1970; people type a time. */
export const instant = () =>
  z
    .int({ error: MILLISECONDS })
    .min(0, { error: MILLISECONDS })
    .max(Number.MAX_SAFE_INTEGER, { error: MILLISECONDS })
    .register(typedAs, { value: 'time' })

/** Whichever bound is broken, both are told. */
export function wholeNumber(min: number, max: number) {
  const range =
    max === Number.MAX_SAFE_INTEGER
      ? `不小于 ${min} 的整数 / a whole number, ${min} or more`
      : `${min} 到 ${max} 的整数 / a whole number from ${min} to ${max}`
  return z.int({ error: range }).min(min, { error: range }).max(max, { error: range })
}

/** May stay away where there is exactly one workspace. */
export const workspaceChoice = {
  workspace: anyId().optional().meta({
    description:
      '工作区的 id 或名称, 只有一个时可省略 / id or name of the workspace; may stay away when there is only one',
  }),
}

export const workspaceRefusals = {
  'workspace-unknown':
    '没有这个工作区, 用 qunhub workspace list 查看 / no such workspace; see: qunhub workspace list',
  'workspace-ambiguous':
    '多个工作区同名, 请用 id, 用 qunhub workspace list 查看 / several workspaces have this name, give the id; see: qunhub workspace list',
  'workspace-none':
    '还没有工作区, 先运行 qunhub workspace add <名称> / no workspace yet; first run: qunhub workspace add <name>',
  'workspace-unclear':
    '有多个工作区, 用 --workspace <名称或 id> 指明, 或设置 QUNHUB_WORKSPACE / there are several workspaces; choose one with --workspace <name or id>, or set QUNHUB_WORKSPACE',
} as const
