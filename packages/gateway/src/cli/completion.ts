/**
 * `qunhub completion bash|zsh` prints a script that completes command lines. All of it is made of the tree of commands, so
 * that a new command, option or choice is completed without a word about it here; nothing is asked of a gateway.
 */
import { Argument, type Command, type Option } from 'commander'
import { addExamples } from './examples.ts'
import type { Declare } from './shell.ts'

const SHELLS = ['bash', 'zsh'] as const

export const completionCommand: Declare = (program, shell) => {
  const command = program
    .command('completion')
    .description('打印命令补全的脚本 / print the script that completes command lines')
    .addArgument(new Argument('<shell>', 'bash 或 zsh / bash or zsh').choices(SHELLS))
    .addHelpText(
      'after',
      '\n写进 ~/.bashrc 或 ~/.zshrc; 经 npm 运行的, 先设别名 qunhub / put it into ~/.bashrc or ~/.zshrc; run through npm, it wants an alias named qunhub first',
    )
    .action((name: (typeof SHELLS)[number]) => shell.out(scripts[name](program)))
  addExamples(command, [
    ['bash', 'eval "$(qunhub completion bash)"'],
    ['zsh', 'eval "$(qunhub completion zsh)"'],
  ])
}

/** Zsh reads bash's completions, with a module of its own. */
const scripts = {
  bash: (program: Command) => bashScript(program),
  zsh: (program: Command) =>
    `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }\nautoload -Uz bashcompinit && bashcompinit\n${bashScript(program)}`,
}

/** What may stand at one place of a command line: these words, or a file. */
type Offer = readonly string[] | 'file'

/** A command by the words that call it, `bot add`, empty for the program itself. */
interface Place {
  readonly path: string
  readonly command: Command
}

function bashScript(program: Command): string {
  const places = placesIn({ path: '', command: program })
  const valued = places.flatMap(({ command }) => optionsOf(command).filter(takesValue).flatMap(flagsOf))
  return `# qunhub: 命令补全 / completion of its command lines
_qunhub() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" last="" word offer="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$last" in
      ${either(valued)}) ;;
      *)
        case "$command/$word" in
          ${either(places.filter(({ path }) => path !== '').map(callOf))}) command="\${command:+$command }$word" ;;
        esac
        ;;
    esac
    last="$word"
  done
  case "$command/$before" in
${places.flatMap(valuesAt).join('\n')}
    *)
      case "$current" in
        -*)
          case "$command" in
${places.map(({ path, command }) => branch([path], optionsOf(command).flatMap(flagsOf), 12)).join('\n')}
          esac
          ;;
        *)
          case "$command" in
${places.map(({ path, command }) => branch([path], wordsOf(command), 12)).join('\n')}
          esac
          ;;
      esac
      ;;
  esac
  if [ "$offer" = "<file>" ] && [ -n "$BASH_VERSION" ]; then compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [ "$offer" = "<file>" ]; then COMPREPLY=($(compgen -f -- "$current"))
  else COMPREPLY=($(compgen -W "$offer" -- "$current")); fi
}
complete -F _qunhub qunhub
`
}

const placesIn = (place: Place): Place[] => [
  place,
  ...place.command.commands.flatMap(command =>
    placesIn({ path: `${place.path} ${command.name()}`.trim(), command }),
  ),
]

/** As the loop of the script meets it: the words so far, a slash, and the next one. */
const callOf = ({ path }: Place): string => path.replace(/ ?(\S+)$/, '/$1')

/** What comes behind an option that takes a value. */
const valuesAt = ({ path, command }: Place): string[] =>
  optionsOf(command)
    .filter(takesValue)
    .map(option =>
      branch(
        flagsOf(option).map(flag => `${path}/${flag}`),
        valuesOf(option),
        4,
      ),
    )

const branch = (patterns: readonly string[], offer: Offer, indent: number): string =>
  `${' '.repeat(indent)}${either(patterns)}) offer=${quoted(offer === 'file' ? '<file>' : offer.join(' '))} ;;`

const either = (patterns: readonly string[]): string => [...new Set(patterns)].map(quoted).join('|')

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** Its own, and those that every command takes. */
const optionsOf = (command: Command): readonly Option[] =>
  command.createHelp().visibleOptions(command).concat(command.createHelp().visibleGlobalOptions(command))

const flagsOf = ({ short, long }: Option): string[] => [short, long].filter(flag => flag !== undefined)

const takesValue = ({ required, optional }: Option): boolean => required || optional

const valuesOf = ({ argChoices = [], flags }: Option): Offer =>
  /<(file|dir)>/.test(flags) ? 'file' : argChoices

/** The commands of a group, or what a command's arguments may be; where there is nothing to type, its options. */
function wordsOf(command: Command): Offer {
  if (command.commands.length > 0) return command.commands.map(within => within.name())
  const wanted = command.registeredArguments
  if (wanted.some(argument => ['file', 'target'].includes(argument.name()))) return 'file'
  return wanted.length > 0
    ? wanted.flatMap(({ argChoices = [] }) => argChoices)
    : optionsOf(command).flatMap(({ long }) => long ?? [])
}
