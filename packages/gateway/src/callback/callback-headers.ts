import type { Receiver, Signature } from '../model/receiver.ts'

/** Everything that a receiver is sent beside the body (CB-9, CB-13). */
export const callbackHeaders = (
  signature: Signature,
  header: Receiver['header'],
  userAgent: string,
): Record<string, string> => ({
  // Its name is none of those below (CB-13).
  ...(header === null ? {} : { [header.name]: header.value }),
  'content-type': 'application/json; charset=utf-8',
  'user-agent': userAgent,
  ...signature,
})
