import type { Endpoint, Envelope } from '@qunhub/wire'
import type { Refused, Result } from '../model/result.ts'

/** `{code, message}` in the endpoint's own envelope; lists never omit `data` (RW-5). */
export function envelop(envelope: Envelope, code: number, message: string): object {
  switch (envelope) {
    case 'code':
      return { code, message }
    case 'errcode':
      return { errcode: code, errmsg: message }
    case 'list':
      return { code, message, data: [] }
    default:
      return envelope satisfies never
  }
}

/** A refusal as the page writes it: its number and words, and behind a colon which id or number was meant. */
export function refusalReply<E extends Endpoint>(
  endpoint: E,
  { refused, detail }: Refused<keyof E['refusals'] & string>,
): object {
  const { code, message } = endpoint.refusals[refused]!
  return envelop(endpoint.envelope, code, detail === undefined ? message : `${message}: ${detail}`)
}

/** The reply of a verb: `success` says what the page answers when it was carried out. */
export const wireReply = <E extends Endpoint, T>(
  endpoint: E,
  result: Result<T, keyof E['refusals'] & string>,
  success: (value: T) => object,
): object => (result.ok ? success(result.value) : refusalReply(endpoint, result))
