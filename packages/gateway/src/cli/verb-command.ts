import { type OperatorReply, operatorVerbs, type VerbName, type VerbOutput } from '@qunhub/wire'
import type { Command } from 'commander'
import type { z } from 'zod'
import { MALFORMED } from '../operator/run-verb.ts'
import { ask } from './ask.ts'
import { readCliConfig } from './cli-config.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts'
import { askYes } from './read/ask-yes.ts'
import { declareSecret, type SecretOption, takeSecret } from './read/take-secret.ts'
import type { Shell } from './shell.ts'
import { plainLines } from './show/column-width.ts'

export const WORKSPACE_OPTION = [
  '-w, --workspace <id>',
  '工作区 id, 只有一个时可省略 / workspace id; may stay away when there is only one',
] as const

/**
 * Makes a command of a verb. Its arguments and options have the names of the verb's fields, so nothing is mapped and a
 * complaint about a field names what was typed. `show` is how people see the answer; `secret` need not be typed.
 */
export function verbCommand<N extends VerbName>(
  command: Command,
  name: N,
  {
    shell,
    exitWith,
    show,
    secret,
    sure,
  }: {
    shell: Shell
    exitWith: (code: number) => void
    show: (value: VerbOutput<N>) => string
    secret?: SecretOption
    /** What is asked before it is done, of what the first argument names, unless `--yes` is there. */
    sure?: (named: string) => string
  },
): Command {
  const { summary, input, output } = operatorVerbs[name]
  command.description(summary)
  if ('workspace' in input.shape) command.option(...WORKSPACE_OPTION)
  if (secret) declareSecret(command, secret)
  if (sure) command.option('-y, --yes', '不再询问 / do not ask')
  return command.action(async () => {
    const options = command.optsWithGlobals<{ json?: true; dataDir?: string; yes?: true }>()
    if (sure && !options.yes && !(await isSure(command, sure, shell))) return exitWith(EXIT_FAILED)
    const given: Record<string, unknown> = { ...options, ...namedArguments(command) }
    const reply = await ask(readCliConfig(shell.env, options.dataDir), name, {
      ...given,
      ...(secret ? { [secret.field]: await takeSecret(command, secret, given[secret.field], shell) } : {}),
    })
    if (!reply.ok) return exitWith(tellRefusal(reply, shell, options.json === true))
    const value = (output as unknown as z.ZodType<VerbOutput<N>>).parse(reply.value)
    shell.out(options.json ? json(value) : `${plainLines(show(value))}\n`)
    exitWith(EXIT_DONE)
  })
}

/** Null is no answer at all: whoever writes a script has to say so. */
async function isSure(command: Command, sure: (named: string) => string, shell: Shell): Promise<boolean> {
  const yes = await askYes(sure(String(command.processedArgs[0])), shell)
  return yes ?? command.error('error: 请加 --yes 确认 / --yes is missing: nobody is there to be asked')
}

/** Tells on stderr what was refused and returns the exit code. */
export function tellRefusal(
  reply: OperatorReply & { readonly ok: false },
  { err }: Pick<Shell, 'err'>,
  asJson: boolean,
): number {
  err(asJson ? json(reply) : `${plainLines(reply.message)}\n`)
  return USAGE_REFUSALS.has(reply.refused) ? EXIT_USAGE : EXIT_FAILED
}

/** What was typed is not enough, or too much, to say what is meant; nothing was tried. */
const USAGE_REFUSALS: ReadonlySet<string> = new Set([
  MALFORMED,
  'address-unclear',
  'callbacks-unclear',
  'nothing-to-set',
  'replay-unclear',
  'workspace-unclear',
])

const namedArguments = (command: Command): Record<string, unknown> =>
  Object.fromEntries(
    command.registeredArguments.map((argument, at) => [argument.name(), command.processedArgs[at]]),
  )

/** JSON that may also be looked at: control characters that JSON leaves as they are could move a terminal's cursor. */
export const json = (value: unknown): string => `${inert(JSON.stringify(value, null, 2))}\n`

/** JSON as it may be looked at. */
export const inert = (json: string): string =>
  json.replace(/[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g, escaped)

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
