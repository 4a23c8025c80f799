/**
 * A walk around the contacts of each workspace, in search of those without a unionId. It stops wherever whoever walks stops,
 * and goes on from there the next time; behind the last contact it begins with the first. So each contact is come to, however
 * many stand before it. The cursors are remembered in the process only: after a restart it begins with the first.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import { listBotIds } from '../store/bots/bot-row.ts'
import type { Database } from '../store/database/database.ts'
import { BEFORE_ALL, type ContactCursor, findUnresolved } from '../store/rooms/find-unresolved.ts'

/** Contacts that one statement may look at: one or two milliseconds. */
const READ_AT_ONCE_MAX = 1000

/** How many contacts may still be read. */
export interface Budget {
  left: number
}

export interface UnresolvedWalk {
  /** The externalUserIds on the way once around a workspace; fewer when the budget is used up before. */
  around(workspaceId: WorkspaceId, budget: Budget): AsyncGenerator<string, void>
}

export function createUnresolvedWalk(db: Database): UnresolvedWalk {
  const cursors = new Map<WorkspaceId, ContactCursor>()

  async function* toTheEnd(workspaceId: WorkspaceId, from: ContactCursor, budget: Budget) {
    // What a removed bot knew is of no use any more.
    const bots: ReadonlySet<string> = new Set(await listBotIds(db, workspaceId))
    let cursor: ContactCursor | null = from
    while (cursor !== null && budget.left > 0) {
      const read = await findUnresolved(db, workspaceId, cursor, Math.min(budget.left, READ_AT_ONCE_MAX))
      budget.left -= Math.max(1, read.count)
      for (const { cursor: here, externalUserId } of read.unresolved) {
        cursors.set(workspaceId, here)
        if (bots.has(here.botId)) yield externalUserId
      }
      cursor = read.last
      cursors.set(workspaceId, cursor ?? BEFORE_ALL)
      // SQLite answers at once: without this a long way would be one tick of the event loop.
      await yieldToLoop()
    }
  }

  return {
    async *around(workspaceId, budget) {
      const start = cursors.get(workspaceId) ?? BEFORE_ALL
      yield* toTheEnd(workspaceId, start, budget)
      // Not only up to the start: whoever walks knows whom it came to a moment ago.
      if (start !== BEFORE_ALL && budget.left > 0) yield* toTheEnd(workspaceId, BEFORE_ALL, budget)
    },
  }
}
