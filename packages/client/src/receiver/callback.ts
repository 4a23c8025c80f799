import type { CallbackBodies } from '../contract.ts'

export type CallbackKind = keyof CallbackBodies

/** One callback whose signature was right; `kind` says what its body is. */
export type Callback<K extends CallbackKind = CallbackKind> = {
  readonly [Kind in K]: CallbackFacts & { readonly kind: Kind; readonly body: CallbackBodies[Kind] }
}[K]

export interface CallbackFacts {
  /** The same on every try and every replay: callbacks are told apart by it and by nothing else. */
  readonly webhookId: string
  /** When this try was signed; milliseconds. */
  readonly signedAt: number
}

/** A kind that nobody has a handler for: one that was switched on and not written yet, or newer than this client. */
export interface UnknownCallback extends CallbackFacts {
  readonly kind: string
  readonly body: unknown
}

/** `POST <base>/chatroom/joined`: the last two segments of the path are the kind (CB-5); the base may be anything. */
export function kindOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '').replace(/\/+$/, '')
  return path.split('/').filter(Boolean).slice(-2).join('/')
}
