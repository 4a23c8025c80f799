import type { Example } from '@qunhub/wire'
import type { Command } from 'commander'

const shown = new WeakMap<Command, readonly Example[]>()

/** Lines that somebody may paste, at the end of the help of a command; of a group the first of each command in it. */
export function addExamples(command: Command, examples?: readonly Example[]): void {
  if (examples) shown.set(command, examples)
  command.addHelpText('after', () => render(examplesOf(command)))
}

const examplesOf = (command: Command): readonly Example[] =>
  shown.get(command) ?? command.commands.flatMap(within => examplesOf(within).slice(0, 1))

const render = (examples: readonly Example[]): string =>
  ['\n示例 / examples:', ...examples.flatMap(([what, line]) => [`  # ${what}`, `    ${line}`])].join('\n')
