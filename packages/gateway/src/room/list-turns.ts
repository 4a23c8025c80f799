/**
 * Lists are the dearest thing that a customer may ask for as often as his limit allows: a hundred rooms that nobody has
 * rendered yet are a tenth of a second of work, and a megabyte or more that waits for its reader. So they take turns.
 *
 * A list enters, waits for its first turn, works in turns of some TURN_MS, rests while its reader takes what was written,
 * and leaves. A workspace has LISTS_UNDER_WAY_MAX under way at most, until the last byte is with its reader; further ones
 * wait in front of the door, LISTS_WAITING_MAX at most and for LIST_WAIT_MAX_MS at most, and hear that it is overloaded.
 *
 * One turn at most begins in each turn of the event loop, so that everything else that the gateway does comes in between.
 * The next one goes to the workspace that has worked least of late, however long the queues are; within a workspace to the
 * list that came first. Where the store is a server a turn waits for it, so several last at once, half of them of one
 * workspace at most.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import { type Clock, SECOND_MS } from '../model/clock.ts'

/** Then a list lets others go first. With what happens in between nobody waits for it noticeably. */
const TURN_MS = 2
export const LISTS_UNDER_WAY_MAX = 16
/** More than any program has connections; whoever asks for more at once would wait for them for longer than it is worth. */
export const LISTS_WAITING_MAX = 48
export const LIST_WAIT_MAX_MS = 10 * SECOND_MS
/** Work that lies so far back counts half. */
const HALF_FORGOTTEN_MS = 10 * SECOND_MS
/** Workspaces of which it is known how much they have worked; of one that is forgotten, nothing. */
const WORKSPACES_MAX = 10_000

export interface ListTurns {
  /** Waits for a turn; null when the workspace has too many lists under way already. Whoever has a turn leaves. */
  enter(workspaceId: WorkspaceId): Promise<ListTurn | null>
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
  /** Milliseconds since some moment, finer than a clock's. */
  readonly elapsed?: () => number
}

interface Desk {
  readonly workspaceId: WorkspaceId
  underWay: number
  turns: number
  /** Under way, and waiting for their next turn. */
  readonly ready: (() => void)[]
  readonly outside: Set<() => void>
}

export function createListTurns({
  clock,
  atOnce,
  elapsed = () => performance.now(),
}: ListTurnsSettings): ListTurns {
  const desks = new Map<WorkspaceId, Desk>()
  const worked = createRecentWork(clock)
  const ofOneWorkspaceMax = Math.max(1, Math.floor(atOnce / 2))
  let turns = 0
  /** One has begun in this turn of the event loop. */
  let hasBegun = false

  /** Begins the next turn now, if one may begin; asked again whenever something has changed. */
  function beginNext(): void {
    if (hasBegun || turns >= atOnce) return
    const able = [...desks.values()].filter(desk => desk.turns < ofOneWorkspaceMax && mayBegin(desk))
    if (able.length === 0) return
    const desk = able.reduce((least, other) =>
      worked.of(other.workspaceId) < worked.of(least.workspaceId) ? other : least,
    )
    hasBegun = true
    setImmediate(() => {
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
    const fresh: Desk = { workspaceId, underWay: 0, turns: 0, ready: [], outside: new Set() }
    desks.set(workspaceId, fresh)
    return fresh
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
      desk.outside.add(letIn)
      beginNext()
    })
  }

  function clearAway(desk: Desk): void {
    if (desk.underWay === 0 && desk.outside.size === 0) desks.delete(desk.workspaceId)
  }

  function openTurn(desk: Desk): ListTurn {
    let beganAt: number | null = elapsed()
    const end = () => {
      if (beganAt === null) return
      worked.add(desk.workspaceId, elapsed() - beganAt)
      beganAt = null
      turns--
      desk.turns--
    }
    return {
      async giveWay() {
        if (beganAt !== null && elapsed() - beganAt < TURN_MS) return
        end()
        await new Promise<void>(resolve => {
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
        desk.underWay--
        clearAway(desk)
        beginNext()
      },
    }
  }

  return {
    async enter(workspaceId) {
      const desk = deskOf(workspaceId)
      if (desk.outside.size >= LISTS_WAITING_MAX) return null
      return (await waitOutside(desk)) ? openTurn(desk) : null
    },
  }
}

const mayBegin = ({ ready, outside, underWay }: Desk): boolean =>
  ready.length > 0 || (outside.size > 0 && underWay < LISTS_UNDER_WAY_MAX)

/** How much each workspace has worked, where what lies back counts less and less. */
function createRecentWork(clock: Clock) {
  const known = new LRUCache<WorkspaceId, { readonly ms: number; readonly at: number }>({
    max: WORKSPACES_MAX,
  })
  const of = (workspaceId: WorkspaceId): number => {
    const work = known.get(workspaceId)
    if (!work) return 0
    // A clock that was set back makes nothing of it greater.
    return work.ms * 0.5 ** (Math.max(0, clock.now() - work.at) / HALF_FORGOTTEN_MS)
  }
  return {
    of,
    add: (workspaceId: WorkspaceId, ms: number) =>
      known.set(workspaceId, { ms: of(workspaceId) + ms, at: clock.now() }),
  }
}
