import { MINUTE_MS } from '../system/clock.ts'
import { type HeldRoom, newTurn } from './held-room.ts'

/**
 * A start owes a `loaded` for each of hundreds of rooms; who joined meanwhile need not wait for all of them. Its room's turn
 * comes as if it had waited so long already, and no longer than that, so that a stream of news starves no `loaded`.
 */
export const HEAD_START_MS = 10 * MINUTE_MS

/**
 * The rooms of an address whose time has come, in three lines: those in which something waits for the address and another
 * callback has just been delivered; those with news; those with nothing but `loaded`.
 */
export class ReadyRooms {
  /** By how long they have been ready; a map keeps the order in which they came. */
  readonly #stirred = new Map<HeldRoom, number>()
  readonly #news = new Map<HeldRoom, number>()
  readonly #loaded = new Map<HeldRoom, number>()

  get count(): number {
    return this.#stirred.size + this.#news.size + this.#loaded.size
  }

  get first(): HeldRoom | undefined {
    for (const [room] of this.#stirred) return room
    const [news] = this.#news
    const [loaded] = this.#loaded
    if (!news || !loaded) return (news ?? loaded)?.[0]
    return news[1] - HEAD_START_MS <= loaded[1] ? news[0] : loaded[0]
  }

  /** One that stands in its line already keeps its place. */
  enter(room: HeldRoom, now: number): void {
    const line = this.#lineOf(room, now)
    if (line.has(room)) return
    this.leave(room)
    line.set(room, now)
  }

  leave(room: HeldRoom): void {
    for (const line of [this.#stirred, this.#news, this.#loaded]) line.delete(room)
  }

  clear(): void {
    for (const line of [this.#stirred, this.#news, this.#loaded]) line.clear()
  }

  #lineOf(room: HeldRoom, now: number): Map<HeldRoom, number> {
    if (room.isStirred) return this.#stirred
    return room.next(newTurn(), now)?.kind === 'chatroom/loaded' ? this.#loaded : this.#news
  }
}
