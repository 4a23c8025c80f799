import { EXHAUSTED_ATTEMPT } from '../model/callback.ts'
import type { Held } from '../store/database/hot-rows.ts'
import { MINUTE_MS } from '../system/clock.ts'

/** A callback in memory. What becomes of it is changed here when it is durable, and not before. */
export type HeldCallback = { -readonly [Fact in keyof Held]: Held[Fact] } & {
  /** Null where there was no room for it: read when it is sent. */
  body: Uint8Array | null
  /**
   * How many callbacks its address had taken when it was tried first in this process, or when it began to wait: once there are
   * more, it is not the address that fails.
   */
  mark: number | null
}

/**
 * No callback waits so long for its retry: twice the longest wait of CB-6 is 32 s, and a fault of ours puts one off by a
 * minute. What is due later was written down before the clock was set back.
 */
const WAIT_MAX_MS = 2 * MINUTE_MS
/** What waits for its address is tried at the latest so long after its last try (CB-8). */
export const WAITING_TRY_EVERY_MS = 30 * MINUTE_MS
/** What would wait for longer was written down before the clock was set back. */
const WAITING_MAX_MS = WAITING_TRY_EVERY_MS + MINUTE_MS
/** So many that wait may fail one after another before the next callback of their room goes out. */
const WAITING_FAILURES_MAX = 3

/** What a room does while it has a slot. */
export interface Turn {
  served: number
  /** Those that waited and were tried in this turn, or began to wait in it. */
  readonly tried: Set<number>
  failedWaiting: number
  /** Another callback of the address was delivered: whatever waits is tried. */
  readonly isStirred: boolean
}

export const newTurn = (isStirred = false): Turn => ({
  served: 0,
  tried: new Set(),
  failedWaiting: 0,
  isStirred,
})

/**
 * What is held for one room of an address, in the order in which it goes out (CB-8): what waits for the address is tried
 * once before anything newer, then what is new, then what is replayed.
 */
export class HeldRoom {
  readonly laneKey: string
  readonly fresh: HeldCallback[] = []
  readonly replayed: HeldCallback[] = []
  readonly waiting: HeldCallback[] = []
  /** One of it is in flight, or its settlement is. */
  isBusy = false
  /** There are more in the store than were read, of those that are new or replayed. */
  isFull = false
  /** And of those that wait; they are older than what is new, so nothing new goes out before them. */
  hasMoreWaiting = false
  /** Another callback of its address was delivered: what waits is tried now. */
  isStirred = false
  /** Which of all failed probes was its last; 0: none. */
  lastProbe = 0
  /** Calls off the timer of when it is due. */
  callOff = (): void => {}

  constructor(laneKey: string) {
    this.laneKey = laneKey
  }

  get all(): HeldCallback[] {
    return [...this.waiting, ...this.fresh, ...this.replayed]
  }

  get head(): HeldCallback | undefined {
    if (this.hasMoreWaiting) return undefined
    return this.fresh[0] ?? this.replayed[0]
  }

  /** Something new has come: what waits is tried before it, also where not all of that is in memory. */
  stirForNews(): void {
    if (this.hasMoreWaiting && this.fresh.length > 0) this.isStirred = true
  }

  add(callback: HeldCallback): void {
    const line = this.#lineOf(callback)
    line.push(callback)
    if (line.length > 1 && line.at(-2)!.id > callback.id) line.sort((one, other) => one.id - other.id)
  }

  /** False where it was not there any more. */
  remove(callback: HeldCallback): boolean {
    for (const line of [this.fresh, this.replayed, this.waiting]) {
      const at = line.indexOf(callback)
      if (at < 0) continue
      line.splice(at, 1)
      return true
    }
    return false
  }

  /** When anything of it may be tried; `now` when it may. Null when it holds nothing. */
  dueAt(now: number): number | null {
    const times = [
      ...(this.head ? [isDue(this.head.dueAt, now, WAIT_MAX_MS) ? now : this.head.dueAt] : []),
      ...this.waiting.map(({ dueAt }) => (this.isStirred || isDue(dueAt, now, WAITING_MAX_MS) ? now : dueAt)),
    ]
    return times.length === 0 ? null : Math.min(...times)
  }

  /** What goes out now, if anything. */
  next(turn: Turn, now: number): HeldCallback | undefined {
    const { head } = this
    const isHeadDue = head !== undefined && isDue(head.dueAt, now, WAIT_MAX_MS)
    if (turn.failedWaiting < WAITING_FAILURES_MAX) {
      const mayTry = ({ dueAt }: HeldCallback) =>
        isHeadDue || turn.isStirred || isDue(dueAt, now, WAITING_MAX_MS)
      const waiting = this.waiting.find(callback => !turn.tried.has(callback.id) && mayTry(callback))
      if (waiting) return waiting
    }
    return isHeadDue ? head : undefined
  }

  /** What is sent to find out whether the address is there again: what waits is the oldest. */
  probe(now: number): HeldCallback | undefined {
    const { head } = this
    return this.waiting[0] ?? (head && isDue(head.dueAt, now, WAIT_MAX_MS) ? head : undefined)
  }

  #lineOf(callback: HeldCallback): HeldCallback[] {
    return this[lineOf(callback)]
  }
}

/** In which of a room's lines a callback stands. */
export function lineOf({ replayId, attempt }: Held): 'fresh' | 'replayed' | 'waiting' {
  if (replayId !== null) return 'replayed'
  return attempt >= EXHAUSTED_ATTEMPT ? 'waiting' : 'fresh'
}

const isDue = (dueAt: number, now: number, waitMaxMs: number): boolean =>
  dueAt <= now || dueAt > now + waitMaxMs

/** Of rooms that are free and have something to probe with. */
export function firstToProbe(rooms: Iterable<HeldRoom>, now: number): HeldRoom | undefined {
  const [first, ...others] = [...rooms].filter(room => !room.isBusy && room.probe(now) !== undefined)
  return first && others.reduce((first, room) => (isProbedBefore(room, first, now) ? room : first), first)
}

/** Of two rooms that have something to probe with: whose probe failed stands behind, what waits goes first, else the older one. */
function isProbedBefore(one: HeldRoom, other: HeldRoom, now: number): boolean {
  if (one.lastProbe !== other.lastProbe) return one.lastProbe < other.lastProbe
  const [isOneWaiting, isOtherWaiting] = [one, other].map(({ waiting }) => waiting.length > 0)
  if (isOneWaiting !== isOtherWaiting) return isOneWaiting === true
  return one.probe(now)!.id < other.probe(now)!.id
}
