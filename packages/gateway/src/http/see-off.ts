/**
 * How a door lets those inside go when it closes. Nobody new comes in. Who is being answered has ANSWER_WAIT_MS: a call to a
 * puppet ends within that. Then the puppets are not waited for any longer, and whoever asked them says within LAST_WORD_MS
 * what can be said. Who has no answer by then is refused in words: nobody is cut off without any. A request whose body has
 * not come whole has begun nothing, and is refused after BODY_WAIT_MS.
 *
 * A second wish to stop (`hurried`) takes all the waiting out of it, but for the last word.
 */
import { SECOND_MS, sleep, systemClock } from '../system/clock.ts'

const BODY_WAIT_MS = 1.5 * SECOND_MS
/** QUNHUB_PUPPET_DEADLINE_MS is 8 s by default, and the look after a call that timed out takes half a second. */
export const ANSWER_WAIT_MS = 8 * SECOND_MS
const LAST_WORD_MS = 700
/** For the last answers to reach the wire. */
const FLUSH_MS = 200

export interface SeeOff {
  /** Refuses those whose request is not whole yet. */
  refuseHalf(): void
  /** Nobody waits for a puppet any longer. */
  waitNoLonger(): void
  /** Refuses those who have no answer yet. */
  refuseRest(): void
  /** Ends every connection that is left. */
  cut(): void
}

/** Resolves when `closed` does, which it does by itself as soon as nobody is inside. */
export async function seeOff(closed: Promise<unknown>, steps: SeeOff, hurried: AbortSignal): Promise<void> {
  const over = new AbortController()
  const whole = closed.finally(() => over.abort())
  const patience = AbortSignal.any([over.signal, hurried])
  // The real time, whatever clock is moved: sockets know no other.
  const pause = (ms: number, signal: AbortSignal) => sleep(systemClock, ms, signal)
  const wait = async () => {
    await pause(BODY_WAIT_MS, patience)
    if (over.signal.aborted) return
    steps.refuseHalf()
    await pause(ANSWER_WAIT_MS - BODY_WAIT_MS, patience)
    if (over.signal.aborted) return
    steps.waitNoLonger()
    await pause(LAST_WORD_MS, over.signal)
    if (over.signal.aborted) return
    steps.refuseRest()
    await pause(FLUSH_MS, over.signal)
    if (!over.signal.aborted) steps.cut()
  }
  await Promise.all([whole, wait()])
}
