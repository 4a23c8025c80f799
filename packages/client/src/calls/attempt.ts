import type { Clock } from '../clock.ts'
import type { Ended } from './retry.ts'

export interface Request {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body: string | undefined
}

/**
 * Sends once and reads the whole answer, within one time. It rejects only when the caller's own signal was aborted, with
 * that signal's reason.
 */
export async function attempt(
  send: typeof fetch,
  clock: Clock,
  { url, ...request }: Request,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Ended> {
  signal?.throwIfAborted()
  // One controller for both, by hand: AbortSignal.any is younger than the oldest Node that this runs on.
  const cut = new AbortController()
  let timedOut = false
  const giveUp = () => cut.abort(signal?.reason)
  signal?.addEventListener('abort', giveUp, { once: true })
  const callOff = clock.after(timeoutMs, () => {
    timedOut = true
    cut.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'))
  })
  try {
    // A redirect would make a GET of a POST, and takes the token to another place.
    const answer = await send(url, { ...init(request), redirect: 'manual', signal: cut.signal })
    const text = await answer.text()
    return { kind: 'answered', heard: { status: answer.status, headers: answer.headers, text } }
  } catch (cause) {
    signal?.throwIfAborted()
    return { kind: 'failed', timedOut, cause }
  } finally {
    callOff()
    signal?.removeEventListener('abort', giveUp)
  }
}

const init = ({ body, ...rest }: Omit<Request, 'url'>): RequestInit =>
  body === undefined ? rest : { ...rest, body }
