import { createHmac } from 'node:crypto'
import type { Signature } from '../model/receiver.ts'

export interface Unsigned {
  readonly webhookId: string
  /** The moment of the attempt, in milliseconds; it travels in seconds. */
  readonly at: number
  readonly body: Uint8Array
}

/**
 * The headers of Standard Webhooks (CB-9): `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, once for each
 * active secret, so that a receiver verifies with the old one as well as with the new one while a secret is replaced.
 */
export function webhookHeaders({ webhookId, at, body }: Unsigned, secrets: readonly string[]): Signature {
  const timestamp = Math.floor(at / 1000)
  const signatures = secrets.map(secret => {
    // node:crypto, because a signer in plain JavaScript took 3.5 ms for a room of 154 KB where this takes 0.2 ms.
    const hmac = createHmac('sha256', secretBytes(secret)).update(`${webhookId}.${timestamp}.`).update(body)
    return `v1,${hmac.digest('base64')}`
  })
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}

const SECRET_PREFIX = 'whsec_'

const secretBytes = (secret: string): Buffer => {
  if (!secret.startsWith(SECRET_PREFIX)) throw new RangeError(`a signing secret begins with ${SECRET_PREFIX}`)
  return Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
}
