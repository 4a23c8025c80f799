import type { Together, Transaction, WriteOptions } from '../../database/database.ts'
import { BotMissing, FenceLost, StoreAway } from '../../database/store-error.ts'

type Work<R> = (tx: Transaction) => Promise<R>
type CarryOut = <R>(work: Work<R>) => Promise<R>

/**
 * Works of one line run one after another, in the order in which they were asked for: each waits for the end of the one before
 * it, whatever that end was.
 *
 * Those that may share a transaction gather while they wait: who comes as the last of the line joins the last one there, if that is of
 * his kind and has not begun. So nobody overtakes anybody, nobody waits for company, and a line that is slow gathers more.
 */
export class Lines {
  readonly #ends = new Map<string, Promise<unknown>>()
  /** Who stands last in a line, where others may join him. */
  readonly #last = new Map<string, Gathering>()

  inTurn<T>(line: string, carryOut: () => Promise<T>): Promise<T> {
    this.#last.delete(line)
    const before = this.#ends.get(line)
    const written = before ? before.then(carryOut) : carryOut()
    const settled = written.then(
      () => {},
      () => {},
    )
    this.#ends.set(line, settled)
    settled.then(() => {
      if (this.#ends.get(line) !== settled) return
      this.#ends.delete(line)
      this.#last.delete(line)
    })
    return written
  }

  /** `alone` does for `given` what its kind does for many. */
  together<T>(
    line: string,
    { kind, given }: NonNullable<WriteOptions['together']>,
    { alone, carryOut }: { readonly alone: Work<T>; readonly carryOut: CarryOut },
  ): Promise<T> {
    const last = this.#last.get(line)
    if (last?.takes(kind, given)) return last.join(given, alone) as Promise<T>
    const gathering = new Gathering(kind)
    const told = gathering.join(given, alone)
    this.inTurn(line, () => gathering.carryOut(carryOut))
    this.#last.set(line, gathering)
    return told as Promise<T>
  }
}

/** Works of one line are of one bot, under one fence. */
const isOfAll = (failure: unknown): boolean =>
  failure instanceof StoreAway || failure instanceof FenceLost || failure instanceof BotMissing

interface Gathered extends PromiseWithResolvers<unknown> {
  readonly given: unknown
  readonly alone: Work<unknown>
}

/** Works that wait for one transaction. */
class Gathering {
  readonly #kind: Together<unknown, unknown>
  readonly #all: Gathered[] = []
  #hasBegun = false

  constructor(kind: Together<unknown, unknown>) {
    this.#kind = kind
  }

  takes(kind: Together<unknown, unknown>, given: unknown): boolean {
    return !this.#hasBegun && kind === this.#kind && kind.takes(this.#givens, given)
  }

  join(given: unknown, alone: Work<unknown>): Promise<unknown> {
    const gathered = { ...Promise.withResolvers<unknown>(), given, alone }
    this.#all.push(gathered)
    return gathered.promise
  }

  /** Resolves when each of them is told, whatever that is. */
  async carryOut(carryOut: CarryOut): Promise<void> {
    try {
      const told = await carryOut(async tx => {
        this.#hasBegun = true
        const [first, ...others] = this.#all
        return others.length === 0 ? [await first!.alone(tx)] : this.#kind.work(tx, this.#givens)
      })
      for (const [n, { resolve }] of this.#all.entries()) resolve(told[n])
    } catch (failure) {
      this.#hasBegun = true
      if (this.#all.length === 1) this.#all[0]!.reject(failure)
      else await this.#oneByOne(carryOut)
    }
  }

  /** What is wrong with one of them is no reason not to keep the others. */
  async #oneByOne(carryOut: CarryOut): Promise<void> {
    for (const [n, { alone, resolve, reject }] of this.#all.entries()) {
      try {
        resolve(await carryOut(alone))
      } catch (failure) {
        reject(failure)
        if (!isOfAll(failure)) continue
        // The others would hear the same, each by itself and after as long.
        for (const other of this.#all.slice(n + 1)) other.reject(failure)
        return
      }
    }
  }

  get #givens(): unknown[] {
    return this.#all.map(({ given }) => given)
  }
}
