/**
 * What people look for on a page, and how many fit: neither reads more than so many slices, for somebody waits for the answer. A
 * page that ends early says from where to look on, and a count says “so many or more”.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import type { CallbackState } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'
import { type CallbackRecord, recordsOf } from './callbacks.ts'
import { type Counted, countStates, upTo } from './count-states.ts'
import { idRangeOf } from './id-range.ts'
import { countInSlice, type Fitting, idsInSlice } from './slices.ts'

/** A millisecond or two each. */
const SLICES_PER_PAGE_MAX = 20
const SLICES_PER_COUNT_MAX = 5

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
): Promise<CallbackPage> {
  const range =
    only === undefined ? await idRangeOf(db, workspaceId, fitting) : { from: only + 1, until: only }
  const callbacks: CallbackRecord[] = []
  let next: number | null = Math.min(before ?? Number.MAX_SAFE_INTEGER, range.from)
  for (let read = 0; next !== null && callbacks.length < limit && read < SLICES_PER_PAGE_MAX; read++) {
    const from = { way: 'older', from: next, until: range.until } as const
    // One more than is wanted tells whether there is another page.
    const seen = await idsInSlice(db, workspaceId, fitting, from, limit - callbacks.length + 1)
    const ids = seen.ids.slice(0, limit - callbacks.length)
    callbacks.push(...(await newestFirst(db, workspaceId, ids, fitting)))
    next = ids.length < seen.ids.length ? ids.at(-1)! : seen.next
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

/** How many fit, by their state. */
export async function countByState(
  db: Queryable,
  workspaceId: WorkspaceId,
  fitting: Omit<Fitting, 'state'>,
): Promise<Record<CallbackState, Counted>> {
  if (Object.values(fitting).every(condition => condition === undefined))
    return countStates(db, workspaceId, STATES)
  const { from, until } = await idRangeOf(db, workspaceId, fitting)
  const counts = await Promise.all(
    STATES.map(async state => {
      let count = 0
      let next: number | null = from
      for (let read = 0; next !== null && read < SLICES_PER_COUNT_MAX; read++) {
        const within = { way: 'older', from: next, until } as const
        const seen: Awaited<ReturnType<typeof countInSlice>> = await countInSlice(
          ...[db, workspaceId, { ...fitting, state }, within],
        )
        count += seen.fitting
        next = seen.next
      }
      return [state, next === null ? upTo(Number.MAX_SAFE_INTEGER, count) : { count, atLeast: true }] as const
    }),
  )
  return Object.fromEntries(counts) as Record<CallbackState, Counted>
}
