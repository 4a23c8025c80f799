import type { CallbackRecord } from '@qunhub/wire'
import type { CallbackRecord as StoredCallback } from '../store/callbacks.ts'

/** A callback as operators see it. It has a next try only while it waits for one. */
export const presentCallback = ({
  laneKey,
  attempt,
  state,
  dueAt,
  ...stored
}: StoredCallback): CallbackRecord => ({
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
