/**
 * Tells the moves of one bot, one after another and in their order, however often this process leaves the bot and hosts it
 * again. Whoever hears them takes his time: while the store is away the first one is told again and again, and the others
 * wait. When more than MOVES_WAITING_MAX wait, the oldest of them is given up, and the one after it says how many are
 * missing: what the bot is now matters more than what it was.
 */
import type { BotMove } from '../model/bot.ts'

/** At a move every five seconds, as of a puppet that is away, more than an hour. */
export const MOVES_WAITING_MAX = 1000

/** Never rejects. */
type Tell = (move: BotMove) => Promise<void>

export class MoveTeller {
  readonly #waiting: { readonly move: BotMove; readonly tell: Tell }[] = []
  #telling: Promise<void> | null = null

  add(move: BotMove, tell: Tell): void {
    this.#waiting.push({ move, tell })
    if (this.#waiting.length > MOVES_WAITING_MAX) this.#giveUpOldest()
    this.#telling ??= this.#tellAll()
  }

  /** Resolves when everything that was added has been told or given up. */
  async idle(): Promise<void> {
    await this.#telling
  }

  async #tellAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await next.tell(next.move)
    this.#telling = null
  }

  #giveUpOldest(): void {
    const [oldest, next] = this.#waiting.splice(0, 2)
    if (!oldest || !next) return
    const missed = next.move.missed + oldest.move.missed + 1
    this.#waiting.unshift({ ...next, move: { ...next.move, missed } })
  }
}
