import { Readable } from 'node:stream'
import { cleanText } from '@qunhub/wire'
import type { Dispatcher } from 'undici'

export interface Post {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** How one request over one connection ended. */
export type Exchange =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly retryAfter: string | undefined
      readonly snippet: string
    }
  /** `begun`: whether at least the beginning of an answer had come. */
  | { readonly kind: 'broken'; readonly error: Error; readonly begun: boolean }
  /** `deadline` was aborted first. */
  | { readonly kind: 'expired' }

/** So much of an answer is read, and so much of it is kept. */
const ANSWER_BYTES_MAX = 16 * 1024
const SNIPPET_BYTES_MAX = 1024

/**
 * What the system takes from us at once, whether or not the receiver reads. A larger body goes piece by piece, so that the
 * client notices an answer that comes before all of it is sent, such as 413: what is left would stand in front of the next
 * request on that connection, and the client closes it then.
 */
const AT_ONCE_BYTES_MAX = 16 * 1024

async function* inPieces(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < body.length; from += AT_ONCE_BYTES_MAX)
    yield body.subarray(from, from + AT_ONCE_BYTES_MAX)
}

/**
 * Posts once and listens. Once there is a status, that is the answer, however its body ends: cut off, broken, or by us
 * because it is longer than we read. But an answer that is still going on at the deadline has expired, so that a
 * receiver which drips its answer is not taken for a healthy one.
 */
export const exchange = (
  client: Dispatcher,
  { url, headers, body }: Post,
  deadline: AbortSignal,
): Promise<Exchange> =>
  new Promise(resolve => {
    let controller: Dispatcher.DispatchController | undefined
    let begun = false
    let status: number | undefined
    let retryAfter: string | undefined
    let bytesRead = 0
    const kept: Buffer[] = []

    const expire = () => {
      resolve({ kind: 'expired' })
      controller?.abort(new Error('the deadline has passed'))
    }
    const settle = (exchange: Exchange) => {
      deadline.removeEventListener('abort', expire)
      resolve(exchange)
    }
    const answered = (status: number) =>
      settle({ kind: 'answered', status, retryAfter, snippet: snippetOf(kept) })

    if (deadline.aborted) return resolve({ kind: 'expired' })
    deadline.addEventListener('abort', expire, { once: true })

    client.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers: { ...headers, 'content-length': String(body.length) },
        body: body.length > AT_ONCE_BYTES_MAX ? Readable.from(inPieces(body)) : body,
      },
      {
        // While a connection is being made there is nothing to abort yet; what expired then is stopped here, unsent.
        onRequestStart(started) {
          controller = started
          if (deadline.aborted) started.abort(new Error('the deadline has passed'))
        },
        onResponseStarted() {
          begun = true
        },
        onResponseStart(_controller, statusCode, answer) {
          if (statusCode < 200) return
          status = statusCode
          retryAfter = [answer['retry-after']].flat()[0]
        },
        onResponseData(reading, chunk) {
          if (bytesRead < SNIPPET_BYTES_MAX)
            kept.push(Buffer.from(chunk.subarray(0, SNIPPET_BYTES_MAX - bytesRead)))
          bytesRead += chunk.length
          if (bytesRead > ANSWER_BYTES_MAX) reading.abort(new Error('enough of the answer was read'))
        },
        onResponseEnd() {
          answered(status!)
        },
        onResponseError(_controller, error) {
          if (status !== undefined) return answered(status)
          settle({ kind: 'broken', error, begun })
        },
      },
    )
  })

// Cut by bytes, so the last character may be half; the decoder waits for its rest and says nothing.
const snippetOf = (kept: readonly Buffer[]): string =>
  cleanText(new TextDecoder().decode(Buffer.concat(kept), { stream: true }))
