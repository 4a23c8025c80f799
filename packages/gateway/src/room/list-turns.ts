/**
 * Lists are the dearest thing that a customer may ask for as often as his limit allows: a hundred rooms that nobody has
 * rendered yet are a tenth of a second of work, and a megabyte or more that waits for its reader. So they take turns.
 *
 * A list enters, waits for its first turn, works in turns of some TURN_MS, rests while its reader takes what was written,
 * and leaves. A workspace has LISTS_UNDER_WAY_MAX under way at most, until nothing of it waits for its reader; further ones
 * wait in front of the door, LISTS_WAITING_MAX at most and for LIST_WAIT_MAX_MS at most, and hear that it is overloaded.
 *
 * One turn at most begins in each tick of the event loop, so that everything else that the gateway does comes in between.
 * The next one goes to the workspace that has worked least, however long the queues are; within a workspace to the list that
 * came first. A workspace that begins to ask stands where those are who are working: what it did before counts no more,
 * and having done nothing does not make it first. What is answered from memory while nobody waits is no lead that others have to
 * make up for. Where the store is a server a turn waits for it, so several last at once,
 * a quarter of them of one workspace at most: two of one workspace keep a database on two cores so busy that all others wait.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'

/** Then a list lets others go first. With what happens in between nobody waits for it noticeably. */
const TURN_MS = 1
export const LISTS_UNDER_WAY_MAX = 16
/** More than any program has connections; whoever asks for more at once would wait for them for longer than it is worth. */
export const LISTS_WAITING_MAX = 48
export const LIST_WAIT_MAX_MS = 10 * SECOND_MS
/** Workspaces that have gone on further than those who work now. */
const WORKSPACES_AHEAD_MAX = 10_000

export interface ListTurns {
  /** Waits for a turn; null when the workspace has too many lists under way already. Whoever has a turn leaves. */
  enter(workspaceId: WorkspaceId): Promise<ListTurn | null>
  /**
   * For a list of which all is at hand, so that it needs no turn: it counts as work all the same, and as under way while its reader
   * has not taken all of it. Null where the workspace has too many under way.
   */
  passBy(workspaceId: WorkspaceId): PassingList | null
  /** Whoever entered now would be turned away. */
  isFull(workspaceId: WorkspaceId): boolean
}

export interface PassingList {
  worked(ms: number): void
  leave(): void
}

/** One list that is under way. It has its turn from the beginning on. */
export interface ListTurn {
  /** Between two pieces of work: lets others go first if this turn has lasted long enough, and comes back. */
  giveWay(): Promise<void>
  /** Others may go on while this list waits for its reader. */
  rest(): void
  leave(): void
}

export interface ListTurnsSettings {
  readonly clock: Clock
  /** How many turns may last at once. */
  readonly atOnce: number
  /** Calls back in a later tick of the event loop. */
  readonly inNextTick?: (call: () => void) => unknown
  /** Milliseconds since some moment, finer than a clock's. */
  readonly elapsed?: () => number
}

interface Desk {
  readonly workspaceId: WorkspaceId
  /** How far it has come, in milliseconds of work. */
  cameTo: number
  underWay: number
  turns: number
  /** Under way, and waiting for their next turn. */
  readonly ready: (() => void)[]
  readonly outside: Set<() => void>
}

export function createListTurns({
  clock,
  atOnce,
  inNextTick = setImmediate,
  elapsed = () => performance.now(),
}: ListTurnsSettings): ListTurns {
  const desks = new Map<WorkspaceId, Desk>()
  /** Where the one was whose turn began last. */
  let workIsAt = 0
  const ahead = growingCache<number>(WORKSPACES_AHEAD_MAX)
  const ofOneWorkspaceMax = Math.max(1, Math.floor(atOnce / 4))
  let turns = 0
  /** One has begun in this tick of the event loop. */
  let hasBegun = false

  /** Begins the next turn now, if one may begin; asked again whenever something has changed. */
  function beginNext(): void {
    if (hasBegun || turns >= atOnce) return
    const able = [...desks.values()].filter(desk => desk.turns < ofOneWorkspaceMax && mayBegin(desk))
    if (able.length === 0) return
    const desk = able.reduce((least, other) => (other.cameTo < least.cameTo ? other : least))
    workIsAt = Math.max(workIsAt, desk.cameTo)
    hasBegun = true
    inNextTick(() => {
      hasBegun = false
      beginNext()
    })
    turns++
    desk.turns++
    const [newcomer] = desk.outside
    // Those under way first: what is begun shall end.
    const begin = desk.ready.shift() ?? newcomer!
    if (begin === newcomer) {
      desk.outside.delete(newcomer)
      desk.underWay++
    }
    begin()
  }

  function deskOf(workspaceId: WorkspaceId): Desk {
    const known = desks.get(workspaceId)
    if (known) return known
    const cameTo = ahead.get(workspaceId) ?? 0
    const fresh: Desk = { workspaceId, cameTo, underWay: 0, turns: 0, ready: [], outside: new Set() }
    desks.set(workspaceId, fresh)
    return fresh
  }

  /** Called before it wants a turn. */
  function catchUp(desk: Desk): void {
    const isIdle = desk.turns === 0 && desk.ready.length === 0 && desk.outside.size === 0
    if (isIdle) desk.cameTo = Math.max(desk.cameTo, workIsAt)
  }

  function waitOutside(desk: Desk): Promise<boolean> {
    return new Promise(resolve => {
      const letIn = () => {
        callOff()
        resolve(true)
      }
      const callOff = clock.after(LIST_WAIT_MAX_MS, () => {
        desk.outside.delete(letIn)
        clearAway(desk)
        resolve(false)
      })
      catchUp(desk)
      desk.outside.add(letIn)
      beginNext()
    })
  }

  function clearAway(desk: Desk): void {
    if (desk.underWay > 0 || desk.outside.size > 0) return
    desks.delete(desk.workspaceId)
    if (desk.cameTo > workIsAt) ahead.set(desk.workspaceId, desk.cameTo)
    else ahead.delete(desk.workspaceId)
  }

  function openTurn(desk: Desk): ListTurn {
    let beganAt: number | null = elapsed()
    const end = () => {
      if (beganAt === null) return
      desk.cameTo += elapsed() - beganAt
      beganAt = null
      turns--
      desk.turns--
    }
    return {
      async giveWay() {
        if (beganAt !== null && elapsed() - beganAt < TURN_MS) return
        end()
        await new Promise<void>(resolve => {
          catchUp(desk)
          // In front: a list that is begun ends before the next one of its workspace goes on.
          desk.ready.unshift(resolve)
          beginNext()
        })
        beganAt = elapsed()
      },
      rest() {
        end()
        beginNext()
      },
      leave() {
        end()
        leave(desk)
      },
    }
  }

  const doesAnybodyWork = (): boolean =>
    turns > 0 || [...desks.values()].some(({ ready, outside }) => ready.length > 0 || outside.size > 0)

  function leave(desk: Desk): void {
    desk.underWay--
    clearAway(desk)
    beginNext()
  }

  return {
    async enter(workspaceId) {
      const desk = deskOf(workspaceId)
      if (desk.outside.size >= LISTS_WAITING_MAX) return null
      return (await waitOutside(desk)) ? openTurn(desk) : null
    },
    passBy(workspaceId) {
      const desk = deskOf(workspaceId)
      if (desk.underWay >= LISTS_UNDER_WAY_MAX) return null
      catchUp(desk)
      desk.underWay++
      return {
        worked(ms) {
          desk.cameTo += ms
          if (!doesAnybodyWork()) workIsAt = Math.max(workIsAt, desk.cameTo)
        },
        leave: () => leave(desk),
      }
    },
    isFull: workspaceId => (desks.get(workspaceId)?.outside.size ?? 0) >= LISTS_WAITING_MAX,
  }
}

const mayBegin = ({ ready, outside, underWay }: Desk): boolean =>
  ready.length > 0 || (outside.size > 0 && underWay < LISTS_UNDER_WAY_MAX)
