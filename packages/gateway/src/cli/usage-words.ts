import { asTyped } from '@qunhub/wire'

/**
 * What commander says of a command line that is none, in our words: Chinese first, what is expected and what was given. Of
 * arguments that nobody asked for only their number is told: a token may be among them.
 */
export function usageWords(text: string): string {
  const said = text.trim().replace(/^error: /, '')
  for (const [pattern, words] of patterns) {
    const found = pattern.exec(said)
    if (found) return `用法有误: ${words(...(found.slice(1) as string[]).map(part => part ?? ''))}`
  }
  return `用法有误 / wrong usage: ${said}`
}

type Words = (...parts: string[]) => string

/** In the order in which they are tried; each is a sentence of commander 15. */
const patterns: readonly (readonly [RegExp, Words])[] = [
  [
    /^unknown option '([\s\S]*?)'(?:\n\(Did you mean (.*)\?\))?$/,
    (option, meant) =>
      `没有选项 ${nameOf(option)}${perhaps(meant)} / there is no option ${nameOf(option)}${maybe(meant)}`,
  ],
  [
    /^unknown command '([\s\S]*?)'(?:\n\(Did you mean (.*)\?\))?$/,
    (command, meant) =>
      `没有命令 ${quoted(command)}${perhaps(meant)} / there is no command ${quoted(command)}${maybe(meant)}`,
  ],
  [
    /^missing required argument '(.*)'$/,
    argument => `缺少参数 <${argument}>, 没有给出 / expected the argument <${argument}>; nothing was given`,
  ],
  [
    /^option '(.*)' argument missing$/,
    option => `选项 ${option} 缺少值, 没有给出 / expected a value behind ${option}; nothing was given`,
  ],
  [
    /^required option '(.*)' not specified$/,
    option => `缺少选项 ${option}, 没有给出 / expected the option ${option}; nothing was given`,
  ],
  [
    /^option '(.*?)' argument '([\s\S]*)' is invalid\. ([\s\S]*)$/,
    (option, given, expected) => wrongValue(option, given, expected),
  ],
  [
    /^command-argument value '([\s\S]*)' is invalid for argument '(.*?)'\. ([\s\S]*)$/,
    (given, argument, expected) => wrongValue(`<${argument}>`, given, expected),
  ],
  [
    /^too many arguments(?: for '.*')?\. Expected (\d+) arguments? but got (\d+)/,
    (expected, given) =>
      `参数过多: 应为 ${expected} 个, 给出了 ${given} 个 / too many arguments: expected ${expected}, given ${given}`,
  ],
]

function wrongValue(name: string, given: string, expected: string): string {
  const choices = /^Allowed choices are (.*)\.$/.exec(expected)?.[1]
  const [chinese, english] = choices
    ? [`应为 ${choices.split(', ').join('、')} 之一`, `one of ${choices}`]
    : expected.split(' / ', 2)
  return `${name}: ${chinese}, 给出的是 ${quoted(given)} / expected ${english ?? chinese}; given: ${quoted(given)}`
}

const quoted = (given: string): string =>
  given === '' ? '""' : asTyped(given, '').english.replace(/^given: /, '')

/** Without its value, which may be a secret. */
const nameOf = (option: string): string => quoted(option.split('=', 1)[0]!).slice(1, -1)

const perhaps = (meant: string): string => (meant ? `, 是否想用 ${meant}?` : '')
const maybe = (meant: string): string => (meant ? `; did you mean ${meant}?` : '')
