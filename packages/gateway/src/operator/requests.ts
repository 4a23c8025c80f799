import { done } from '../model/result.ts'
import { listRequests } from '../store/workspaces/request-entries.ts'
import { listTokens } from '../store/workspaces/tokens.ts'
import type { Verbs } from './verb.ts'

export const requestVerbs = {
  /** Newest first. `next` is what to give as `before` for the page behind this one. */
  'list-requests': async ({ limit, before, ...filter }, { db, workspace }) => {
    const found = await listRequests(db, workspace.id, { ...filter, before, limit: limit + 1 })
    const labels = new Map((await listTokens(db, workspace.id)).map(({ id, label }) => [id, label]))
    const page = found.slice(0, limit)
    return done({
      requests: page.map(request => ({ ...request, tokenLabel: labels.get(request.tokenId) ?? '' })),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    })
  },
} satisfies Verbs
