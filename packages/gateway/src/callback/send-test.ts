/**
 * Tries whether a receiver takes what we sign (CB-20), for a person who waits. The test goes past the outbox: a breaker that is
 * open does not hold it, it is tried once, it is not kept, and it takes none of the courier's slots. In all else it travels as a
 * callback does, by the same client: the same headers, deadline, guard and trust.
 */
import type { WorkspaceId } from '@qunhub/wire'
import type { AddressGuard } from '../model/address-guard.ts'
import type { Receiver, SendTest, TestAnswer } from '../model/receiver.ts'
import { newWebhookId } from '../model/webhook-id.ts'
import type { Clock } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import { type Deliverer, openDeliverer } from './deliver.ts'
import { testPost } from './test-post.ts'

/** A token asks for tests, too; whoever it belongs to must not use up our sockets. */
const TESTS_AT_ONCE_MAX = 8

export interface TestSender {
  readonly send: SendTest
  close(): Promise<void>
}

export function openTestSender(deps: {
  readonly clock: Clock
  readonly random: Random
  /** Whom callbacks may go to (CB-11). */
  readonly guard: AddressGuard
  /** Vouches for receivers besides whom this machine trusts (PEM). */
  readonly ca?: string | undefined
}): TestSender {
  const { clock, random } = deps
  // Only for whoever asks: to read the certificates that the machine trusts takes a while.
  let deliverer: Deliverer | undefined
  const underWay = new Set<WorkspaceId>()

  const tryOnce = async (receiver: Receiver): Promise<TestAnswer> => {
    const sentAt = clock.now()
    const message = '这是一条测试, 不是事件 / this is a test and no event'
    const { post, signature } = testPost(receiver, { id: newWebhookId(sentAt, random), at: sentAt, message })
    deliverer ??= openDeliverer(deps)
    const outcome = await deliverer.deliver(post)
    const header = receiver.header?.name ?? null
    const sent = { url: post.url.href, sentAt, signature, header, ms: outcome.ms }
    if (outcome.kind === 'answered')
      return { ...sent, status: outcome.status, answer: outcome.snippet, errorClass: null, reason: null }
    const { errorClass, reason = null } = outcome
    return { ...sent, status: null, answer: null, errorClass, reason }
  }

  return {
    async send(receiver) {
      const { workspaceId } = receiver
      if (underWay.has(workspaceId) || underWay.size >= TESTS_AT_ONCE_MAX) return null
      underWay.add(workspaceId)
      return tryOnce(receiver).finally(() => underWay.delete(workspaceId))
    },
    close: async () => deliverer?.close(),
  }
}
