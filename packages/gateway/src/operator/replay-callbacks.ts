import type { VerbInput, WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../model/result.ts'
import { findCallback, listCallbacks, replayCallback } from '../store/callbacks.ts'
import type { Database } from '../store/database.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** More than that is a replay of its own, which goes step by step and can be paused. */
export const PARKED_AT_ONCE_MAX = 1000

/**
 * Sends callbacks again, with the same webhook-id, the same bytes and all their retries (CB-9): those that are named,
 * all of them known or none is touched, or every parked one that fits. Oldest first, so that the customer hears the
 * story in its order.
 */
export const replayCallbacks: Verb<'replay-callbacks'> = async (input, { db, clock, live }) => {
  const isByState = input.state !== undefined
  if (isByState === input.ids.length > 0) return refuse('callbacks-unclear')
  if (!isByState && (input.kind !== undefined || input.room !== undefined)) return refuse('callbacks-unclear')
  const chosen = await chooseWorkspace(db, input.workspace)
  if (!chosen.ok) return chosen
  const workspaceId = chosen.value.id
  const ids = isByState ? await parkedIds(db, workspaceId, input) : await knownIds(db, workspaceId, input.ids)
  if (!ids.ok) return ids

  const replayed: number[] = []
  const pending: number[] = []
  for (const id of ids.value) {
    const outcome = await replayCallback(db, workspaceId, id, clock.now())
    if (outcome === 'replayed') replayed.push(id)
    if (outcome === 'pending') pending.push(id)
  }
  live?.wakeCourier()
  return done({ replayed, pending })
}

async function knownIds(
  db: Database,
  workspaceId: WorkspaceId,
  named: readonly number[],
): Promise<Result<number[], 'callback-unknown'>> {
  const ids = [...new Set(named)].sort((a, b) => a - b)
  for (const id of ids) {
    if (!(await findCallback(db, workspaceId, id))) return refuse('callback-unknown', String(id))
  }
  return done(ids)
}

async function parkedIds(
  db: Database,
  workspaceId: WorkspaceId,
  { kind, room }: VerbInput<'replay-callbacks'>,
): Promise<Result<number[], 'callbacks-too-many'>> {
  const page = { state: 'parked', kind, roomWxid: room, limit: PARKED_AT_ONCE_MAX + 1 } as const
  const found = await listCallbacks(db, workspaceId, page)
  if (found.length > PARKED_AT_ONCE_MAX) return refuse('callbacks-too-many', String(PARKED_AT_ONCE_MAX))
  return done(found.map(callback => callback.id).reverse())
}
