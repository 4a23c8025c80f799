import { Readable } from 'node:stream'
import { runCli } from '../../../gateway/src/cli/run-cli.ts'
import type { CliRun } from './cli-process.ts'

/** Runs a command in this process, which is many times faster than one of its own; its arguments hold no spaces. */
export async function runCliHere(
  args: string,
  env: Record<string, string>,
  { isTerminal = false, stdin }: { isTerminal?: boolean; stdin?: string } = {},
): Promise<CliRun> {
  let [stdout, stderr] = ['', '']
  const exitCode = await runCli(args.split(' '), {
    env,
    isTerminal,
    ...(stdin === undefined ? {} : { stdin: Readable.from([stdin]) }),
    out: text => {
      stdout += text
    },
    err: text => {
      stderr += text
    },
  })
  return { exitCode, stdout, stderr }
}
