import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { OWN_AUTHORITY } from '../receivers/own-authority.ts'

/** Longer than any answer may take. */
const HANG_MS = 40_000

export interface TlsAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface TlsAsk {
  readonly method?: 'GET' | 'POST'
  readonly body?: string | Buffer
  readonly headers?: Record<string, string>
  /** Of 127.0.0.0/8: whose request it is. */
  readonly from?: string
  /** After each piece of the answer. */
  readonly pauseMs?: number
}

/** Asks over connections that are kept, as customers' programs do; each of them trusts the tests' own authority. */
export function openTlsAsker() {
  const agent = new Agent({ keepAlive: true, ca: OWN_AUTHORITY })
  return {
    ask: (url: string, { method = 'GET', body, headers = {}, from, pauseMs = 0 }: TlsAsk = {}) =>
      new Promise<TlsAnswer>((done, fail) => {
        const asked = request(
          url,
          {
            agent,
            method,
            ...(from && { localAddress: from }),
            headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
            timeout: HANG_MS,
          },
          async answer => {
            const pieces: Buffer[] = []
            try {
              for await (const piece of answer) {
                pieces.push(piece as Buffer)
                if (pauseMs > 0) await new Promise(resume => setTimeout(resume, pauseMs))
              }
              done({
                status: answer.statusCode!,
                headers: answer.headers,
                text: Buffer.concat(pieces).toString(),
              })
            } catch (failure) {
              fail(failure)
            }
          },
        )
        asked.on('error', fail)
        asked.on('timeout', () => asked.destroy(new Error(`no answer in ${HANG_MS} ms`)))
        asked.end(body)
      }),
    close: () => agent.destroy(),
  }
}
