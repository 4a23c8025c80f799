import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** Which field is wrong, and what is expected of it: Chinese first. What was sent is not repeated, but for the names of fields. */
export function complain(issue: Issue | undefined): { error: string; field: string } {
  const field = fieldOf(issue)
  return { error: `${field}: ${issue ? wordsFor(issue) : '不符合要求 (invalid)'}`, field }
}

function fieldOf(issue: Issue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return issue.keys.join(', ')
  return issue?.path.join('.') || 'body'
}

function wordsFor(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? `应为 ${issue.expected} (expected ${issue.expected})`
    case 'invalid_value':
      return `应为 ${issue.values.join('、')} 之一 (expected one of ${issue.values.join(', ')})`
    case 'too_small':
      return bound(issue.origin, ['至少', '不得小于', 'at least'], issue.minimum)
    case 'too_big':
      return bound(issue.origin, ['最多', '不得大于', 'at most'], issue.maximum)
    case 'unrecognized_keys':
      return issue.keys.length === 1
        ? '没有这个字段 (there is no such field)'
        : '没有这些字段 (there are no such fields)'
    case 'custom':
      // Our own schemas say it in both languages.
      return issue.message
    default:
      return `不符合要求 (${issue.message})`
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: '应为字符串 (expected a string)',
  number: '应为数字 (expected a number)',
  int: '应为整数 (expected a whole number)',
  boolean: '应为 true 或 false (expected true or false)',
  array: '应为数组 (expected a list)',
  object: '应为 JSON 对象 (expected a JSON object)',
}

/** What is counted of a text and of a list; a number itself is held against its bound. */
const COUNTED: Readonly<Record<string, readonly [chinese: string, english: string]>> = {
  string: ['个字符', 'character'],
  array: ['项', 'item'],
}

function bound(
  origin: string,
  [soMany, soLarge, english]: readonly [soMany: string, soLarge: string, english: string],
  limit: number | bigint,
): string {
  const counted = COUNTED[origin]
  if (!counted) return `${soLarge} ${limit} (expected ${english} ${limit})`
  const [chineseUnit, englishUnit] = counted
  return `${soMany} ${limit} ${chineseUnit} (expected ${english} ${limit} ${englishUnit}${limit === 1 ? '' : 's'})`
}
