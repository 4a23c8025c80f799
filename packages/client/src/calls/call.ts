import { type Clock, pause } from '../clock.ts'
import type { endpoints } from '../contract.ts'
import {
  type Answer,
  type CallOptions,
  type EndpointFacts,
  type Keyed,
  readAnswer,
  type Waiting,
} from './answer.ts'
import { attempt, type Request } from './attempt.ts'
import { NoAnswer, TooBusy } from './failure.ts'
import type { Pace } from './pace.ts'
import { isBusy, type RetryRule, retryAfterMs, waitBeforeNextTry } from './retry.ts'

export interface CallDeps {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly token: string
  readonly tokenIn: 'header' | 'page'
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  readonly retry: RetryRule
  readonly pace: Pace | null
  readonly clock: Clock
  readonly random: () => number
  readonly newKey: () => string
}

export type EndpointPath = keyof typeof endpoints

export type AnyOptions = CallOptions & Keyed & Waiting
type Ask = Readonly<Record<string, unknown>>

/** One call: it waits its turn, is sent, and sent again where that is allowed, and ends as a value or as a failure. */
export async function call(
  name: EndpointPath,
  facts: EndpointFacts,
  ask: Ask,
  options: AnyOptions,
  deps: CallDeps,
): Promise<Answer<object, string>> {
  const { clock, retry, random } = deps
  const { signal, timeoutMs = deps.timeoutMs } = options
  const path = `/${name}`
  const request = requestOf(path, facts, ask, options, deps)
  const isRepeatable = facts.method === 'GET' || 'idempotency-key' in request.headers

  for (let tries = 1; ; tries++) {
    const answered = await deps.pace?.turn(path, signal)
    const ended = await attempt(deps.fetch, clock, request, { timeoutMs, signal }).finally(answered)
    const now = clock.now()
    const waitMs = waitBeforeNextTry(ended, { tries, isRepeatable, now, random: random() }, retry)
    if (waitMs !== null) {
      await pause(clock, waitMs, signal)
      continue
    }
    const at = { path, tries }
    if (ended.kind === 'failed') throw new NoAnswer(at, ended)
    if (isBusy(ended.heard.status)) throw new TooBusy(at, ended.heard, retryAfterMs(ended.heard, now))
    return readAnswer(facts, ended.heard, at, deps.token)
  }
}

/** What goes into a header. Anything else `fetch` would refuse on every try, and say it whole. */
export function visible(name: string, text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text))
    throw new TypeError(
      `${name}: 可见 ASCII 字符, 不含空格与换行 / visible ASCII, no spaces and no line ends`,
    )
  return text
}

/** The same on every try, its key too. */
function requestOf(
  path: string,
  facts: EndpointFacts,
  ask: Ask,
  options: AnyOptions,
  deps: CallDeps,
): Request {
  const { method } = facts
  const inHeader = deps.tokenIn === 'header'
  const said = inHeader ? ask : { token: deps.token, ...ask }
  const key = facts.keyed && visible('idempotencyKey', options.idempotencyKey ?? deps.newKey())
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': 'qunhub-client',
    ...(inHeader ? { authorization: `Bearer ${deps.token}` } : {}),
    ...(key ? { 'idempotency-key': key } : {}),
    ...(options.waitS === undefined ? {} : { prefer: `wait=${options.waitS}` }),
    ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
  }
  const url = deps.baseUrl + path
  if (method === 'POST') return { url, method, headers, body: JSON.stringify(said) }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(said))
    if (value !== undefined && value !== null) query.append(name, String(value))
  return { url: query.size === 0 ? url : `${url}?${query}`, method, headers, body: undefined }
}
