import type { Both } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { NodeStateRow } from '../database/hot-rows.ts'
import { ATTENDANCE_CLASS } from '../dialect/postgres/attendance-class.ts'

/** Every node, the longest there first. */
export const nodes: Both<() => Statement<NodeStateRow>> = {
  sqlite: () => ({
    sql: 'select id, address, entered, beat, 1 as attending from node order by entered',
    parameters: [],
  }),
  postgres: () => ({
    sql: `select id, address, entered, beat, (${IS_ATTENDING})::integer as attending from node order by entered`,
    parameters: [],
  }),
}

/** Every node but this one whose process is connected at this moment beats once more, for somebody saw it alive. */
export const seeAlive: Both<(nodeId: string) => Statement> = {
  // The only process on a store sees nobody.
  sqlite: () => ({ sql: 'update node set beat = beat where false', parameters: [] }),
  postgres: nodeId => ({
    sql: `update node set beat = nextval('beat') where id <> $1 and ${IS_ATTENDING}`,
    parameters: [nodeId],
  }),
}

// The node's lock is held, so its process is connected: see attendance.ts.
const IS_ATTENDING = `exists (
  select 1 from pg_locks
  where locktype = 'advisory' and classid = ${ATTENDANCE_CLASS} and objid = (entered % 2147483648)::bigint::oid
    and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database()))`
