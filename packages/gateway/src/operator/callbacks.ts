import type { CallbackRecord, VerbInput, WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../model/result.ts'
import type { Database } from '../store/database/database.ts'
import {
  findCallback,
  listCallbacks,
  type CallbackRecord as StoredCallback,
} from '../store/outbox/callbacks.ts'
import { replayCallback } from '../store/outbox/replay-callback.ts'
import { idBefore, idOfWebhook, newestCallback, tailCallbacks } from '../store/outbox/tail-callbacks.ts'
import { chooseRoom } from './choose-chats.ts'
import type { Verbs } from './verb.ts'

/** More than that is a replay of its own, which goes step by step and can be paused. */
export const PARKED_AT_ONCE_MAX = 1000

export const callbackVerbs = {
  /** Newest first. `next` is what to give as `before` for the page behind this one. */
  'list-callbacks': async (asked, { db, workspace }) => {
    const { state, kind, room, from, until, limit, before } = asked
    const chosen = await chooseRoom(db, workspace.id, room)
    if (!chosen.ok) return chosen
    const found = await listCallbacks(db, workspace.id, {
      state,
      kind,
      roomWxid: chosen.value,
      owedFrom: from,
      owedUntil: until,
      limit: limit + 1,
      before,
    })
    const page = found.slice(0, limit)
    return done({
      callbacks: page.map(present),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    })
  },

  /** A callback with every attempt, over all its rounds, and the body as it is sent. */
  'show-callback': async ({ id }, { db, workspace }) => {
    const found = await findCallback(db, workspace.id, id)
    if (!found) return refuse('callback-unknown', String(id))
    return done({ ...present(found), history: found.attempts, body: found.body })
  },

  /** Behind one that was seen, or since a time; without either only what comes from now on. */
  'list-callbacks-after': async ({ after, from, limit }, { db, workspace }) => {
    const begin =
      typeof after === 'string'
        ? await idOfWebhook(db, workspace.id, after)
        : (after ??
          (from === undefined
            ? await newestCallback(db, workspace.id)
            : await idBefore(db, workspace.id, from)))
    if (begin === undefined) return refuse('callback-unknown', String(after))
    const { callbacks, recent, more } = await tailCallbacks(db, workspace.id, { after: begin, limit })
    return done({
      callbacks: callbacks.map(callback => ({ ...present(callback), body: callback.body })),
      recent: recent.map(present),
      more,
    })
  },

  /**
   * Sends callbacks again, with the same webhook-id, the same bytes and all their retries (CB-9): those that are named,
   * all of them known or none is touched, or every parked one that fits. Oldest first, so that the customer hears the
   * story in its order.
   */
  'replay-callbacks': async (asked, { db, clock, live, workspace }) => {
    const isByState = asked.state !== undefined
    if (isByState === asked.ids.length > 0) return refuse('callbacks-unclear')
    if (!isByState && (asked.kind !== undefined || asked.room !== undefined))
      return refuse('callbacks-unclear')
    const room = await chooseRoom(db, workspace.id, asked.room)
    if (!room.ok) return room
    const ids = isByState
      ? await parkedIds(db, workspace.id, { ...asked, room: room.value })
      : await knownIds(db, workspace.id, asked.ids)
    if (!ids.ok) return ids

    const replayed: number[] = []
    const pending: number[] = []
    for (const id of ids.value) {
      const outcome = await replayCallback(db, workspace.id, id, clock.now())
      if (outcome === 'replayed') replayed.push(id)
      if (outcome === 'pending') pending.push(id)
    }
    live?.wakeCourier()
    return done({ replayed, pending })
  },
} satisfies Verbs

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
  { kind, room }: Pick<VerbInput<'replay-callbacks'>, 'kind' | 'room'>,
): Promise<Result<number[], 'callbacks-too-many'>> {
  const page = { state: 'parked', kind, roomWxid: room, limit: PARKED_AT_ONCE_MAX + 1 } as const
  const found = await listCallbacks(db, workspaceId, page)
  if (found.length > PARKED_AT_ONCE_MAX) return refuse('callbacks-too-many', String(PARKED_AT_ONCE_MAX))
  return done(found.map(callback => callback.id).reverse())
}

/** A callback as operators see it. It has a next try only while it waits for one. */
const present = ({ laneKey, attempt, state, dueAt, ...stored }: StoredCallback): CallbackRecord => ({
  id: stored.id,
  webhookId: stored.webhookId,
  kind: stored.kind,
  room: laneKey,
  state,
  attempts: attempt,
  owedAt: stored.owedAt,
  dueAt: state === 'due' ? dueAt : null,
  settledAt: stored.settledAt,
  lastStatus: stored.lastStatus,
  lastError: stored.lastError,
})
