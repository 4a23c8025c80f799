/**
 * A command for each verb. Its words, arguments, options, help and examples are those of the verb's declaration, so nothing is
 * mapped, and a complaint about a field names what was typed.
 */
import { commandGroups, fieldForm, type OperatorVerb, operatorVerbs, type VerbName } from '@qunhub/wire'
import type { Command } from 'commander'
import type { z } from 'zod'
import type { Answer, OwnWay, Show } from './answers/answer.ts'
import { answers } from './answers/answers.ts'
import { ask } from './ask.ts'
import { readCliConfig } from './cli-config.ts'
import { addExamples } from './examples.ts'
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts'
import { fieldArgument, fieldOptions } from './field-option.ts'
import { askYes } from './read/ask-yes.ts'
import { declareSecret, type SecretField, takeSecret } from './read/take-secret.ts'
import type { Declare, Shell } from './shell.ts'
import { plainLines } from './show/column-width.ts'
import { openLongWork } from './show/long-work.ts'
import { json, tellRefusal } from './tell.ts'

/** All of them, each behind the first word that it shares with those about the same noun. */
export const verbCommands: Declare = (program, shell, exitWith) => {
  const groups = new Map(
    Object.entries(commandGroups).map(([noun, words]) => [noun, program.command(noun).description(words)]),
  )
  for (const name of Object.keys(operatorVerbs) as VerbName[]) {
    const verb: OperatorVerb = operatorVerbs[name]
    const [noun = '', word = '', ...places] = verb.command.split(' ')
    const command = groups.get(noun)!.command(word).description(verb.summary)
    const answer = answerOf(name)
    declareFields(command, verb, places, answer)
    if ('declare' in answer) answer.declare(command, shell, exitWith)
    else askOnce(command, name, answer, shell, exitWith)
    addExamples(command, verb.examples)
  }
  for (const group of groups.values()) addExamples(group)
}

type AnyAnswer = Answer<VerbName>

const answerOf = (name: VerbName): AnyAnswer | OwnWay => {
  const answer = answers[name]
  return typeof answer === 'function' ? { show: answer as Show<VerbName> } : (answer as AnyAnswer | OwnWay)
}

/** Its arguments, and an option for every other field but those that are filled in otherwise. */
function declareFields(
  command: Command,
  { input }: OperatorVerb,
  places: readonly string[],
  answer: AnyAnswer | OwnWay,
): void {
  const { sure, neverTyped = '', fills = [], places: own = {} } = answer as Partial<AnyAnswer & OwnWay>
  const shape: Readonly<Record<string, z.ZodType>> = input.shape
  const left = new Map(Object.entries(shape).filter(([field]) => !fills.includes(field)))
  for (const place of places) {
    const field = /[\w-]+/.exec(place)![0]
    const schema = left.get(field)
    if (schema) command.addArgument(fieldArgument(place, schema))
    else command.argument(place, own[field] ?? '')
    left.delete(field)
  }
  left.delete(neverTyped)
  for (const [field, schema] of left)
    for (const option of fieldOptions(field, schema)) command.addOption(option)
  for (const secret of secretsIn(shape, neverTyped)) declareSecret(command, secret)
  if (sure) command.option('-y, --yes', '不再询问 / do not ask')
}

const secretsIn = (shape: Readonly<Record<string, z.ZodType>>, neverTyped = ''): SecretField[] =>
  Object.entries(shape)
    .filter(([, schema]) => fieldForm(schema).isSecret)
    .map(([field, schema]) => ({ field, schema, isNeverTyped: field === neverTyped }))

function askOnce(
  command: Command,
  name: VerbName,
  { show, isBad, sure, neverTyped }: AnyAnswer,
  shell: Shell,
  exitWith: (code: number) => void,
): void {
  const { input, output }: OperatorVerb = operatorVerbs[name]
  command.action(async () => {
    const options = command.optsWithGlobals<{ json?: true; dataDir?: string; yes?: true }>()
    if (sure && !options.yes && !(await isSure(command, sure, shell))) return exitWith(EXIT_FAILED)
    const config = readCliConfig(shell.env, options.dataDir)
    const given: Record<string, unknown> = {
      workspace: config.workspace,
      ...options,
      ...namedArguments(command),
    }
    for (const secret of secretsIn(input.shape, neverTyped))
      given[secret.field] = await takeSecret(command, secret, given[secret.field], shell)
    const work = openLongWork(
      options.json ? { err: shell.err } : shell,
      `等待 waiting: ${operatorVerbs[name].command.split(' ', 2).join(' ')}`,
      shell.clock,
    )
    const reply = await ask(config, name, given).finally(() => work.end())
    if (!reply.ok) return exitWith(tellRefusal(reply, shell, options.json === true))
    const value = output.parse(reply.value) as Parameters<typeof show>[0]
    shell.out(options.json ? json(value) : `${plainLines(show(value, shell.columns))}\n`)
    exitWith(isBad?.(value) ? EXIT_FAILED : EXIT_DONE)
  })
}

/** Null is no answer at all: whoever writes a script has to say so. */
async function isSure(command: Command, sure: (named: string) => string, shell: Shell): Promise<boolean> {
  const yes = await askYes(sure(String(command.processedArgs[0])), shell)
  return yes ?? command.error('error: 请加 --yes 确认 / --yes is missing: nobody is there to be asked')
}

const namedArguments = (command: Command): Record<string, unknown> =>
  Object.fromEntries(
    command.registeredArguments.map((argument, at) => [argument.name(), command.processedArgs[at]]),
  )
