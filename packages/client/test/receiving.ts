import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { createReceiver, type ReceiverOptions, type UnknownCallback } from '../src/receiver/index.ts'
import { type FakeOptions, signFake } from '../src/testing/index.ts'
import { JOINED, secretOf } from './callback-samples.ts'

export const SECRET = secretOf(1)
export const settled = () => new Promise<void>(turned => setImmediate(turned))

/** A receiver with a moved clock, what it complained of, and somebody who posts callbacks to it. */
export function receiving(options: Partial<ReceiverOptions> = {}) {
  const clock = new ManualClock()
  const complaints: unknown[] = []
  const unknown: UnknownCallback[] = []
  const receiver = createReceiver({
    secrets: SECRET,
    clock,
    onError: failure => complaints.push(failure),
    onUnknown: callback => unknown.push(callback),
    ...options,
  })
  const request = async (
    asked: FakeOptions & {
      kind?: string
      secret?: string
      headers?: Record<string, string>
      body?: string
    } = {},
  ) => {
    const { kind = 'chatroom/joined', secret = SECRET, ...own } = asked
    const fake = await signFake<string>(kind, JOINED, secret, { signedAt: clock.now(), ...own })
    return new Request(`https://shop.example/hooks/qunhub${fake.path}?key=1`, {
      method: 'POST',
      headers: { ...fake.headers, ...asked.headers },
      body: asked.body ?? fake.body,
    })
  }
  const post = async (asked: Parameters<typeof request>[0] = {}) => receiver.fetch(await request(asked))
  return { receiver, clock, complaints, unknown, request, post }
}
