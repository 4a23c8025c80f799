import type { CallbackKind } from '@qunhub/wire'

/** A callback that a change of a room owes to the customer: rendered once, stored, signed and sent as these bytes. */
export interface OwedCallback {
  readonly kind: CallbackKind
  /** Callbacks of one lane reach the customer in the order of their commits (CB-8); the room's wxid. */
  readonly laneKey: string
  readonly body: Uint8Array
}

/** `due` waits for its turn or its retry, `delivered` and `parked` are ends; a parked one can be replayed (CB-8). */
export type CallbackState = 'due' | 'delivered' | 'parked'
