import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ControlError } from './control-error.ts'

export const BODY_BYTES_MAX = 1024 * 1024

/** The JSON body of a request; undefined when there is none. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX)
      throw new ControlError(413, `请求体超过 1 MiB (body over ${BODY_BYTES_MAX} bytes)`, {
        connection: 'close',
      })
    chunks.push(chunk)
  }
  if (bytes === 0) return undefined

  requireJson(request.headers)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    throw new ControlError(400, 'body: 不是合法的 JSON (malformed JSON)')
  }
}

/** Of a request with a body. */
export function requireJson(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw new ControlError(415, '只接受 application/json (only application/json is accepted)')
}
