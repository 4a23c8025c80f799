/**
 * Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, once for each secret of the sender. Web
 * Crypto alone, so that it runs wherever `fetch` does.
 */
export interface Signed {
  readonly webhookId: string
  /** Seconds since 1970, as they stand in the header. */
  readonly timestamp: string
  readonly body: Uint8Array
}

/** By its maker: not every environment has a name for the type. */
export type SecretKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const PREFIX = 'whsec_'
const VERSION = 'v1,'
/** The standard asks for 24; what is shorter than this is no secret but a mistake. */
const SECRET_BYTES_MIN = 16

/** Throws at once where it is none, with a sentence that does not hold it. */
export function readSecret(secret: string): Promise<SecretKey> {
  const bytes = secret?.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : undefined
  if (bytes === undefined || bytes.length < SECRET_BYTES_MIN)
    throw new TypeError(
      `签名密钥应为 ${PREFIX} 加 base64 (qunhub callback secret) / a signing secret is ${PREFIX} and base64`,
    )
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

/** What stands in `webhook-signature` for one secret. */
export async function sign({ webhookId, timestamp, body }: Signed, key: SecretKey): Promise<string> {
  const head = new TextEncoder().encode(`${webhookId}.${timestamp}.`)
  const signed = new Uint8Array(head.length + body.length)
  signed.set(head)
  signed.set(body, head.length)
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
  return VERSION + btoa(String.fromCharCode(...mac))
}

/**
 * Whether one of the signatures in the header is by one of the keys. Each key costs one HMAC, however many signatures a
 * stranger sends, and the time tells nothing of how much of one was right.
 */
export async function isSignedBy(
  keys: readonly SecretKey[],
  signed: Signed,
  header: string,
): Promise<boolean> {
  const given = header.split(' ')
  let matches = 0
  for (const key of keys) {
    const expected = await sign(signed, key)
    for (const signature of given) matches |= Number(isSame(signature, expected))
  }
  return matches === 1
}

function isSame(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false
  let difference = 0
  for (let at = 0; at < expected.length; at++) difference |= given.charCodeAt(at) ^ expected.charCodeAt(at)
  return difference === 0
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), character => character.charCodeAt(0))
  } catch {
    // The one way in which atob fails: it is no base64.
    return undefined
  }
}
