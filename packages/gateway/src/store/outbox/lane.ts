import type { WorkspaceId } from '@qunhub/wire'

/**
 * A lane is one room's callbacks to one address: what a courier works on, one callback at a time, in the order of their
 * commits (CB-8).
 *
 * Its row stays when its callbacks are gone, because two numbers on it may never begin again. Its fence (the column
 * `token`) grows with every claim: what a courier writes about a lane under an older one is refused. `gen` grows with every
 * callback that comes: a release says which `gen` it has seen and fails if it is another by now. Without it a callback that
 * comes between the last reading and the release would sleep until the next one comes.
 */
export interface LaneKey {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
  readonly laneKey: string
}

/** A lane in the hands of a courier. */
export interface Lane extends LaneKey {
  readonly fence: number
  /** The breaker of its address is not simply closed: what it hears changes the breaker (CB-7). */
  readonly breaker?: 'probe' | 'recovery'
}

/** The oldest callback of a lane that is not settled; those that are replayed stand behind those that are new. */
export interface Head {
  readonly id: number
  readonly webhookId: string
  readonly kind: string
  /** Attempts made so far in this round. */
  readonly attempt: number
  readonly dueAt: number
  /** The replay that made it due again; null in its first life. */
  readonly replayId: string | null
  readonly body: Uint8Array
  /** Where it goes as the lane was read; null when the address was taken away. */
  readonly baseUrl: string | null
  /** Of its address (see `openSecrets`). */
  readonly secretsSealed: Uint8Array
}

/** A lane in our hands and what stands first in it. */
export interface LaneWork {
  readonly lane: Lane
  readonly head: Head
}

/** An address that has a lane to work on now. */
export interface WaitingAddress {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
  /** How many of its callbacks may be in flight (CB-10, CB-7). */
  readonly inFlightMax: number
}

/** An address that has a lane to work on now, unless its breaker is open. */
export interface DueAddress extends WaitingAddress {
  /** Null unless its breaker is open. */
  readonly openUntil: number | null
}

/** Who claims, and until when nobody else takes the lane for abandoned. */
export interface Claim {
  /** The node in whose name it is claimed; the column `owner`. */
  readonly nodeId: string
  readonly now: number
  readonly leaseUntil: number
  readonly limit: number
  /** How many lanes of the address may be claimed in all, by whichever nodes (CB-10). */
  readonly inFlightMax: number
}

/** What stands first in a lane, as it was seen at its `gen`. */
export interface LaneReading {
  readonly gen: number
  /** Whether the address may be sent nothing at present (but a probe). */
  readonly isHeld: boolean
  /** Whether it recovers (CB-7): not all that it may have at once is in flight. */
  readonly isRecovering: boolean
  readonly head: Head | null
}

/** What stands first in a lane, as its statements answer; `id` is null where nothing does. */
export type HeadRow = Omit<Head, 'id'> & { readonly id: number | null }

export const toHead = ({ id, ...rest }: HeadRow): Head | null => (id === null ? null : { id, ...rest })

/** A delivery and what may follow on it. Times in milliseconds. */
export interface Delivered extends Omit<Lane, 'breaker'>, Following {
  readonly callbackId: number
  /** Attempts before this one. */
  readonly attempt: number
  readonly settledAt: number
  readonly startedAt: number
  readonly ms: number
  readonly status: number | null
  readonly snippet: string | null
}

/** What may follow on a delivery. Times in milliseconds. */
export interface Following extends Pick<Claim, 'nodeId' | 'now' | 'leaseUntil'> {
  /** Whether the lane may show its next callback, else it is given back. */
  readonly mayStay: boolean
  /** Whether another lane may take its slot. */
  readonly mayPassOn: boolean
}
