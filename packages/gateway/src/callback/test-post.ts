import { type TestBody, testCallback } from '@qunhub/wire'
import type { Receiver, Signature } from '../model/receiver.ts'
import { VERSION } from '../version.ts'
import { callbackHeaders } from './callback-headers.ts'
import { testUrl } from './callback-url.ts'
import type { Post } from './exchange.ts'
import { webhookHeaders } from './sign.ts'

export interface TestMessage {
  readonly id: string
  readonly at: number
  /** In both languages. */
  readonly message: string
  /** It tells of a moment so long before it is sent. */
  readonly olderByMs?: number
}

/**
 * A test as it is posted (CB-20): it tells of no room and no person, and says of itself what it is. In all else it travels as a
 * callback does. Without a secret it goes unsigned.
 */
export function testPost(
  { workspaceId, baseUrl, secrets, header }: Receiver,
  { id, at, message, olderByMs = 0 }: TestMessage,
): { readonly post: Post; readonly signature: Signature } {
  const told: TestBody = { test: true, message, group: workspaceId, timestamp: String(at - olderByMs) }
  const body = Buffer.from(JSON.stringify(testCallback.body.parse(told)))
  const signature = webhookHeaders({ webhookId: id, at, body }, secrets)
  const signed = callbackHeaders(signature, header, `Qunhub/${VERSION}`)
  const { 'webhook-signature': _, ...bare } = signed
  return { post: { url: testUrl(baseUrl), headers: secrets.length > 0 ? signed : bare, body }, signature }
}
