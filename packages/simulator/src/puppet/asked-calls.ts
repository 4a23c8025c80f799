import type { PuppetCallName } from '../puppet-call-names.ts'
import type { Wxid } from '../world/world-state.ts'

/** `event`: somebody wished to listen, whether or not the slot was free. */
export type AskedCall = PuppetCallName | 'event'

/**
 * How often clients have asked an account for what, since the simulator was started and whatever was answered. It tells
 * who asks in a loop, and who says `stop` or `logout` and so ends what only a phone begins again.
 */
export class AskedCalls {
  readonly #counts = new Map<Wxid, Map<AskedCall, number>>()

  note(bot: Wxid, call: AskedCall): void {
    const counts = this.#counts.get(bot) ?? new Map<AskedCall, number>()
    this.#counts.set(bot, counts.set(call, (counts.get(call) ?? 0) + 1))
  }

  /** What was never asked is left out. */
  of(bot: Wxid): Partial<Record<AskedCall, number>> {
    return Object.fromEntries(this.#counts.get(bot) ?? [])
  }
}
