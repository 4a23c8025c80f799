/**
 * Fills in unionIds from WeCom's official API: contacts that have an externalUserId and no unionId, a few in each round. Whom
 * WeCom tells nothing of is not asked for again for a day, as far as this process remembers. A round that fails is told of
 * once, and the next ones come ever more rarely until one succeeds.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import { createRounds, type Rounds } from '../model/rounds.ts'
import type { Database } from '../store/database.ts'
import { importContacts } from '../store/import-contacts.ts'
import { listUnresolved } from '../store/list-contacts.ts'
import { type WecomApi, WecomApiFailed } from '../wecom/official-api.ts'

const PER_ROUND_MAX = 20
const ROUND_EVERY_MS = 10 * SECOND_MS
const NOTHING_LEFT_EVERY_MS = 5 * MINUTE_MS
const FAILED_EVERY_MAX_MS = HOUR_MS
const SILENT_FOR_MS = 24 * HOUR_MS
const SILENT_MAX = 100_000
/** Those whom WeCom tells nothing of stand among the others, so more are looked through than are asked for. */
const LOOKED_THROUGH_MAX = 2000

export interface Resolved {
  readonly asked: number
  readonly resolved: number
}

export interface Resolver extends Rounds {
  /** Asks for at most `limit` contacts of a workspace now. Rejects with WecomApiFailed; what was told until then is kept. */
  resolve(workspaceId: WorkspaceId | null, limit: number): Promise<Resolved>
}

export function createResolver({
  db,
  clock,
  log,
  api,
}: {
  db: Database
  clock: Clock
  log: Log
  api: WecomApi
}): Resolver {
  const silentUntil = new LRUCache<string, number>({ max: SILENT_MAX })
  let failures = 0

  async function resolve(workspaceId: WorkspaceId | null, limit: number): Promise<Resolved> {
    const unresolved = (await listUnresolved(db, workspaceId, LOOKED_THROUGH_MAX))
      .filter(({ externalUserId }) => (silentUntil.get(externalUserId) ?? 0) <= clock.now())
      .slice(0, limit)
    let resolved = 0
    for (const { workspaceId, externalUserId } of unresolved) {
      const { unionId } = await api.unionIdOf(externalUserId)
      const line = { wxid: null, externalUserId, unionId }
      const [told] = unionId === null ? [] : await importContacts(db, workspaceId, [line], { dryRun: false })
      if (told?.outcome === 'updated') resolved++
      else silentUntil.set(externalUserId, clock.now() + SILENT_FOR_MS)
    }
    return { asked: unresolved.length, resolved }
  }

  async function goRound(): Promise<number> {
    try {
      const { asked, resolved } = await resolve(null, PER_ROUND_MAX)
      failures = 0
      if (asked === 0) return NOTHING_LEFT_EVERY_MS
      log.info({ asked, resolved }, 'unionIds were asked of WeCom')
      return ROUND_EVERY_MS
    } catch (failure) {
      if (failures++ === 0)
        log.warn({ err: failure }, 'unionIds could not be asked of WeCom; it is tried again')
      if (!(failure instanceof WecomApiFailed)) return NOTHING_LEFT_EVERY_MS
      return Math.min(FAILED_EVERY_MAX_MS, ROUND_EVERY_MS * 2 ** failures)
    }
  }

  return { ...createRounds(clock, ROUND_EVERY_MS, goRound), resolve }
}
