import type { z } from 'zod'
import { splitWords } from './model/words.ts'

/** The same thing in the two languages in which we speak to people. */
export interface BothLanguages {
  readonly chinese: string
  readonly english: string
}

/** Chinese first; what is the same in both, a path or an address, is said once. */
export const inBoth = ({ chinese, english }: BothLanguages): string =>
  chinese === english ? chinese : `${chinese} / ${english}`

/** How what was given is told; `field` is its path, such as `wxids.2`. */
export type Telling = (given: unknown, field: string) => BothLanguages

/**
 * Says which field breaks the schema, what is expected there and what was given, Chinese first. What was given is told by its
 * kind alone, unless the caller tells it otherwise: a token may stand in it (G-5, G-9). `input` is what the schema was held against.
 */
export function complain(error: z.ZodError, input: unknown, tell: Telling = kindOf): string {
  const issue = error.issues[0]
  if (!issue) return '请求不符合要求 (malformed request)'
  const field = issue.path.length > 0 ? issue.path.map(String).join('.') : '请求体'
  const given = tell(valueAt(input, issue.path), field)
  const { chinese, english } = whatIsExpected(issue)
  return `${field}: ${chinese}, ${given.chinese} (${english}; ${given.english})`
}

/** What kind of thing was given, and never what stands in it. */
export function kindOf(given: unknown): BothLanguages {
  if (given === undefined) return { chinese: '没有给出', english: 'nothing was given' }
  if (given === null) return was('null', 'null')
  if (given === '') return was('空文本', 'empty text')
  if (typeof given === 'string') return textOf(charactersIn(given))
  if (typeof given === 'number')
    return Number.isInteger(given)
      ? was('整数', 'a whole number')
      : was('非整数', 'a number that is no whole one')
  if (typeof given === 'boolean') return was('布尔值', 'a boolean')
  if (Array.isArray(given))
    return was(`${given.length} 项的数组`, `a list of ${counted(given.length, 'item')}`)
  return was('对象', 'an object')
}

const textOf = (length: number) => was(`${length} 个字符的文本`, `text of ${counted(length, 'character')}`)

/** As the bound of a schema counts them. Anybody may send some hundred thousand; walking along a text's own iterator takes ten milliseconds. */
function charactersIn(text: string): number {
  let pairs = 0
  for (let at = 0; at < text.length - 1; at++) {
    if (isHigh(text.charCodeAt(at)) && isLow(text.charCodeAt(at + 1))) pairs++
  }
  return text.length - pairs
}

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00

/** As {@link kindOf}, but a value that people typed is told as they typed it. */
export const asTyped: Telling = given =>
  typeof given === 'string' && given !== ''
    ? was(quoted(given), quoted(given))
    : typeof given === 'number'
      ? was(String(given), String(given))
      : kindOf(given)

/** So much of a value is shown that its owner knows it again. */
const SHOWN_CHARACTERS_MAX = 80

/** In quotes, and with nothing in it that moves a cursor. */
function quoted(text: string): string {
  const shown = [...text.slice(0, 2 * SHOWN_CHARACTERS_MAX)].slice(0, SHOWN_CHARACTERS_MAX).join('')
  const rest = shown.length < text.length ? '…' : ''
  return `"${shown.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')}${rest}"`
}

/** Latin letters and digits stand apart from what is Chinese. */
const behind = (words: string, rest: string): string =>
  `${words}${/^[\x21-\x7e]/.test(rest) ? ' ' : ''}${rest}`

const was = (chinese: string, english: string): BothLanguages => ({
  chinese: behind('给出的是', chinese),
  english: `given: ${english}`,
})

/** What the schema wants in the place of an issue. A schema that says it itself does so as `中文 / English`. */
export function whatIsExpected(issue: z.core.$ZodIssue): BothLanguages {
  const own = splitWords(issue.message)
  if (own) return { chinese: behind('应为', own.chinese), english: `expected ${own.english}` }
  switch (issue.code) {
    case 'invalid_type': {
      const kind = KINDS[issue.expected]
      return kind
        ? { chinese: behind('应为', kind.chinese), english: `expected ${kind.english}` }
        : { chinese: behind('应为', issue.expected), english: `expected ${issue.expected}` }
    }
    case 'too_small':
      return issue.minimum === 1 && issue.origin in COUNTED
        ? NOT_EMPTY
        : bound(issue.origin, AT_LEAST, issue.minimum)
    case 'too_big':
      return bound(issue.origin, AT_MOST, issue.maximum)
    case 'invalid_value':
      return oneOf(issue.values.map(String))
    case 'unrecognized_keys':
      return {
        chinese: `没有字段 ${issue.keys.join('、')}`,
        english: `there is no field ${issue.keys.join(', ')}`,
      }
    case 'invalid_union':
      return anyOf(issue.errors)
    default:
      return { chinese: '不是此处可用的值', english: 'nothing that belongs here' }
  }
}

const KINDS: Readonly<Record<string, BothLanguages>> = {
  string: { chinese: '字符串', english: 'a string' },
  array: { chinese: '数组', english: 'a list' },
  object: { chinese: 'JSON 对象', english: 'a JSON object' },
  number: { chinese: '数字', english: 'a number' },
  int: { chinese: '整数', english: 'a whole number' },
  boolean: { chinese: 'true 或 false', english: 'true or false' },
}

/** What is counted of a text and of a list; a number is held against its bound itself. */
const COUNTED: Readonly<Record<string, readonly [chinese: string, english: string]>> = {
  string: ['个字符', 'character'],
  array: ['项', 'item'],
}

const NOT_EMPTY: BothLanguages = { chinese: '不能为空', english: 'expected not to be empty' }
const AT_LEAST = { soMany: '至少', soLarge: '不得小于', english: 'at least' }
const AT_MOST = { soMany: '最多', soLarge: '不得大于', english: 'at most' }

function bound(origin: string, words: typeof AT_LEAST, limit: number | bigint): BothLanguages {
  const unit = COUNTED[origin]
  if (!unit) return { chinese: `${words.soLarge} ${limit}`, english: `expected ${words.english} ${limit}` }
  return {
    chinese: `${words.soMany} ${limit} ${unit[0]}`,
    english: `expected ${words.english} ${counted(Number(limit), unit[1])}`,
  }
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`

const oneOf = (values: readonly string[]): BothLanguages =>
  values.length === 1
    ? { chinese: `应为 ${values[0]}`, english: `expected ${values[0]}` }
    : { chinese: `应为 ${values.join('、')} 之一`, english: `expected one of ${values.join(', ')}` }

/** Of a choice of schemas: what each of them wants, each wish once. */
function anyOf(branches: readonly (readonly z.core.$ZodIssue[])[]): BothLanguages {
  const wishes = branches.flatMap(([first]) => (first ? [whatIsExpected(first)] : []))
  const each = [...new Map(wishes.map(wish => [wish.english, wish])).values()]
  return {
    chinese: each.map(({ chinese }) => chinese).join(', 或') || '不是此处可用的值',
    english: each.map(({ english }) => english).join(', or ') || 'nothing that belongs here',
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}
