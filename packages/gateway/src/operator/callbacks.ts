import type { CallbackRecord, VerbInput, WorkspaceId } from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import type { Workspace } from '../model/workspace.ts'
import type { Database } from '../store/database/database.ts'
import {
  findCallback,
  listCallbacks,
  type CallbackRecord as StoredCallback,
} from '../store/outbox/callbacks.ts'
import { idOfWebhook } from '../store/outbox/find-webhook.ts'
import { replayCallback } from '../store/outbox/replay-callback.ts'
import { countByState, searchCallbacks } from '../store/outbox/search-callbacks.ts'
import { idBefore, newestCallback, tailCallbacks } from '../store/outbox/tail-callbacks.ts'
import { lookingTime } from './looking-time.ts'
import { chooseRoom } from './rooms/choose-chats.ts'
import type { VerbDeps, Verbs } from './verb.ts'

/** More than that is a replay of its own, which goes step by step and can be paused. */
export const PARKED_AT_ONCE_MAX = 1000

export const callbackVerbs = {
  /** Newest first. `next` is what to give as `before` for the page behind this one. */
  'list-callbacks': async ({ webhookId, limit, before, ...asked }, deps) => {
    const { db, workspace } = deps
    const fitting = await fittingOf(asked, deps)
    if (!fitting.ok) return fitting
    const only = webhookId === undefined ? undefined : await idOfWebhook(db, workspace.id, webhookId)
    if (webhookId !== undefined && only === undefined) return done({ callbacks: [], next: null })
    const page = { ...fitting.value, limit, before, ...(only !== undefined && { only }) }
    const { callbacks, next } = await searchCallbacks(db, workspace.id, page, lookingTime(deps.clock))
    return done({ callbacks: callbacks.map(present), next })
  },

  /** What the chips above a list say. */
  'show-callback-counts': async (asked, deps) => {
    const { db, workspace, clock } = deps
    const fitting = await fittingOf(asked, deps)
    return fitting.ok
      ? done(await countByState(db, workspace.id, fitting.value, lookingTime(clock)))
      : fitting
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

/** What is asked, as the store names it. */
async function fittingOf(
  { state, kind, room, status, from, until }: Omit<VerbInput<'list-callbacks'>, 'limit'>,
  { db, workspace, bot }: Pick<VerbDeps, 'db'> & { workspace: Workspace; bot: Bot | undefined },
) {
  const chosen = await chooseRoom(db, workspace.id, room)
  if (!chosen.ok) return chosen
  const roomWxid = chosen.value
  return done({ state, kind, roomWxid, botId: bot?.id, status, owedFrom: from, owedUntil: until })
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
