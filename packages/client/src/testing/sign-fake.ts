import type { CallbackBodies } from '../contract.ts'
import { readSecret, sign } from '../receiver/signature.ts'

export interface FakeOptions {
  /** Left out: a new one. The same one twice is a duplicate. */
  readonly webhookId?: string | undefined
  /** Milliseconds; left out: now. */
  readonly signedAt?: number | undefined
}

/** A callback as a gateway sends it. */
export interface Fake {
  /** What the gateway puts behind the callback base. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A kind that this client knows has its own body; any other may have any. */
export type BodyOf<K extends string> = K extends keyof CallbackBodies ? CallbackBodies[K] : unknown

/** Signs a callback as a gateway would: `await signFake('chatroom/joined', body, secret)`. */
export async function signFake<K extends string>(
  kind: K,
  body: BodyOf<K>,
  secret: string,
  { webhookId = `msg_${crypto.randomUUID()}`, signedAt = Date.now() }: FakeOptions = {},
): Promise<Fake> {
  const text = JSON.stringify(body)
  const timestamp = String(Math.floor(signedAt / 1000))
  const signed = { webhookId, timestamp, body: new TextEncoder().encode(text) }
  return {
    path: `/${kind}`,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'qunhub-fake',
      'webhook-id': webhookId,
      'webhook-timestamp': timestamp,
      'webhook-signature': await sign(signed, await readSecret(secret)),
    },
    body: text,
  }
}

/** Posts one to a receiver that runs, below its callback base; the base's query stays (CB-5). */
export async function postFake<K extends string>(
  url: string | URL,
  kind: K,
  body: BodyOf<K>,
  secret: string,
  options: FakeOptions & { readonly fetch?: typeof fetch | undefined } = {},
): Promise<Response> {
  const fake = await signFake(kind, body, secret, options)
  const target = new URL(url)
  target.pathname = target.pathname.replace(/\/+$/, '') + fake.path
  const send = options.fetch ?? fetch
  return send(target, { method: 'POST', headers: fake.headers, body: fake.body })
}
