/** `qunhub explain addMember -8`: what a code of the API means, how to check it, and what to do next. */
import { type Endpoint, endpoints, generalAnswers, inBoth, type RefusalHelp, refusalHelp } from '@qunhub/wire'
import { Argument, InvalidArgumentError } from 'commander'
import { addExamples } from './examples.ts'
import { EXIT_DONE } from './exit-codes.ts'
import type { Declare } from './shell.ts'
import { renderFacts, renderTable } from './show/table.ts'
import { json } from './tell.ts'

interface Explained {
  readonly endpoint: string
  readonly code: number
  readonly word: string
  readonly message: string
  readonly help: RefusalHelp
}

export const explainCommand: Declare = (program, shell, exitWith) => {
  const command = program
    .command('explain')
    .description('解释接口的错误码 / explain a code of the API')
    .addArgument(
      new Argument('<endpoint>', '接口名或路径 / name or path of the endpoint')
        .choices(endpoints.map(({ name }) => name))
        .argParser(endpointNamed),
    )
    .argument('[code]', '错误码, 省略则列出全部 / the code; all of them when left away')
    .action((endpoint: Endpoint, code: string | undefined) => {
      const { name } = endpoint
      const all = explained(endpoint)
      const found = code === undefined ? all : all.filter(each => String(each.code) === code)
      if (found.length === 0)
        command.error(
          `error: ${name} 没有错误码 ${code}, 它有 / it has no such code, but: ${[...new Set(all.map(each => each.code))].join(', ')}`,
        )
      const asJson = command.optsWithGlobals<{ json?: true }>().json
      shell.out(
        asJson
          ? json(found)
          : `${code === undefined ? asTable(found, shell.columns) : found.map(each => asFacts(each, shell.columns)).join('\n\n')}\n`,
      )
      exitWith(EXIT_DONE)
    })
  // A code begins as an option does.
  command.allowUnknownOption()
  addExamples(command, [
    ['不是好友 / no friend', 'qunhub explain addMember -8'],
    ['一个接口的全部错误码 / all codes of an endpoint', 'qunhub explain create'],
    ['按路径 / by its path', 'qunhub explain /room/exit 400'],
  ])
}

/** Whoever has a request before him copies its path. */
function endpointNamed(given: string): Endpoint {
  const meant = given.replace(/^\//, '').toLowerCase()
  const found = endpoints.find(({ name, path }) =>
    [name, path.slice(1)].some(each => each.toLowerCase() === meant),
  )
  if (!found)
    throw new InvalidArgumentError(`Allowed choices are ${endpoints.map(({ name }) => name).join(', ')}.`)
  return found
}

/** Its own refusals, and what any endpoint may answer. */
const explained = ({ name, refusals }: Endpoint): Explained[] => [
  ...Object.entries(refusals).map(([word, { code, message }]) => ({
    endpoint: name,
    code,
    word,
    message,
    help: refusalHelp[word as keyof typeof refusalHelp],
  })),
  ...generalAnswers.map(({ code, word, message, help }) => ({
    ...{ endpoint: name, code, word, message: inBoth(message), help },
  })),
]

const asTable = (all: readonly Explained[], width?: number): string =>
  renderTable(
    all,
    [
      { title: '错误码 code', cell: ({ code }) => code },
      { title: '说明 message', cell: ({ message }) => message },
      { title: '名称 word', cell: ({ word }) => word },
    ],
    width,
  )

const asFacts = ({ endpoint, code, word, message, help }: Explained, width?: number): string =>
  renderFacts(
    [
      [`${endpoint} ${code}`, `${message} (${word})`],
      ['含义 means', inBoth(help.means)],
      ['检查 check', inBoth(help.check)],
      ['下一步 next', inBoth(help.next)],
    ],
    width,
  )
