/**
 * Fills in unionIds from WeCom's official API: contacts that have an externalUserId and no unionId, a few in each round. It
 * walks around the contacts, and each round begins behind the contact that was asked for last, in the next workspace: so each
 * contact has its turn, however many are silent or fail before it. Who was asked for is not asked for again for a day, as far
 * as this process remembers. A round that fails is told of once, and the next ones come ever more rarely until one succeeds.
 */
import type { WorkspaceId } from '@qunhub/wire'
import type { Database } from '../store/database/database.ts'
import { importContacts } from '../store/rooms/import-contacts.ts'
import { listWorkspaces } from '../store/workspaces/workspaces.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'
import type { Log } from '../system/log.ts'
import { TELLS_NOTHING, type WecomApi, WecomApiFailed } from './official-api.ts'
import { type Budget, createUnresolvedWalk } from './unresolved-walk.ts'

const PER_ROUND_MAX = 20
const ROUND_EVERY_MS = 10 * SECOND_MS
const NOTHING_LEFT_EVERY_MS = 5 * MINUTE_MS
const FAILED_EVERY_MAX_MS = HOUR_MS
const ASKED_FOR_MS = 24 * HOUR_MS
const ASKED_MAX = 100_000
/** Those to be asked for stand among the others, so more are read than are asked for. */
const READ_PER_ROUND_MAX = 10_000

export interface Resolved {
  readonly asked: number
  readonly resolved: number
}

export interface Resolver extends Chore {
  /**
   * Asks for at most `limit` contacts of a workspace now, or (null) goes one round through all workspaces. Rejects with
   * WecomApiFailed; what was told until then is kept.
   */
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
  const walk = createUnresolvedWalk(db)
  /** By workspace and externalUserId. */
  const askedUntil = growingCache<number>(ASKED_MAX)
  let lastWalked = ''
  let failures = 0

  /** Asks for one; whether there is a unionId now. */
  async function askFor(
    workspaceId: WorkspaceId,
    externalUserId: string,
    odd: Set<number>,
  ): Promise<boolean> {
    const { unionId, code } = await api.unionIdOf(externalUserId)
    if (!TELLS_NOTHING.has(code) && !odd.has(code)) {
      odd.add(code)
      log.warn({ code, externalUserId }, 'WeCom tells nothing of a contact, and its code is not known')
    }
    const line = { wxid: null, externalUserId, unionId }
    const [told] = unionId === null ? [] : await importContacts(db, workspaceId, [line], { dryRun: false })
    return told?.outcome === 'updated'
  }

  async function askAround(
    workspaceIds: readonly WorkspaceId[],
    limit: number,
    budget: Budget,
    isStopped: () => boolean,
  ): Promise<Resolved> {
    const odd = new Set<number>()
    let asked = 0
    let resolved = 0
    for (const workspaceId of workspaceIds) {
      if (asked === limit || budget.left <= 0 || isStopped()) break
      lastWalked = workspaceId
      for await (const externalUserId of walk.around(workspaceId, budget)) {
        const key = `${workspaceId} ${externalUserId}`
        if ((askedUntil.get(key) ?? 0) > clock.now()) continue
        if (await askFor(workspaceId, externalUserId, odd)) resolved++
        askedUntil.set(key, clock.now() + ASKED_FOR_MS)
        if (++asked === limit || isStopped()) break
      }
    }
    return { asked, resolved }
  }

  /** Of all workspaces, beginning with the one behind that which was walked last. */
  async function askAll(limit: number, budget: Budget, isStopped = () => false): Promise<Resolved> {
    const ids = (await listWorkspaces(db)).map(({ id }) => id).toSorted()
    const behind = ids.filter(id => id > lastWalked)
    return askAround([...behind, ...ids.slice(0, ids.length - behind.length)], limit, budget, isStopped)
  }

  const resolve: Resolver['resolve'] = (workspaceId, limit) =>
    workspaceId === null
      ? askAll(limit, { left: READ_PER_ROUND_MAX })
      : askAround([workspaceId], limit, { left: Number.POSITIVE_INFINITY }, () => false)

  async function goRound(isStopped: () => boolean): Promise<number> {
    const budget = { left: READ_PER_ROUND_MAX }
    try {
      const { asked, resolved } = await askAll(PER_ROUND_MAX, budget, isStopped)
      failures = 0
      if (asked === 0) return budget.left > 0 ? NOTHING_LEFT_EVERY_MS : ROUND_EVERY_MS
      log.info({ asked, resolved }, 'unionIds were asked of WeCom')
      return ROUND_EVERY_MS
    } catch (failure) {
      if (failures++ === 0)
        log.warn({ err: failure }, 'unionIds could not be asked of WeCom; it is tried again')
      if (!(failure instanceof WecomApiFailed)) return NOTHING_LEFT_EVERY_MS
      return Math.min(FAILED_EVERY_MAX_MS, ROUND_EVERY_MS * 2 ** failures)
    }
  }

  return {
    ...chore('asking WeCom for unionIds', { everyMs: ROUND_EVERY_MS }, goRound, { clock, log }),
    resolve,
  }
}
