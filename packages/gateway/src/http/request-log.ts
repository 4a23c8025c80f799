/**
 * The last requests of each workspace, for people who look for what went wrong. A request costs an object in a list; every two
 * seconds they are written together, in one statement. What comes faster than that can be written is left out, oldest
 * first, and so is what a store that is away cannot take: the API never waits for this. Only what showed a valid token and was
 * within its limit is told, so no stranger fills it.
 */

import type { WorkspaceId } from '@qunhub/wire'
import type { FastifyInstance } from 'fastify'
import type { Database } from '../store/database/database.ts'
import { momentKey } from '../store/database/moment-key.ts'
import { StoreError } from '../store/database/store-error.ts'
import { keepRequests, pruneRequests, type RequestEntry } from '../store/workspaces/request-entries.ts'
import { chore } from '../system/chore.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { codeOf } from './count-answers.ts'
import { waitedForTurn } from './take-turns.ts'

const WRITE_EVERY_MS = 2 * SECOND_MS
const STORE_AWAY_WAIT_MS = 10 * SECOND_MS
/** A statement of so many takes some milliseconds. */
export const REQUESTS_PER_WRITE_MAX = 1000
/** Of one workspace, before what is too much is looked for. */
const PRUNE_AFTER = 500

export type NotedRequest = Omit<RequestEntry, 'id'>

export interface RequestLog {
  note(request: NotedRequest): void
  start(): void
  /** Writes what is left. */
  stop(): Promise<void>
}

export function createRequestLog(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}): RequestLog {
  const { db, log } = deps
  let waiting: NotedRequest[] = []
  let count = 0
  const sincePruned = new Map<WorkspaceId, number>()

  const write = async (): Promise<void> => {
    const entries = waiting.map(request => ({ ...request, id: idOf(request, count++) }))
    waiting = []
    if (entries.length === 0) return
    await keepRequests(db, entries)
    for (const { workspaceId } of entries)
      sincePruned.set(workspaceId, (sincePruned.get(workspaceId) ?? 0) + 1)
    for (const [workspaceId, written] of sincePruned)
      if (written >= PRUNE_AFTER) {
        sincePruned.delete(workspaceId)
        await pruneRequests(db, workspaceId)
      }
  }
  const writing = chore(
    'writing the requests of customers down',
    { everyMs: WRITE_EVERY_MS },
    async () => {
      try {
        await write()
      } catch (failure) {
        if (!(failure instanceof StoreError)) throw failure
        // That the store is away is told by whoever watches it; these are not worth keeping.
        log.debug({ err: failure }, 'requests of customers could not be written down')
        return STORE_AWAY_WAIT_MS
      }
      return WRITE_EVERY_MS
    },
    deps,
  )
  return {
    note(request) {
      waiting.push(request)
      // Half of them at once, so that not each further one moves all others.
      if (waiting.length > 2 * REQUESTS_PER_WRITE_MAX) waiting = waiting.slice(-REQUESTS_PER_WRITE_MAX)
    },
    start: () => writing.start(),
    async stop() {
      await writing.stop()
      await write().catch(err => log.debug({ err }, 'the last requests could not be written down'))
    },
  }
}

/** The request's own id is unique over nodes and restarts. */
const idOf = ({ at, requestId }: NotedRequest, count: number): string =>
  `${momentKey(at)}${(count % 36 ** 4).toString(36).padStart(4, '0')}${requestId}`

/** Told of every answer to a caller who showed a token of the API. */
export function noteRequests(
  app: FastifyInstance,
  { requestLog, clock, basePath }: { requestLog: Pick<RequestLog, 'note'>; clock: Clock; basePath: string },
): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { workspace, tokenId } = request.facts
    if (workspace && tokenId) {
      const code = codeOf(request, reply)
      requestLog.note({
        ...{ workspaceId: workspace, tokenId, requestId: request.id, at: clock.now() },
        endpoint: request.routeOptions.url?.slice(basePath.length) ?? '',
        status: reply.statusCode,
        code: typeof code === 'number' ? code : null,
        ms: Math.round(reply.elapsedTime + waitedForTurn(request.raw)),
      })
    }
    done()
  })
}
