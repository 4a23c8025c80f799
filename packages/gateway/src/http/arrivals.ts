/**
 * libuv takes one connection in each tick of the event loop. When five hundred are opened at once and each tick begins some
 * work, whoever comes behind them waits for five hundred times that work before anybody reads his first byte: 1.1 s were
 * measured. So while connections come in, what can wait waits for a tick in which nobody came. They are all there within
 * some tens of milliseconds then, and whose turn it is is decided among all of them.
 *
 * Somebody who opens connections without end stops nobody: each waits no longer than it says.
 */

export interface Arrivals {
  /** A connection has been taken in this tick. */
  came(): void
  /** Calls back at once if nobody is coming; else in the next tick in which nobody came, or in the first one after `atMostMs`. */
  letThemIn(atMostMs: number, call: () => void): void
}

export interface ArrivalsSettings {
  readonly inNextTick?: (call: () => void) => unknown
  /** Milliseconds since some moment, finer than a clock's. */
  readonly elapsed?: () => number
}

interface Waiting {
  readonly until: number
  readonly call: () => void
}

export function createArrivals({
  inNextTick = setImmediate,
  elapsed = () => performance.now(),
}: ArrivalsSettings = {}): Arrivals {
  let cameInThisTick = false
  let areComing = false
  let waiting: Waiting[] = []

  function endTick(): void {
    areComing = cameInThisTick
    cameInThisTick = false
    if (areComing) inNextTick(endTick)
    if (waiting.length === 0) return
    const now = elapsed()
    const isOver = ({ until }: Waiting) => !areComing || until <= now
    const over = waiting.filter(isOver)
    if (over.length === 0) return
    waiting = waiting.filter(each => !isOver(each))
    for (const { call } of over) call()
  }

  return {
    came() {
      cameInThisTick = true
      if (areComing) return
      areComing = true
      inNextTick(endTick)
    },
    letThemIn(atMostMs, call) {
      if (areComing) waiting.push({ until: elapsed() + atMostMs, call })
      else call()
    },
  }
}
