import type { HeldLane, HotStatements } from '../hot-statements.ts'

type Shared = 'keepLane' | 'releaseLane' | 'nextLaneDueAt' | 'settleCallback' | 'keepAttempt'

/** What the courier asks in the same words of both dialects; only their parameters look different: `$1` and `?1`. */
export function outboxStatements(sign: '$' | '?'): Pick<HotStatements, Shared> {
  const worded = (sql: string) => (sign === '$' ? sql : sql.replaceAll('$', sign))
  // Once, and not with every statement.
  const keepLane = worded(KEEP_LANE)
  const releaseLane = worded(RELEASE_LANE)
  const nextLaneDueAt = worded(NEXT_LANE_DUE_AT)
  const settleCallback = worded(SETTLE_CALLBACK)
  const keepAttempt = worded(KEEP_ATTEMPT)
  return {
    keepLane: (lane, leaseUntil) => ({ sql: keepLane, parameters: [...keyOf(lane), leaseUntil] }),
    releaseLane: (lane, { gen, dueAt }) => ({ sql: releaseLane, parameters: [...keyOf(lane), gen, dueAt] }),
    nextLaneDueAt: now => ({ sql: nextLaneDueAt, parameters: [now] }),
    settleCallback: ({ workspaceId, callbackId, attempt, state, at }) => ({
      sql: settleCallback,
      parameters: [workspaceId, callbackId, attempt, state, at],
    }),
    keepAttempt: row => ({
      sql: keepAttempt,
      parameters: [
        row.workspaceId,
        row.callbackId,
        row.startedAt,
        row.ms,
        row.outcome,
        row.status,
        row.errorClass,
        row.snippet,
        row.reason,
      ],
    }),
  }
}

const keyOf = ({ workspaceId, addressId, laneKey, token }: HeldLane) => [
  workspaceId,
  addressId,
  laneKey,
  token,
]

/** Given back already, it is nobody's: what its last holder repeats changes nothing. */
const MINE = 'workspace_id = $1 and address_id = $2 and lane_key = $3 and token = $4 and owner is not null'

const KEEP_LANE = `update lane set lease_until = $5 where ${MINE}`

const RELEASE_LANE = `update lane set owner = null, lease_until = null, due_at = $6 where ${MINE} and gen = $5`

const NEXT_LANE_DUE_AT =
  'select due_at from lane where due_at > $1 and due_at >= 0 and owner is null order by due_at limit 1'

const SETTLE_CALLBACK = `update callback set attempt = $3 + 1, state = $4, settled_at = $5
  where workspace_id = $1 and id = $2 and state = 'due' and attempt = $3`

/** Counted through, because a replay begins a new round of the same callback. */
const KEEP_ATTEMPT = `insert into attempt
    (workspace_id, callback_id, n, started_at, ms, outcome, status, error_class, snippet, reason)
  values ($1, $2, (select coalesce(max(n), 0) + 1 from attempt where workspace_id = $1 and callback_id = $2),
    $3, $4, $5, $6, $7, $8, $9)`
