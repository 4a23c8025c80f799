import { NamedError } from '../../system/named-error.ts'

/** What can go wrong around the store. Everything that it throws is one of these, with what caused it as `cause`. */
export class StoreError extends NamedError {}

/** More writes wait than the queue holds: the disk does not keep up, and whoever asks should ask less. */
export class StoreBusy extends StoreError {}

/** Writes that may wait. At some thousand commits a second this is seconds of work; more would only hide a dead disk. */
export const WRITES_QUEUED_MAX = 10_000

/**
 * The database cannot be reached, or did not answer in time. A write may have happened all the same, if the connection
 * broke while it was being committed.
 */
export class StoreAway extends StoreError {}

/**
 * It takes no writes at present: no room is left, it may only be read, its files are gone, or somebody else holds its lock.
 * It may be readable all the same.
 */
export class StoreUnwritable extends StoreAway {}

/** The bot is run by another node by now: what its last node still wants to write about it is refused. */
export class FenceLost extends StoreError {}

/** Another process works in this data directory. */
export class StoreLocked extends StoreError {}

/** The data was written by a newer Qunhub; an older one would damage it. */
export class StoreTooNew extends StoreError {}

/** The data was written by an older Qunhub, and whoever opened it asked not to migrate it. */
export class StoreTooOld extends StoreError {
  /** The schema that was found; 0 where there is none yet. */
  readonly found: number
  constructor(message: string, found: number) {
    super(message)
    this.found = found
  }
}

/** The data was written before the first release: this Qunhub neither reads nor migrates it. */
export class StoreOutgrown extends StoreError {}

/** Asked after the store was closed. */
export class StoreClosed extends StoreError {}

/** The work of a write awaited something other than its `tx`, or used its `tx` after the write had ended. */
export class WriteMisused extends StoreError {}

/** An old token was to be taken over that some workspace has, or had, already. */
export class TokenTaken extends StoreError {}

/** A bot's news arrived after the bot was gone, or before it ever logged in; there is no chat to keep it under. */
export class BotMissing extends StoreError {}
