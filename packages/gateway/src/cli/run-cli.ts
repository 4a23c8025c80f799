import type { Example } from '@qunhub/wire'
import { Command, CommanderError } from 'commander'
import { VERSION } from '../version.ts'
import { addExamples } from './examples.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE, exitCodesHelp } from './exit-codes.ts'
import { serveCommand } from './serve.ts'
import type { Declare, Shell } from './shell.ts'
import { plainLines, plainText } from './show/column-width.ts'
import { usageWords } from './usage-words.ts'

/** What is read once it is asked for: whoever serves reads no other command, for a start would wait for them (P10). */
const parts = {
  commands: async () => (await import('./commands.ts')).commands,
  explain: () => import('./explain.ts'),
}

/** Runs one command line and returns the exit code. It throws nothing: whatever goes wrong is explained on stderr. */
export async function runCli(args: readonly string[], shell: Shell, read = parts): Promise<number> {
  let exitCode = EXIT_DONE
  const asJson = args.includes('--json')
  // Commander complains in pieces; a program wants one JSON.
  let complaint = ''
  const hear = (text: string) => {
    const harmless = plainLines(namingPlainly(text, args))
    if (asJson) complaint += harmless
    else shell.err(harmless)
  }
  try {
    const commands = args[0] === 'serve' ? [serveCommand] : await read.commands()
    const program = declareProgram({ shell, hear }, commands, code => {
      exitCode = code
    })
    await program.parseAsync(args[0] === 'help' ? [...args.slice(1), '--help'] : args, { from: 'user' })
    return exitCode
  } catch (failure) {
    // Commander has already said what is wrong, or on stdout what was asked for (--help).
    const isUsage = failure instanceof CommanderError
    if (isUsage && failure.exitCode === 0) return EXIT_DONE
    if (isUsage && !asJson) return EXIT_USAGE
    try {
      const words = await read.explain()
      if (!isUsage) return words.explain(failure, shell, asJson)
      words.tellUsage(complaint.trim(), shell)
      return EXIT_USAGE
    } catch (unread) {
      // What failed first is what counts, unless that was nothing but a wrong word.
      return tellPlainly(isUsage ? unread : failure, shell, asJson)
    }
  }
}

/** Whoever asks for the help of a command that there is not hears so; commander would show how the others are used. */
function refuseUnknownWord(group: Command): void {
  const word = group.args.find(arg => !['help', '--help', '-h'].includes(arg))
  if (!word || word.startsWith('-') || group.commands.length === 0) return
  if (!group.commands.some(command => command.name() === word)) group.parse([word], { from: 'user' })
}

/** Where the words for it cannot be read either: an update is under way, or no file can be opened. */
function tellPlainly(failure: unknown, { err }: Shell, asJson: boolean): number {
  const message = plainText(String(failure))
  err(`${asJson ? JSON.stringify({ ok: false, refused: 'failed', message }) : message}\n`)
  return EXIT_FAILED
}

/** Commander repeats what was typed, line breaks included, which would be told as lines of ours. */
const namingPlainly = (text: string, args: readonly string[]): string =>
  args
    .flatMap(arg => [arg, arg.split('=')[0]!])
    .filter(part => part !== plainText(part))
    .reduce((told, part) => told.replaceAll(part, () => plainText(part)), text)

const examples: readonly Example[] = [
  ['运行网关 / run the gateway', 'qunhub serve'],
  ['一个命令怎样用 / how a command is used', 'qunhub bot add --help'],
  ['在终端里补全命令 / complete commands in this terminal', 'eval "$(qunhub completion bash)"'],
]

export function declareProgram(
  { shell, hear }: { shell: Shell; hear: (text: string) => void },
  commands: readonly Declare[],
  exitWith: (code: number) => void,
): Command {
  const program = new Command('qunhub')
    .description('群枢: 企业微信群聊网关 / a gateway for the group chats of hosted WeCom accounts')
    .version(VERSION, '-V, --version', '显示版本 / show the version')
    .option(
      '--data-dir <dir>',
      '数据目录, 默认取 QUNHUB_DATA_DIR / data directory, by default QUNHUB_DATA_DIR',
    )
    .option(
      '--json',
      '输出 JSON, 供程序读取; 被拒绝时 JSON 在 stderr / print JSON for programs; a refusal prints it on stderr',
    )
    .helpOption('-h, --help', '显示帮助 / show help')
    .helpCommand('help [command]', '显示命令的帮助 / show the help of a command')
    .configureHelp({
      showGlobalOptions: true,
      // What may be given, and what it is otherwise, stands in their words, in both languages.
      optionDescription: option => option.description,
      argumentDescription: argument => argument.description,
    })
    .configureOutput({
      writeOut: shell.out,
      writeErr: hear,
      outputError: (text, write) => write(`${usageWords(text)}\n`),
    })
    .showHelpAfterError('加 --help 查看用法 / add --help to see the usage')
    .addHelpText('after', exitCodesHelp)
    .exitOverride()
    .on('beforeAllHelp', ({ command }: { command: Command }) => refuseUnknownWord(command))
  for (const declare of commands) declare(program, shell, exitWith)
  addExamples(program, examples)
  return program
}
