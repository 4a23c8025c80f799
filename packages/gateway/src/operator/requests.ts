import { endpoints } from '@qunhub/wire'
import { done, refuse } from '../model/result.ts'
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

  /** Whatever the endpoint answers is the answer: a refusal of its own is none of the verb's. */
  'try-request': async ({ endpoint: name, body, idempotencyKey, waitSeconds }, { live, workspace }) => {
    const endpoint = endpoints.find(each => each.name === name)
    if (!live || !endpoint) return refuse('gateway-not-running')
    const fields = fieldsIn(body)
    if (!fields) return refuse('body-malformed')
    return live.tryRequest({ workspaceId: workspace.id, endpoint, fields, idempotencyKey, waitSeconds })
  },
} satisfies Verbs

/** Without a token: the gateway knows who asks. */
function fieldsIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const fields: unknown = JSON.parse(body)
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined
    const { token: _, ...rest } = fields as Record<string, unknown>
    return rest
  } catch (failure) {
    if (failure instanceof SyntaxError) return undefined
    throw failure
  }
}
