import { done } from '../model/result.ts'
import { listCallbacks as readCallbacks } from '../store/callbacks.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import { presentCallback } from './present-callback.ts'
import type { Verb } from './verb.ts'

/** Newest first. `next` is what to give as `before` for the page behind this one. */
export const listCallbacks: Verb<'list-callbacks'> = async (
  { workspace, state, kind, room, from, until, limit, before },
  { db },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen

  const found = await readCallbacks(db, chosen.value.id, {
    state,
    kind,
    roomWxid: room,
    owedFrom: from,
    owedUntil: until,
    limit: limit + 1,
    before,
  })
  const page = found.slice(0, limit)
  return done({
    callbacks: page.map(presentCallback),
    next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  })
}
