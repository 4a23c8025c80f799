/**
 * What an answer has to be, and how one that is otherwise is told. Rules of the page fail; what we added to it, and another
 * server that claims the page need not have, is warned of.
 */
import { type BothLanguages, complain, type Endpoint, HTTP_BAD_REQUEST, type RefusalCode } from '@qunhub/wire'
import { says } from '../../show/report.ts'
import type { Seen } from '../run-checks.ts'
import type { ApiAnswer } from './api-line.ts'

export interface Expectation {
  readonly expected: BothLanguages
  /** What is otherwise; null where nothing is. */
  complain(answer: Answered): BothLanguages | null
}

type Answered = ApiAnswer & { readonly kind: 'answered' }
export type Strictness = 'page' | 'ours'

/** Holds an answer against what is expected of it. */
export function hold(
  answer: ApiAnswer,
  { expected, complain: complaintOf }: Expectation,
  strictness: Strictness = 'page',
): Seen {
  const wrong = strictness === 'page' ? 'failed' : 'warned'
  if (answer.kind === 'failed')
    return { verdict: 'failed', seen: failureWordsOf(answer), next: shouldBe(expected) }
  const complaint = complaintOf(answer)
  if (complaint === null) return { verdict: 'passed', seen: briefly(answer) }
  const seen = briefly(answer)
  return {
    verdict: wrong,
    seen: says(`${complaint.chinese}: ${seen.chinese}`, `${complaint.english}: ${seen.english}`),
    next: shouldBe(expected),
  }
}

const shouldBe = ({ chinese, english }: BothLanguages): BothLanguages =>
  says(`应为 ${chinese}`, `it should be ${english}`)

/** `200 {"code":-1,…}, 12 ms`, cut where a person stops reading. */
function briefly({ status, text, ms }: Answered): BothLanguages {
  const shown = text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text
  const words = `${status} ${shown}, ${ms} ms`
  return says(words, words)
}

const SHOWN_CHARACTERS_MAX = 160

function failureWordsOf({ why, code }: ApiAnswer & { readonly kind: 'failed' }): BothLanguages {
  if (why === 'timeout') return says('30 秒内没有答完', 'not done within 30 s')
  if (why === 'too-large') return says('应答超过 64 MiB', 'an answer of more than 64 MiB')
  return says(`没有应答 ${code}`.trim(), `no answer ${code}`.trim())
}

/** A refusal is HTTP 200 with its number and its words (G-3). */
export const refusal = (endpoint: Endpoint, { code, message }: RefusalCode): Expectation => ({
  expected: says(`HTTP 200, code ${code}「${message}」`, `HTTP 200, code ${code} “${message}”`),
  complain(answer) {
    if (answer.status !== 200) return says('不是 HTTP 200', 'not HTTP 200')
    const shape = complaintOfShape(answer, endpoint)
    if (shape) return shape
    const told = wordsOf(answer.json)
    if (told.code !== code) return says(`code 不是 ${code}`, `its code is not ${code}`)
    // Which id it is may follow.
    return told.message.startsWith(message) || endpoint.envelope === 'list'
      ? null
      : says('说明不同', 'it has other words')
  },
})

/** What is not as the endpoint declares it is refused with 400, and the field is named (G-5). */
export const malformed = (endpoint: Endpoint, field: string): Expectation => ({
  expected: says(`HTTP 400, code 400, 说明里有 ${field}`, `HTTP 400, code 400, and words that name ${field}`),
  complain(answer) {
    const { code, message } = wordsOf(answer.json)
    if (answer.status !== HTTP_BAD_REQUEST || code !== HTTP_BAD_REQUEST)
      return says('没有以 400 拒绝', 'it is not refused with 400')
    return message.includes(field)
      ? complaintOfShape(answer, endpoint)
      : says('没有说是哪个字段', 'it does not say which field')
  },
})

/** It is done, or answered, and everything is there in its type. `more`, of what the types cannot say. */
export const done = <E extends Endpoint>(
  endpoint: E,
  expected: BothLanguages = says('code 0, 字段齐全', 'code 0, and every field'),
  more: (json: unknown) => BothLanguages | null = () => null,
): Expectation => ({
  expected,
  complain(answer) {
    if (answer.status !== 200) return says('不是 HTTP 200', 'not HTTP 200')
    const { code } = wordsOf(answer.json)
    if (code !== 0) return says('code 不是 0', 'its code is not 0')
    return complaintOfShape(answer, endpoint) ?? more(answer.json)
  },
})

/** Whatever is wrong: it is no success, and JSON. */
export const statusOf = (...statuses: readonly number[]): Expectation => ({
  expected: says(`HTTP ${statuses.join(' 或 ')}, JSON`, `HTTP ${statuses.join(' or ')}, and JSON`),
  complain: ({ status, contentType, json }) =>
    !statuses.includes(status)
      ? says('状态不同', 'it has another status')
      : json === undefined || !isJson(contentType)
        ? says('不是 JSON', 'it is no JSON')
        : null,
})

function complaintOfShape({ contentType, json, text }: Answered, { reply }: Endpoint): BothLanguages | null {
  if (json === undefined) return says('不是 JSON', 'it is no JSON')
  if (!isJson(contentType))
    return says(`Content-Type 是 ${contentType || '空'}`, `its Content-Type is ${contentType || 'empty'}`)
  if (text.includes('\uFFFD')) return says('不是 UTF-8', 'it is no UTF-8')
  const read = reply.safeParse(json)
  if (!read.success) {
    const words = complain(read.error, json)
    return says(words, words)
  }
  const rounded = roundedNumber(text)
  return rounded === undefined
    ? null
    : says(`数字 ${rounded} 放不进 JSON 的数`, `the number ${rounded} does not fit a number of JSON`)
}

const isJson = (contentType: string): boolean =>
  /^application\/json\s*(;\s*charset=["']?utf-8["']?)?\s*$/i.test(contentType)

/** A number that a program would read as another one. */
export function roundedNumber(text: string): string | undefined {
  let found: string | undefined
  JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source))
      if (!Number.isSafeInteger(value)) found ??= source
    return value
  })
  return found
}

/** Both envelopes: `code` and `message`, or as create has it. */
export function wordsOf(json: unknown): { readonly code: unknown; readonly message: string } {
  const { code, errcode, message, errmsg } = (json ?? {}) as Record<string, unknown>
  return { code: code ?? errcode, message: String(message ?? errmsg ?? '') }
}
