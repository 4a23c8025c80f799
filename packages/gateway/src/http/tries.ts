/**
 * People who are signed in try the API: the request goes to this gateway's own door as any program's does, is counted, limited,
 * noted and answered as one. Its token is a pass that is made for it, opens once, and leaves this process for no other place than
 * its own door.
 */
import { CONSOLE_TOKEN_ID, type Endpoint, TRIED_ANSWER_CHARACTERS_MAX, type WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../model/result.ts'
import { SECOND_MS } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import type { Caller } from './token-guard.ts'

const KEY = 'Idempotency-Key'
const PASS_BYTES = 32
/** Of all of them at once; each is gone when its request is admitted or over. */
const PASSES_MAX = 1_000

export interface Tried {
  readonly status: number
  readonly code: number | null
  readonly ms: number
  readonly requestId: string | null
  readonly answer: string
  readonly isWhole: boolean
}

export interface TryAsk {
  readonly workspaceId: WorkspaceId
  readonly endpoint: Pick<Endpoint, 'method' | 'path' | 'requestHeaders'>
  readonly fields: Readonly<Record<string, unknown>>
  /** Of an endpoint that knows none it is not sent. */
  readonly idempotencyKey?: string | undefined
  readonly waitSeconds: number
}

export interface Tries {
  /** Whose the pass is; it opens once. */
  take(token: string): Caller | undefined
  /** Where this gateway's own door is, once it is open. */
  openAt(url: string): void
  run(ask: TryAsk): Promise<Result<Tried, 'try-unanswered' | 'gateway-not-running'>>
}

export function createTries(random: Random): Tries {
  const passes = new Map<string, Caller>()
  let door: string | undefined
  return {
    take(token) {
      const caller = passes.get(token)
      passes.delete(token)
      return caller
    },
    openAt(url) {
      door = url
    },
    async run({ workspaceId, waitSeconds, ...asked }) {
      if (door === undefined || passes.size >= PASSES_MAX) return refuse('gateway-not-running')
      const pass = random.bytes(PASS_BYTES).toString('base64url')
      passes.set(pass, { tokenId: CONSOLE_TOKEN_ID, workspaceId })
      const begun = performance.now()
      try {
        const answer = await send(door, asked, pass, AbortSignal.timeout(waitSeconds * SECOND_MS))
        const { text, isWhole } = await readUpTo(answer, TRIED_ANSWER_CHARACTERS_MAX)
        return done({
          ...{ status: answer.status, code: codeIn(text), ms: Math.round(performance.now() - begun) },
          ...{ requestId: answer.headers.get('x-request-id'), answer: text, isWhole },
        })
      } catch (failure) {
        if (isUnanswered(failure)) return refuse('try-unanswered')
        throw failure
      } finally {
        passes.delete(pass)
      }
    },
  }
}

function send(
  door: string,
  {
    endpoint: { method, path, requestHeaders = [] },
    fields,
    idempotencyKey,
  }: Omit<TryAsk, 'workspaceId' | 'waitSeconds'>,
  pass: string,
  signal: AbortSignal,
): Promise<Response> {
  const authorization = `Bearer ${pass}`
  if (method === 'POST')
    return fetch(door + path, {
      ...{ method, signal, redirect: 'error' as const, body: JSON.stringify(fields) },
      headers: {
        authorization,
        'content-type': 'application/json',
        ...(idempotencyKey !== undefined && requestHeaders.some(({ name }) => name === KEY)
          ? { [KEY]: idempotencyKey }
          : {}),
      },
    })
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  return fetch(`${door}${path}?${query}`, { signal, redirect: 'error', headers: { authorization } })
}

/** A list of everything may be hundreds of megabytes: what is not told is not read. */
async function readUpTo(
  answer: Response,
  charactersMax: number,
): Promise<{ text: string; isWhole: boolean }> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > charactersMax)
      return { text: text.slice(0, charactersMax).toWellFormed(), isWhole: false }
  }
  return { text: text + decoder.decode(), isWhole: true }
}

/** Every JSON answer that has a code begins with it. */
function codeIn(text: string): number | null {
  const code = /^\{"(?:err)?code":(-?\d{1,3})[,}]/.exec(text)?.[1]
  return code === undefined ? null : Number(code)
}

/** It took too long, or the connection broke because the gateway stops. */
const isUnanswered = (failure: unknown): boolean =>
  (failure instanceof TypeError && failure.cause !== undefined) ||
  (failure instanceof DOMException && failure.name === 'TimeoutError')
