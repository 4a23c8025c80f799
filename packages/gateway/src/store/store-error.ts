/** What can go wrong around the store. Everything that it throws is one of these, with what caused it as `cause`. */
export class StoreError extends Error {
  override name = 'StoreError'
}

/** More writes wait than the queue holds: the disk does not keep up, and whoever asks should ask less. */
export class StoreBusy extends StoreError {
  override name = 'StoreBusy'
}

/** Another process works in this data directory. */
export class StoreLocked extends StoreError {
  override name = 'StoreLocked'
}

/** The data was written by a newer Qunhub; an older one would damage it. */
export class StoreTooNew extends StoreError {
  override name = 'StoreTooNew'
}

/** The data was written by an older Qunhub, and whoever opened it asked not to migrate it. */
export class StoreTooOld extends StoreError {
  override name = 'StoreTooOld'
}

/** Asked after the store was closed. */
export class StoreClosed extends StoreError {
  override name = 'StoreClosed'
}

/** The work of a write awaited something other than its `tx`, or used its `tx` after the write had ended. */
export class WriteMisused extends StoreError {
  override name = 'WriteMisused'
}

/** An old token was to be taken over that some workspace has, or had, already. */
export class TokenTaken extends StoreError {
  override name = 'TokenTaken'
}

/** A bot's news arrived after the bot was gone, or before it ever logged in; there is no chat to keep it under. */
export class BotMissing extends StoreError {
  override name = 'BotMissing'
}
