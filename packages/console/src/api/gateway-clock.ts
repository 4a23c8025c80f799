/**
 * What time it is by the gateway, whose moments are what is shown: a browser's own clock may be a day off, or be set while a page is
 * open. Between two answers it goes on by the browser's stopwatch, which nobody sets; and as fast as its clock where that is faster,
 * for a stopwatch may stand still while the machine sleeps, and what was heard before is then old. The next answer sets it right.
 */

/** A `Date` header has whole seconds, and takes its time to get here: within that there is nothing to mend. */
const ROUGH_MS = 2_000

export interface BrowserClocks {
  /** Milliseconds since 1970, as somebody set it. */
  wall(): number
  /** Milliseconds since some moment; it only goes on. */
  stopwatch(): number
}

export interface GatewayClock {
  now(): number
  /** What an answer says of the time (`Date`); what is no date says nothing. */
  hear(date: string | null): void
}

export function createGatewayClock({ wall, stopwatch }: BrowserClocks): GatewayClock {
  let heard: { readonly at: number; readonly wall: number; readonly on: number } | undefined
  // A stopwatch tells parts of milliseconds; a moment, as the contract has it, has none.
  const now = () =>
    heard ? Math.round(heard.at + Math.max(stopwatch() - heard.on, wall() - heard.wall)) : wall()
  return {
    now,
    hear(date) {
      const at = Date.parse(date ?? '')
      if (Number.isNaN(at)) return
      const isNear = heard !== undefined && Math.abs(at - now()) <= ROUGH_MS
      if (isNear) return
      const isWallRight = Math.abs(at - wall()) <= ROUGH_MS
      heard = { at: isWallRight ? wall() : at, wall: wall(), on: stopwatch() }
    },
  }
}

export const gatewayClock = createGatewayClock({
  wall: () => Date.now(),
  stopwatch: () => performance.now(),
})
