import { big, ddlOf, index, orNull, small, table, text } from './describe-table.ts'
import { workspace } from './first-workspaces.ts'
import type { Migration } from './migration.ts'

/** What became of callbacks, minute by minute, so that a chart counts no callback. */
export const callbackMinute = table(
  'callback_minute',
  {
    workspace_id: text(),
    /** Its first millisecond. */
    minute: big(),
    delivered: small(),
    /** Failed, and tried again later. */
    retried: small(),
    parked: small(),
    quarantined: small(),
  },
  {
    key: ['workspace_id', 'minute'],
    references: [{ to: workspace, columns: ['workspace_id'] }],
    // Retention sweeps over all workspaces.
    indexes: [index('callback_minute_at', '(minute)')],
  },
)

/** The last requests of customers' programs, for people who look for what went wrong. */
export const requestEntry = table(
  'request_entry',
  {
    workspace_id: text(),
    /** Begins with the moment, so that the order of ids is that of time. */
    id: text(),
    at: big(),
    endpoint: text(),
    status: small(),
    /** The one in the body; null where there was none. */
    code: orNull(small()),
    token_id: text(),
    ms: small(),
    /** As it stands in the answer's header and in the log. */
    request_id: text(),
  },
  { key: ['workspace_id', 'id'], references: [{ to: workspace, columns: ['workspace_id'] }] },
)

const TABLES = [callbackMinute, requestEntry]

export const talliesAndRequests: Migration = {
  version: 5,
  name: 'tallies-and-requests',
  sqlite: TABLES.flatMap(each => ddlOf(each, 'sqlite')),
  postgres: TABLES.flatMap(each => ddlOf(each, 'postgres')),
}
