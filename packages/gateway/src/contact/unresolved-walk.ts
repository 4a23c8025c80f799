/**
 * A walk around the contacts of each workspace, in search of those without a unionId. It stops wherever whoever walks stops,
 * and goes on from there the next time; behind the last contact it begins with the first. So each contact is come to, however
 * many stand before it. The places are remembered in the process only: after a restart it begins with the first.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import { listBotIds } from '../store/bots/bot-row.ts'
import type { Database } from '../store/database/database.ts'
import { BEFORE_ALL, type ContactPlace, lookForUnresolved } from '../store/rooms/look-for-unresolved.ts'

/** Contacts that one statement looks at: one or two milliseconds. */
const LOOKED_AT_ONCE_MAX = 1000

/** How many contacts may still be looked at. */
export interface Looks {
  left: number
}

export interface UnresolvedWalk {
  /** The externalUserIds on the way once around a workspace; fewer when the looks run out before. */
  around(workspaceId: WorkspaceId, looks: Looks): AsyncGenerator<string, void>
}

export function createUnresolvedWalk(db: Database): UnresolvedWalk {
  const places = new Map<WorkspaceId, ContactPlace>()

  async function* toTheEnd(workspaceId: WorkspaceId, from: ContactPlace, looks: Looks) {
    // What a removed bot knew is of no use any more.
    const bots: ReadonlySet<string> = new Set(await listBotIds(db, workspaceId))
    let place: ContactPlace | null = from
    while (place !== null && looks.left > 0) {
      const look = await lookForUnresolved(db, workspaceId, place, Math.min(looks.left, LOOKED_AT_ONCE_MAX))
      looks.left -= Math.max(1, look.looked)
      for (const { place: here, externalUserId } of look.unresolved) {
        places.set(workspaceId, here)
        if (bots.has(here.botId)) yield externalUserId
      }
      place = look.last
      places.set(workspaceId, place ?? BEFORE_ALL)
      // SQLite answers at once: without this a long way would be one tick of the event loop.
      await yieldToLoop()
    }
  }

  return {
    async *around(workspaceId, looks) {
      const start = places.get(workspaceId) ?? BEFORE_ALL
      yield* toTheEnd(workspaceId, start, looks)
      // Not only up to the start: whoever walks knows whom it came to a moment ago.
      if (start !== BEFORE_ALL && looks.left > 0) yield* toTheEnd(workspaceId, BEFORE_ALL, looks)
    },
  }
}
