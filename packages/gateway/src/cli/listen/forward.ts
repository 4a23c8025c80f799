/** Posts callbacks on to a program of the developer's own, signed as the gateway signs them; what came of it changes nothing. */
import type { Outcome } from '../../callback/outcome.ts'
import { openReceiverLine, type ReceiverTarget } from '../conform/receiver/receiver-line.ts'
import type { Followed } from './listen.ts'

export interface Forwarder {
  /** Once; it never rejects. */
  forward(callback: Followed): Promise<Outcome>
  close(): Promise<void>
}

export function openForwarder(target: ReceiverTarget): Forwarder {
  const line = openReceiverLine(target)
  return {
    forward: ({ kind, body, webhookId }) => line.post(line.write(`/${kind}`, body, { webhookId })),
    close: () => line.close(),
  }
}
