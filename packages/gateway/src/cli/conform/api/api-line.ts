/**
 * How an API is asked: by plain requests, each with a deadline over everything and a bound on its answer, without redirects
 * and without a proxy from the environment. What is asked and what is answered is kept as it travelled.
 */
import { Agent, request } from 'undici'
import type { Clock } from '../../../system/clock.ts'

export interface Ask {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** Pairs, because one key may be asked twice. */
  readonly query?: readonly (readonly [string, string])[]
  readonly headers?: Readonly<Record<string, string>>
  /** The bytes of a body, as they travel. */
  readonly body?: string
}

export type ApiAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly contentType: string
      readonly text: string
      /** The answer parsed; undefined where it is no JSON. */
      readonly json: unknown
      readonly ms: number
    }
  | { readonly kind: 'failed'; readonly why: 'timeout' | 'too-large' | 'no-answer'; readonly code: string }

/** addMember waits for a puppet, and a list may be long. */
const API_DEADLINE_MS = 30_000
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

export interface ApiLine {
  /** It never rejects for what a server does. */
  ask(ask: Ask): Promise<ApiAnswer>
  close(): Promise<void>
}

export function openApiLine(base: URL, clock: Clock): ApiLine {
  const agent = new Agent({ allowH2: false })
  return {
    async ask({ method, path, query = [], headers = {}, body }) {
      const url = new URL(base)
      url.pathname = url.pathname.replace(/\/+$/, '') + path
      url.search = new URLSearchParams(query.map(([name, value]) => [name, value])).toString()
      const startedAt = clock.now()
      const deadline = new AbortController()
      const callOff = clock.after(API_DEADLINE_MS, () => deadline.abort())
      try {
        const answer = await request(url, {
          dispatcher: agent,
          method,
          headers: { accept: 'application/json', ...headers },
          signal: deadline.signal,
          ...(body === undefined ? {} : { body }),
        })
        const text = await readUpTo(answer.body, ANSWER_BYTES_MAX)
        if (text === undefined) return { kind: 'failed', why: 'too-large', code: '' }
        const contentType = [answer.headers['content-type']].flat()[0] ?? ''
        const ms = Math.max(0, clock.now() - startedAt)
        return { kind: 'answered', status: answer.statusCode, contentType, text, json: parse(text), ms }
      } catch (failure) {
        if (deadline.signal.aborted) return { kind: 'failed', why: 'timeout', code: '' }
        const code = failure instanceof Error && 'code' in failure ? String(failure.code) : ''
        return { kind: 'failed', why: 'no-answer', code }
      } finally {
        callOff()
      }
    },
    close: () => agent.destroy(),
  }
}

async function readUpTo(body: AsyncIterable<Buffer>, bytesMax: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytesMax) return undefined
    chunks.push(chunk)
  }
  // What is no UTF-8 is told by the characters that stand for it.
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}
