import type { ConsoleSession, OperatorReply, VerbAsk, VerbName, VerbOutput } from '@qunhub/wire'
import { consoleRoot } from './console-root.ts'
import { NoAnswer, NotOurs, Refused } from './failures.ts'
import { gatewayClock } from './gateway-clock.ts'

/** Longer than the longest that a verb may take its time (`login-bot` waits for 10 s). */
const ANSWER_WAIT_MAX_MS = 30_000

const api = `${consoleRoot(import.meta.url)}api`

type Method = 'GET' | 'POST' | 'DELETE'

/** One verb of the one door; a refusal is thrown, because whoever asks has nothing to go on with. */
export const askVerb = <N extends VerbName>(
  verb: N,
  input: VerbAsk<N>,
  signal?: AbortSignal,
): Promise<VerbOutput<N>> => ask<VerbOutput<N>>('POST', `/verbs/${verb}`, input, signal)

export const readSession = (): Promise<ConsoleSession> => ask('GET', '/session')
export const setUp = (given: { code: string; name: string; password: string }): Promise<ConsoleSession> =>
  ask('POST', '/setup', given)
export const signIn = (given: { name: string; password: string }): Promise<ConsoleSession> =>
  ask('POST', '/session', given)
/** Ends all other sessions of whoever changes it; this one goes on. */
export const changePassword = (given: { current: string; password: string }): Promise<ConsoleSession> =>
  ask('POST', '/password', given)
export const signOut = (): Promise<object> => ask('DELETE', '/session', {})
export const signOutEverywhere = (): Promise<{ ended: number }> => ask('DELETE', '/sessions', {})

async function ask<T>(method: Method, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const answer = await send(method, path, body, signal)
  gatewayClock.hear(answer.headers.get('date'))
  const requestId = answer.headers.get('x-request-id')
  const reply = await readReply(answer)
  if (!reply) throw new NotOurs(answer.status, requestId)
  if (reply.ok) return reply.value as T
  throw new Refused(reply.refused, reply.message, { status: answer.status, requestId })
}

async function send(method: Method, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(ANSWER_WAIT_MAX_MS)
  try {
    return await fetch(api + path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      credentials: 'same-origin',
      redirect: 'error',
    })
  } catch (failure) {
    // Whoever stopped asking wants to hear that, and not that nobody answered.
    if (signal?.aborted) throw failure
    throw new NoAnswer('no answer', { cause: failure })
  }
}

async function readReply(answer: Response): Promise<OperatorReply | undefined> {
  try {
    const reply = (await answer.json()) as Partial<OperatorReply> | null
    return typeof reply?.ok === 'boolean' ? (reply as OperatorReply) : undefined
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw new NoAnswer('the answer broke off', { cause: failure })
  }
}
