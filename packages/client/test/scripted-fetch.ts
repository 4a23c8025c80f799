/** An answer, a failure to connect, or `'hang'`: nothing, until the caller gives up. */
export type Scripted = { status?: number; headers?: Record<string, string>; body?: unknown } | Error | 'hang'

export interface Sent {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: unknown
}

/** Stands in for the network, which no test can bid to fail: gives these answers in turn, and keeps what was sent. */
export function scriptedFetch(...answers: Scripted[]): { fetch: typeof fetch; sent: Sent[] } {
  const sent: Sent[] = []
  const send = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', signal } = init
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
    sent.push({ url: new URL(String(url)), method, headers: new Headers(init.headers), body })
    const answer = answers.shift() ?? { body: { code: 0, message: '' } }
    if (answer instanceof Error) throw answer
    if (answer === 'hang')
      return new Promise((_resolve, reject) =>
        signal!.addEventListener('abort', () => reject(signal!.reason), { once: true }),
      )
    const { status = 200, headers = {} } = answer
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {})
    return new Response(text, { status, headers })
  }
  return { fetch: send as typeof fetch, sent }
}
