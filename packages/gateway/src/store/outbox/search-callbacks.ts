/**
 * What people look for on a page, and how many fit: neither reads more than so many callbacks, nor on when its time is over, for
 * somebody waits for the answer. A page that ends early says from where to look on, and a count says “so many or more”.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import type { CallbackState } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'
import { canFit } from './callback-fits.ts'
import { type CallbackRecord, recordsOf } from './callbacks.ts'
import { type Counted, countStates } from './count-states.ts'
import { idRangeOf } from './id-range.ts'
import { countInSlice, type Fitting, idsInSlice, sliceSize } from './slices.ts'

const LOOKED_THROUGH_PER_PAGE_MAX = 20_000
const LOOKED_THROUGH_PER_COUNT_MAX = 5_000

/** Whether the time is over that somebody may be kept waiting. */
export type IsOver = () => boolean
const NEVER: IsOver = () => false

export interface CallbackPage {
  /** Newest first. Fewer than were wanted, and `next` all the same: that is how far it was looked. */
  readonly callbacks: readonly CallbackRecord[]
  readonly next: number | null
}

/** At most `limit`, behind the id `before`. */
export async function searchCallbacks(
  db: Queryable,
  workspaceId: WorkspaceId,
  {
    limit,
    before,
    only,
    ...fitting
  }: Fitting & { limit: number; before?: number | undefined; only?: number },
  isOver: IsOver = NEVER,
): Promise<CallbackPage> {
  if (!(await canFit(db, workspaceId, fitting))) return { callbacks: [], next: null }
  const range =
    only === undefined ? await idRangeOf(db, workspaceId, fitting) : { from: only + 1, until: only }
  const callbacks: CallbackRecord[] = []
  let next: number | null = Math.min(before ?? Number.MAX_SAFE_INTEGER, range.from)
  let looked = 0
  const mayLook = () => looked === 0 || (looked < LOOKED_THROUGH_PER_PAGE_MAX && !isOver())
  while (next !== null && callbacks.length < limit && mayLook()) {
    const from = { way: 'older', from: next, until: range.until } as const
    // One more than is wanted tells whether there is another page.
    const seen = await idsInSlice(db, workspaceId, fitting, from, limit - callbacks.length + 1)
    const ids = seen.ids.slice(0, limit - callbacks.length)
    callbacks.push(...(await newestFirst(db, workspaceId, ids, fitting)))
    next = ids.length < seen.ids.length ? ids.at(-1)! : seen.next
    looked += sliceSize(fitting)
    // Between two slices others have their turn, for SQLite answers on the event loop.
    await yieldToLoop()
  }
  return { callbacks, next }
}

async function newestFirst(
  db: Queryable,
  workspaceId: WorkspaceId,
  ids: readonly number[],
  { state }: Fitting,
): Promise<CallbackRecord[]> {
  if (ids.length === 0) return []
  const records = await recordsOf(db, workspaceId, ids)
  // Between the two statements one may have become another.
  return records.filter(each => state === undefined || each.state === state).toSorted((a, b) => b.id - a.id)
}

const STATES = ['due', 'delivered', 'parked', 'quarantined'] as const satisfies readonly CallbackState[]

/** How many fit, by their state: a slice of each, and so on while there is time. */
export async function countByState(
  db: Queryable,
  workspaceId: WorkspaceId,
  fitting: Omit<Fitting, 'state'>,
  isOver: IsOver = NEVER,
): Promise<Record<CallbackState, Counted>> {
  if (Object.values(fitting).every(condition => condition === undefined))
    return countStates(db, workspaceId, STATES)
  const { from, until } = await idRangeOf(db, workspaceId, fitting)
  const tallies: Tally[] = await Promise.all(
    STATES.map(async state => {
      const fits = await canFit(db, workspaceId, { ...fitting, state })
      return { state, count: 0, next: fits ? from : null }
    }),
  )
  for (let looked = 0; looked < LOOKED_THROUGH_PER_COUNT_MAX; looked += sliceSize(fitting))
    for (const tally of tallies) {
      if (tally.next === null || (looked > 0 && isOver())) continue
      const within = { way: 'older', from: tally.next, until } as const
      const seen = await countInSlice(db, workspaceId, { ...fitting, state: tally.state }, within)
      tally.count += seen.fitting
      tally.next = seen.next
    }
  return Object.fromEntries(
    tallies.map(({ state, count, next }) => [state, { count, atLeast: next !== null }]),
  ) as Record<CallbackState, Counted>
}

interface Tally {
  readonly state: CallbackState
  count: number
  next: number | null
}
