/**
 * Rooms that are looked at again as if an event had come. One that cannot be seen whole yet is `late`: after 1, 2, 4 … 64 s, so many
 * times while the bot is present; what then is not to be seen waits for the next reconcile. One of which a request has found
 * otherwise than is known is looked at once, after a second, and takes none of the looks that a late room may need.
 */
import type { RoomWxid } from '@qunhub/wire'
import { type Clock, SECOND_MS } from '../system/clock.ts'

/** The first time, then twice as long each time: about two minutes in all. */
const LATER_LOOK_MIN_MS = SECOND_MS
const LATER_LOOKS_MAX = 7
/** A puppet that shows more rooms without their members is left to the next reconcile. */
const LATE_ROOMS_MAX = 10_000

export type WhyLater = 'late' | 'asked'

export class LaterLooks {
  readonly #clock: Clock
  readonly #look: (roomWxid: RoomWxid, why: WhyLater) => void
  /** How often each late room was looked at again since the bot came. */
  readonly #late = new Map<RoomWxid, number>()
  /** Those that are to be looked at because of a request. */
  readonly #asked = new Set<RoomWxid>()

  constructor(clock: Clock, look: (roomWxid: RoomWxid, why: WhyLater) => void) {
    this.#clock = clock
    this.#look = look
  }

  /** Nothing comes of it once `signal` has aborted. */
  add(roomWxid: RoomWxid, why: WhyLater, signal: AbortSignal): void {
    if (signal.aborted) return
    if (why === 'late') this.#addLate(roomWxid, signal)
    else this.#addAsked(roomWxid, signal)
  }

  /** The bot has left. */
  forget(): void {
    this.#late.clear()
    this.#asked.clear()
  }

  #addLate(roomWxid: RoomWxid, signal: AbortSignal): void {
    const looks = this.#late.get(roomWxid) ?? 0
    if (looks >= LATER_LOOKS_MAX || this.#late.size >= LATE_ROOMS_MAX) return
    this.#late.set(roomWxid, looks + 1)
    this.#after(LATER_LOOK_MIN_MS * 2 ** looks, signal, () => this.#look(roomWxid, 'late'))
  }

  #addAsked(roomWxid: RoomWxid, signal: AbortSignal): void {
    if (this.#asked.has(roomWxid) || this.#asked.size >= LATE_ROOMS_MAX) return
    this.#asked.add(roomWxid)
    this.#after(LATER_LOOK_MIN_MS, signal, () => {
      this.#asked.delete(roomWxid)
      this.#look(roomWxid, 'asked')
    })
  }

  #after(ms: number, signal: AbortSignal, look: () => void): void {
    const callOff = this.#clock.after(ms, () => {
      signal.removeEventListener('abort', callOff)
      look()
    })
    signal.addEventListener('abort', callOff, { once: true })
  }
}
