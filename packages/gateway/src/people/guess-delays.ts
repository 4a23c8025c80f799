/**
 * How long whoever guesses passwords has to wait: the longer the more he has guessed, for each account and for each address. An
 * attempt counts when it begins, so that a thousand at once are a thousand; where it was right, or nothing was compared, it is
 * as if it had never been, and whoever waits does not wait longer for it. It is kept in this process: with several nodes there
 * are so many times as many guesses, which are still none.
 */
import { type Result, refuse } from '../model/result.ts'
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'

/** Accounts, and addresses, of which it remembers something. */
export const KEYS_MAX = 10_000
const FORGOTTEN_AFTER_MS = HOUR_MS

/** Whoever knows a name can make its owner wait, and one colleague all others; so not for long. */
const DELAY_MAX_MS = MINUTE_MS

interface Rule {
  /** So many cost nothing: people mistype. */
  readonly free: number
  /** In this time one is forgotten. */
  readonly oneLessMs: number
}

const ACCOUNT: Rule = { free: 5, oneLessMs: Number.POSITIVE_INFINITY }
/** Behind one address, or a proxy whose word is not taken, there may be a whole office: its mistypings must not add up. */
const ADDRESS: Rule = { free: 10, oneLessMs: MINUTE_MS }

export interface Guesser {
  /** Null where there is none to name: a setup code is nobody's before it is right. */
  readonly account: string | null
  readonly address: string
}

/** `too-soon` has as its detail after how many milliseconds it may be tried. */
export type TooSoon = 'too-soon'

export class GuessDelays {
  readonly #accounts: Guesses
  readonly #addresses: Guesses

  constructor(clock: Clock) {
    this.#accounts = new Guesses(ACCOUNT, clock)
    this.#addresses = new Guesses(ADDRESS, clock)
  }

  /**
   * Runs the attempt, unless it comes too soon. One that is right is the end of the account's count, not of the address's, for
   * who has an account guesses others'. Where the passwords' bench was busy or something failed, nothing was guessed.
   */
  async attempt<T, R extends string>(
    { account, address }: Guesser,
    compare: () => Promise<Result<T, R>>,
  ): Promise<Result<T, R | TooSoon>> {
    const waitMs = Math.max(
      account === null ? 0 : this.#accounts.waitMs(account),
      this.#addresses.waitMs(address),
    )
    if (waitMs > 0) return refuse('too-soon', String(waitMs))
    const undo = [
      this.#addresses.count(address),
      ...(account === null ? [] : [this.#accounts.count(account)]),
    ]
    const takeBack = () => {
      for (const one of undo) one()
    }

    let compared: Result<T, R>
    try {
      compared = await compare()
    } catch (failure) {
      takeBack()
      throw failure
    }
    if (compared.ok || compared.refused === 'busy') takeBack()
    if (compared.ok && account !== null) this.#accounts.forget(account)
    return compared
  }
}

interface Guessed {
  /** So many as of `countedAt`; it becomes less by itself. */
  count: number
  countedAt: number
  /** From when the next one waits. */
  lastAt: number
  /** The one that set `lastAt`. */
  last: symbol
}

class Guesses {
  readonly #rule: Rule
  readonly #clock: Clock
  readonly #kept = growingCache<Guessed>(KEYS_MAX)

  constructor(rule: Rule, clock: Clock) {
    this.#rule = rule
    this.#clock = clock
  }

  waitMs(key: string): number {
    const guessed = this.#kept.get(key)
    const now = this.#clock.now()
    // A clock that was set back does not prolong anybody's wait.
    if (!guessed || isForgotten(guessed, now) || now < guessed.lastAt) return 0
    const over = this.#countAt(guessed, guessed.lastAt) - this.#rule.free
    const delayMs = over < 0 ? 0 : Math.min(SECOND_MS * 2 ** Math.min(over, 20), DELAY_MAX_MS)
    return Math.max(0, Math.ceil(guessed.lastAt + delayMs - now))
  }

  /** One more, from now on. What it returns makes it undone. */
  count(key: string): () => void {
    const now = this.#clock.now()
    const found = this.#kept.get(key)
    const before = found && !isForgotten(found, now) ? found : undefined
    const one = Symbol('an attempt')
    const count = (before ? this.#countAt(before, now) : 0) + 1
    this.#kept.set(key, { count, countedAt: now, lastAt: now, last: one })
    return () => {
      const guessed = this.#kept.get(key)
      if (!guessed) return
      guessed.count = Math.max(0, guessed.count - 1)
      // Else the next one would wait from now on for what was no guess: each that is right would renew the wait of all others.
      if (guessed.last === one) guessed.lastAt = before?.lastAt ?? Number.NEGATIVE_INFINITY
    }
  }

  forget(key: string): void {
    this.#kept.delete(key)
  }

  #countAt({ count, countedAt }: Guessed, at: number): number {
    return Math.max(0, count - Math.max(0, at - countedAt) / this.#rule.oneLessMs)
  }
}

const isForgotten = ({ lastAt }: Guessed, now: number): boolean => now >= lastAt + FORGOTTEN_AFTER_MS
