import type { PuppetCallName } from '../puppet-call-names.ts'
import {
  type CallMode,
  type ColdRooms,
  type EventMode,
  type FaultInput,
  type FaultMode,
  FaultSchema,
  type FaultTarget,
  type ReadyMode,
} from './fault-schema.ts'

/** Nobody needs more at once, and a loop that only ever adds is found out. */
export const FAULTS_MAX = 1_000

export interface Fault {
  readonly on: FaultTarget
  readonly mode: FaultMode
  readonly bot: string | null
  /** How often it still strikes; null: until cleared. */
  times: number | null
  /** How long it lasts each time, where it is over by itself. */
  readonly forMs?: number | undefined
  readonly rooms?: ColdRooms | undefined
  readonly without?: readonly string[] | undefined
}

/** What befalls one call. */
export interface StruckCall {
  readonly mode: CallMode
  readonly without?: readonly string[] | undefined
}

/** Whoever wishes a fault on a call means what it does, not by which of its forms a client asks for it. */
const ELDERS: Partial<Record<PuppetCallName, PuppetCallName>> = {
  roomAddV2: 'roomAdd',
  roomDelV2: 'roomDel',
  batchContactPayload: 'contactPayload',
  batchRoomMemberPayload: 'roomMemberPayload',
}

export class TooManyFaults extends Error {
  override readonly name = 'TooManyFaults'

  constructor() {
    super(`故障太多,请先清除 (more than ${FAULTS_MAX} faults; clear them first)`)
  }
}

/**
 * What goes wrong, and how often it still does. The oldest fault that fits strikes first;
 * one that has struck for the last time is gone.
 */
export class Faults {
  #active: Fault[] = []
  readonly #watchers = new Set<() => void>()

  /** Throws a ZodError that names the field when the fault makes no sense. */
  add(input: FaultInput): Fault {
    const { on, mode, times, bot, ...more } = FaultSchema.parse(input)
    if (this.#active.length >= FAULTS_MAX) throw new TooManyFaults()
    const fault: Fault = { on, mode, bot: bot ?? null, times: times ?? null, ...more }
    this.#active.push(fault)
    return fault
  }

  clear(): void {
    this.#active = []
    for (const watcher of this.#watchers) watcher()
  }

  list(): Fault[] {
    return this.#active.map(fault => ({ ...fault }))
  }

  /** What befalls this call, if anything. A batch suffers what was wished on its single call, roomAddV2 what was on roomAdd. */
  strikeCall(call: PuppetCallName, bot: string): StruckCall | null {
    const elder = ELDERS[call]
    return (this.#strike(call, bot) ?? (elder ? this.#strike(elder, bot) : null)) as StruckCall | null
  }

  strikeEvent(bot: string): EventMode | null {
    return (this.#strike('events', bot)?.mode ?? null) as EventMode | null
  }

  /** Whether a new stream is refused, or an event tears the present one. */
  strikeStream(bot: string, mode: 'refuse' | 'drop'): boolean {
    return this.#strike('stream', bot, mode) !== null
  }

  /** How long the stream that an event would have gone to stands in the way after its other end was reset; null: no such thing. */
  strikeGhost(bot: string): number | null {
    return this.#strike('stream', bot, 'ghost')?.forMs ?? null
  }

  /** The account's cold start, if it has one: how long after a start, and how its rooms answer meanwhile. */
  coldStart(bot: string): { forMs: number; rooms: ColdRooms } | null {
    const fault = this.#active.find(each => each.mode === 'cold-start' && concerns(each, bot))
    return fault?.forMs === undefined ? null : { forMs: fault.forMs, rooms: fault.rooms ?? 'refuse' }
  }

  /** What is the matter with its `ready`, if anything. */
  readyFault(bot: string): { mode: ReadyMode; forMs: number } | null {
    const fault = this.#active.find(each => each.on === 'ready' && concerns(each, bot))
    return fault ? { mode: fault.mode as ReadyMode, forMs: fault.forMs ?? 0 } : null
  }

  /** Whether its stream still says this: a heartbeat, or anything else, once it has said its greeting. */
  isSaid(bot: string, what: 'heartbeat' | 'event'): boolean {
    return !this.#active.some(
      fault =>
        concerns(fault, bot) &&
        (fault.mode === 'greeting-only' || (fault.mode === 'heartbeat-only' && what === 'event')),
    )
  }

  isFrozen(bot: string): boolean {
    return this.#active.some(fault => fault.mode === 'freeze' && concerns(fault, bot))
  }

  /** Hears of every clearing, so that what was held back can be let go. */
  whenCleared(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  #strike(on: FaultTarget, bot: string, mode?: FaultMode): Fault | null {
    const fault = this.#active.find(
      each => each.on === on && concerns(each, bot) && (mode === undefined || each.mode === mode),
    )
    if (!fault) return null
    if (fault.times !== null) fault.times -= 1
    if (fault.times === 0) this.#active = this.#active.filter(each => each !== fault)
    return fault
  }
}

const concerns = (fault: Fault, bot: string) => fault.bot === null || fault.bot === bot
