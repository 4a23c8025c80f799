import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { operatorVerbs } from '@qunhub/wire'
import { expect, test } from 'vitest'

interface Named {
  readonly command: string
  readonly options: readonly string[]
}

/** The commands in a text, each with the options that are named after it, up to the end of the clause. */
const namedIn = (text: string): Named[] =>
  [...text.matchAll(/qunhub ([a-z][a-z-]*(?: [a-z][a-z-]*)?)([^;；。/]*)/g)].map(([, command, rest]) => ({
    command: command!,
    options: rest!.match(/--[a-z][a-z-]*/g) ?? [],
  }))

/** What of it does not exist. */
async function missing({ command, options }: Named): Promise<string[]> {
  const { exitCode, stdout } = await runCliHere(`${command} --help`, {})
  if (exitCode !== 0 || !stdout.startsWith(`Usage: qunhub ${command} `)) return [command]
  return options.filter(option => !stdout.includes(`${option} `)).map(option => `${command} ${option}`)
}

test.each(
  Object.entries(operatorVerbs).map(
    ([verb, { refusals }]) => [verb, Object.values<string>(refusals)] as const,
  ),
)(
  'CLI-26 every command that a refusal of %s says to run is one, with the options that it names',
  async (_verb, texts) => {
    const wrong = await Promise.all(texts.flatMap(namedIn).map(missing))
    expect(wrong.flat()).toEqual([])
  },
)
