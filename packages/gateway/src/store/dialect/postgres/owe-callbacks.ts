import type { Statement } from '../../database/database.ts'
import type { OwedRow } from '../../database/hot-rows.ts'
import { StatementOfParts } from './statement-of-parts.ts'

export function postgresOwe(workspaceId: string, owed: readonly OwedRow[]): Statement[] {
  if (owed.length === 0) return []
  const statement = new StatementOfParts(workspaceId)
  owe(statement, owed)
  return [statement.build()]
}

/**
 * The rooms first, and the numbers only when all of them are locked: so the order of numbers is the order of commits inside a lane,
 * whichever nodes write there. All of it goes to the one address of the workspace, and is owed at one moment; where it goes nowhere nothing is owed.
 *
 * What one event owes is of one room, and its bodies travel as they are. What a batch of rooms owes is one text however many they are,
 * and its bodies travel as hexadecimal digits, in a list.
 */
export function owe(statement: StatementOfParts, owed: readonly OwedRow[]): void {
  const first = owed[0]!
  const at = `${statement.with(first.at)}::bigint`
  const isOfOneRoom = owed.every(({ laneKey }) => laneKey === first.laneKey)
  const rows = isOfOneRoom ? inOneLane(statement, owed) : inLanes(statement, owed)
  statement.add(
    'address',
    `select id from callback_address where workspace_id = $1 and base_url is not null limit 1`,
  )
  statement.add('locked', rows.lock)
  statement.add(
    'owed',
    `select nextval('callback_id') as id, lane_key, kind, webhook_id, body
      from (select owed.* from locked, ${rows.owed} order by nth) as in_order`,
  )
  statement.add('bodies', 'insert into callback_body (workspace_id, id, bytes) select $1, id, body from owed')
  statement.add(
    'callbacks',
    `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, due_at, body_id, owed_at)
      select $1, owed.id, webhook_id, address.id, lane_key, kind, ${at}, owed.id, ${at} from owed, address`,
  )
}

interface OwedParts {
  /** A question with one row, which is there when every room is locked; none where the workspace has no address. */
  readonly lock: string
  /** Rows of nth, lane_key, kind, webhook_id, body. */
  readonly owed: string
}

const COLUMNS = 'owed (nth, lane_key, kind, webhook_id, body)'

function inOneLane(statement: StatementOfParts, owed: readonly OwedRow[]): OwedParts {
  const lane = `${statement.with(owed[0]!.laneKey)}::text`
  const rows = owed.map(
    ({ kind, webhookId, body }, nth) =>
      `(${nth}, ${lane}, ${statement.with(kind)}::text, ${statement.with(webhookId)}::text, ${statement.with(body)}::bytea)`,
  )
  return {
    lock: `select ${lockLane(laneHash(lane))} as is_locked from address`,
    owed: `(values ${rows.join(', ')}) as ${COLUMNS}`,
  }
}

function inLanes(statement: StatementOfParts, owed: readonly OwedRow[]): OwedParts {
  const list = (of: (row: OwedRow, nth: number) => unknown, type: string) =>
    `${statement.with(owed.map(of))}::${type}[]`
  const lanes = list(row => row.laneKey, 'text')
  const kinds = list(row => row.kind, 'text')
  const webhookIds = list(row => row.webhookId, 'text')
  const bodies = list(row => row.body, 'bytea')
  const nths = list((_, nth) => nth, 'integer')
  return {
    // In one order for all, so that two that share rooms never wait for each other.
    lock: `select count(${lockLane('in_order.hash')}) as locks from (
        select distinct ${laneHash('lane.key')} as hash from address, unnest(${lanes}) as lane (key) order by hash
      ) as in_order having count(*) > 0`,
    owed: `unnest(${[nths, lanes, kinds, webhookIds, bodies].join(', ')}) as ${COLUMNS}`,
  }
}

const laneHash = (lane: string): string => `hashtext(address.id || ' ' || ${lane})`

/** Until the write ends: nobody else takes numbers for this room. */
const lockLane = (hash: string): string => `pg_advisory_xact_lock(${LANE_LOCKS}, ${hash})`

/** Sets these locks apart from those of nodes (attendance.ts). */
const LANE_LOCKS = 0x6c_61_6e_65
