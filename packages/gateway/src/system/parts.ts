/** When a part begins to close: when all opened after it have closed, or as soon as the stop begins, if it takes time to finish. */
export type Begins = 'in-order' | 'at-once'

/** What is opened to be closed again. */
type Part = { close(): Promise<unknown> } | { stop(): Promise<unknown> }

interface Opened {
  readonly close: () => Promise<unknown>
  readonly begins: Begins
}

/** Parts are opened in order, each leaning only on those before it, and closed in reverse. */
export class Parts {
  readonly #opened: Opened[] = []
  readonly #atWork: { start(): void }[] = []

  /** The part, which from now on closes with the others. */
  opened<P extends Part>(part: P, begins: Begins = 'in-order'): P {
    this.closing(() => ('close' in part ? part.close() : part.stop()), begins)
    return part
  }

  /** The same of a part with work of its own, which begins with `start`. */
  atWork<P extends Part & { start(): void }>(part: P, begins: Begins = 'in-order'): P {
    this.#atWork.push(part)
    return this.opened(part, begins)
  }

  /** The same of a part that closes in a way of its own. */
  closing(close: () => Promise<unknown>, begins: Begins = 'in-order'): void {
    this.#opened.push({ close, begins })
  }

  /** Everything is open: the work begins. */
  start(): void {
    for (const part of this.#atWork) part.start()
  }

  /** Rejects with an AggregateError when some did not close; the others did all the same. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    // One part that fails to close must not keep the next one open, and least of all the store locked.
    const close = (part: Opened) => part.close().catch(failure => failures.push(failure))
    const atOnce = this.#opened.filter(part => part.begins === 'at-once')
    const closing = new Map(atOnce.map(part => [part, close(part)]))
    for (const part of this.#opened.toReversed()) await (closing.get(part) ?? close(part))
    if (failures.length > 0) throw new AggregateError(failures, 'the gateway did not stop cleanly')
  }
}
