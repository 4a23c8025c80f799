/**
 * How long whoever guesses passwords has to wait: the longer the more he has guessed, for each account and for each address. An
 * attempt counts when it begins and is forgiven when it succeeds, so that a thousand at once are a thousand. It is kept in
 * this process: with several nodes there are so many times as many guesses, which are still none.
 */
import { LRUCache } from 'lru-cache'
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'

/** Accounts, and addresses, of which it remembers something. */
export const KEYS_MAX = 10_000
const FORGOTTEN_AFTER_MS = HOUR_MS

interface Rule {
  /** So many in a row cost nothing: people mistype. */
  readonly free: number
  readonly delayMaxMs: number
}

/** Whoever knows a name can make its owner wait; so not for long. */
const ACCOUNT: Rule = { free: 5, delayMaxMs: MINUTE_MS }
/** Behind one address there may be a whole office. */
const ADDRESS: Rule = { free: 10, delayMaxMs: 15 * MINUTE_MS }

export interface Guesser {
  /** Null where there is none to name: a setup code is nobody's before it is right. */
  readonly account: string | null
  readonly address: string
}

interface Guesses {
  count: number
  at: number
}

export class GuessDelays {
  readonly #clock: Clock
  readonly #accounts = new LRUCache<string, Guesses>({ max: KEYS_MAX })
  readonly #addresses = new LRUCache<string, Guesses>({ max: KEYS_MAX })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** 0 where the attempt may be made, which counts from now on; else how many milliseconds are to be waited. */
  begin({ account, address }: Guesser): number {
    const waitMs = Math.max(
      account === null ? 0 : this.#waitMs(this.#accounts, account, ACCOUNT),
      this.#waitMs(this.#addresses, address, ADDRESS),
    )
    if (waitMs > 0) return waitMs
    if (account !== null) this.#count(this.#accounts, account)
    this.#count(this.#addresses, address)
    return 0
  }

  /** It was right: the account's count is over. The address's is as before, for who has an account guesses others'. */
  forgive({ account, address }: Guesser): void {
    if (account !== null) this.#accounts.delete(account)
    takeBack(this.#addresses, address)
  }

  /** Nothing was compared, so nothing was guessed. */
  takeBack({ account, address }: Guesser): void {
    if (account !== null) takeBack(this.#accounts, account)
    takeBack(this.#addresses, address)
  }

  #waitMs(kept: LRUCache<string, Guesses>, key: string, { free, delayMaxMs }: Rule): number {
    const guesses = kept.get(key)
    const now = this.#clock.now()
    // A clock that was set back does not prolong anybody's wait.
    if (!guesses || now >= guesses.at + FORGOTTEN_AFTER_MS || now < guesses.at) return 0
    const over = guesses.count - free
    const delayMs = over < 0 ? 0 : Math.min(SECOND_MS * 2 ** Math.min(over, 20), delayMaxMs)
    return Math.max(0, guesses.at + delayMs - now)
  }

  #count(kept: LRUCache<string, Guesses>, key: string): void {
    const now = this.#clock.now()
    const before = kept.get(key)
    const isForgotten = !before || now >= before.at + FORGOTTEN_AFTER_MS
    kept.set(key, { count: (isForgotten ? 0 : before.count) + 1, at: now })
  }
}

function takeBack(kept: LRUCache<string, Guesses>, key: string): void {
  const guesses = kept.get(key)
  if (guesses) guesses.count--
}
