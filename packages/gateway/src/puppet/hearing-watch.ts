/**
 * Watches one open stream for proof that events come through it: an event of the account, or the answer to a ding, which
 * takes the way that events take. That the stream lives proves nothing: heartbeats are made where it is served, the
 * greeting is told from memory, and both can go on while events no longer arrive.
 *
 * It dings when the stream opens; after that whenever nothing was heard for DING_UNHEARD_AFTER_MS, and again every
 * DING_AGAIN_MS. UNHEARD_MAX_MS after the last proof the bot is deaf, well within the two minutes after which it must not
 * look online. One that is taken for deaf already has to prove that it hears: there everything goes faster.
 *
 * Only a puppet that has answered a ding before, in this process or an earlier one, or that does not even refuse ours in
 * time, is judged; of one that does not know dings the stream is all that there is to go by. Which it is shows only when it
 * is dinged, so one that never answered is dinged every DING_UNPROVEN_MS even while heartbeats come.
 */
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { PuppetRefused } from './puppet-failures.ts'

const DING_UNHEARD_AFTER_MS = 60 * SECOND_MS
const DING_AGAIN_MS = 15 * SECOND_MS
export const UNHEARD_MAX_MS = 90 * SECOND_MS
/** So often one that has never answered is dinged, whatever else is heard of it: it may have been deaf from the beginning. */
const DING_UNPROVEN_MS = 60 * SECOND_MS
/** On probation: how often it is dinged, and how long it may stay unheard. */
const PROVE_DING_MS = 10 * SECOND_MS
export const PROVE_MAX_MS = 20 * SECOND_MS

export interface HearingWatchDeps {
  readonly clock: Clock
  readonly ding: () => Promise<void>
  /** Whether the bot should hear at all: it is online, or on its way back from being deaf. */
  readonly shouldHear: () => boolean
  /** Whether it is taken for deaf and has to prove itself. */
  readonly mustProve: () => boolean
  readonly answersDings: () => boolean
  /** Nothing was heard since then. */
  readonly onUnheard: (since: number) => void
}

export class HearingWatch {
  readonly #deps: HearingWatchDeps
  #heardAt: number
  #dingFailed = false
  #callOff = () => {}
  #callOffUnproven = () => {}

  constructor(deps: HearingWatchDeps) {
    this.#deps = deps
    this.#heardAt = deps.clock.now()
    this.#ding()
    this.heard()
    this.#dingWhileUnproven()
  }

  heard(): void {
    this.#heardAt = this.#deps.clock.now()
    this.#dingFailed = false
    this.#checkIn(this.#deps.mustProve() ? PROVE_DING_MS : DING_UNHEARD_AFTER_MS)
  }

  stop(): void {
    this.#callOffUnproven()
    this.#callOff()
  }

  #checkIn(ms: number): void {
    this.#callOff()
    this.#callOff = this.#deps.clock.after(ms, () => this.#check())
  }

  #check(): void {
    const { clock, shouldHear, mustProve, answersDings, onUnheard } = this.#deps
    const isOverdue = clock.now() - this.#heardAt >= (mustProve() ? PROVE_MAX_MS : UNHEARD_MAX_MS)
    const isTelling = answersDings() || this.#dingFailed
    // Who was not meant to hear until now has missed nothing yet.
    if (!shouldHear() || (isOverdue && !isTelling)) this.heard()
    else if (isOverdue) onUnheard(this.#heardAt)
    else {
      this.#ding()
      this.#checkIn(mustProve() ? PROVE_DING_MS : DING_AGAIN_MS)
    }
  }

  #dingWhileUnproven(): void {
    const { clock, answersDings } = this.#deps
    this.#callOffUnproven = clock.after(DING_UNPROVEN_MS, () => {
      if (answersDings()) return
      this.#ding()
      this.#dingWhileUnproven()
    })
  }

  #ding(): void {
    // The answer comes over the stream or not at all. A puppet that refuses may just not know dings; one that does not
    // even say so is in trouble.
    this.#deps.ding().catch(failure => {
      if (!(failure instanceof PuppetRefused)) this.#dingFailed = true
    })
  }
}
