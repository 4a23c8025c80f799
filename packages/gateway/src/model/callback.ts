import type { CallbackKind, CallbackRecord } from '@qunhub/wire'

/** A callback that a change of a room owes to the customer: rendered once, stored, signed and sent as these bytes. */
export interface OwedCallback {
  readonly kind: CallbackKind
  /** Callbacks of one lane reach the customer in the order of their commits (CB-8); the room's wxid. */
  readonly laneKey: string
  readonly body: Uint8Array
}

/** Retries after the first try (CB-6). */
const RETRIES_MAX = 5
/** What is due and was tried so often has used up its retries, and waits for its address (CB-8). */
export const EXHAUSTED_ATTEMPT = RETRIES_MAX + 1

/**
 * `due` waits for its turn or its retry. Ends: `delivered`; `parked`, when the customer refused it or never took it
 * (CB-8); `quarantined`, when we could not even send it, again and again. Whatever has ended can be replayed.
 */
export type CallbackState = CallbackRecord['state']
