import { NamedError } from '../system/named-error.ts'

/** The deadline passed and nobody answered. What was asked may have happened all the same: look before reporting. */
export class PuppetTimeout extends NamedError {}

/** The puppet answered with an error. Its text is for the log (`cause`), never for a customer: it may hold a stack. */
export class PuppetRefused extends NamedError {}

/** Nobody is there to ask: not connected, not logged in, or the connection broke under the call. */
export class PuppetUnavailable extends NamedError {}

/**
 * The puppet told more than there can be: more members, rooms or contacts, or a message too large to be read. Nothing of it
 * is taken, for half a list looks like people who left; what was known stays.
 */
export class PuppetExcess extends NamedError {}

/** The puppet contradicts itself, as after its own start: it lists less than it shows, or shows less than it listed before. */
export class PuppetUnsettled extends NamedError {}

export type PuppetFailure = PuppetTimeout | PuppetRefused | PuppetUnavailable | PuppetExcess | PuppetUnsettled

/** Whether the puppet is to blame, and not the store or we ourselves. */
export const isPuppetFailure = (failure: unknown): failure is PuppetFailure =>
  failure instanceof PuppetTimeout ||
  failure instanceof PuppetRefused ||
  failure instanceof PuppetUnavailable ||
  failure instanceof PuppetExcess ||
  failure instanceof PuppetUnsettled
