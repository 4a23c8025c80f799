import type { z } from 'zod'

/**
 * Says which field breaks the schema and what is expected there, Chinese first. It never repeats the value that was
 * sent: a token may stand in it (G-5, G-9).
 */
export function complain(error: z.ZodError): string {
  const issue = error.issues[0]
  if (!issue) return '请求不符合要求 (malformed request)'
  const field = issue.path.length > 0 ? issue.path.map(String).join('.') : '请求体'
  return `${field}: ${chinese(issue)} (${english(issue)})`
}

const KINDS: Record<string, string> = {
  string: '字符串',
  array: '数组',
  object: 'JSON 对象',
  number: '数字',
  int: '整数',
  boolean: '布尔值',
}

function chinese(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `应为${KINDS[issue.expected] ?? issue.expected}`
    case 'too_small':
      return `长度或数值不得小于 ${issue.minimum}`
    case 'too_big':
      return `长度或数值不得大于 ${issue.maximum}`
    case 'invalid_format':
      return '格式不正确'
    default:
      return '不符合要求'
  }
}

function english(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}`
    case 'too_small':
      return `expected at least ${issue.minimum}`
    case 'too_big':
      return `expected at most ${issue.maximum}`
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
    case 'unrecognized_keys':
      return `not known here: ${issue.keys.join(', ')}`
    default:
      // Our own schemas say what they expect; zod's own words begin with what is wrong.
      return /^(Invalid|Too) /.test(issue.message) ? issue.message : `expected ${issue.message}`
  }
}
