import type { StepRecord, WorkspaceId } from '@qunhub/wire'

/** Whom the callbacks of a workspace go to. Nobody is told its secrets, nor the value of its header. */
export interface Receiver {
  readonly workspaceId: WorkspaceId
  readonly baseUrl: string
  /** `whsec_…`, newest first; each signs. */
  readonly secrets: readonly string[]
  readonly header: { readonly name: string; readonly value: string } | null
}

/** Headers by which a receiver checks what it was sent (Standard Webhooks). */
export type Signature = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>

/** What came of a test. Of the header that the receiver wants, its name. */
export interface TestAnswer {
  readonly url: string
  readonly sentAt: number
  readonly signature: Signature
  readonly header: string | null
  readonly ms: number
  /** Null where there was no answer. */
  readonly status: number | null
  /** How the answer begins. */
  readonly answer: string | null
  /** Why there was none: `timeout`, `dns`, `connect`, `tls` … */
  readonly errorClass: string | null
  readonly reason: string | null
}

/** Posts a test as a callback would be posted, and never rejects. Null, and nothing is sent, while one is under way there. */
export type SendTest = (receiver: Receiver) => Promise<TestAnswer | null>

/** Examines whether it is a good receiver, and never rejects. Null, and nothing is sent, while that is under way there. */
export type ExamineReceiver = (receiver: Receiver) => Promise<StepRecord[] | null>
