import * as bots from '../bots/bot-statements.ts'
import * as nodes from '../bots/node-statements.ts'
import * as callbacks from '../outbox/callback-statements.ts'
import * as chats from '../rooms/chat-statements.ts'
import * as contacts from '../rooms/contact-statements.ts'
import { nextEdition } from '../rooms/list-edition.ts'
import * as lists from '../rooms/list-statements.ts'
import type { Dialect } from '../schema/migrations/describe-table.ts'
import * as workspaces from '../workspaces/workspace-statements.ts'
import * as sightings from './sighting-statements.ts'

const SIDE_BY_SIDE = {
  ...workspaces,
  ...lists,
  ...chats,
  ...contacts,
  ...sightings,
  ...callbacks,
  ...bots,
  ...nodes,
  nextEdition,
}

/**
 * The statements that every request or every event runs. Each is worded by hand, in both dialects side by side, because here
 * the plan matters and building the text anew would cost more than running it. Where a dialect writes rows one by one the
 * list has a statement a row; where it has a bulk form, one.
 *
 * Lists travel as one parameter, JSON on SQLite and an array on PostgreSQL, so that a list of any length is the same prepared
 * statement. On PostgreSQL every statement names the rows it wants first, in an order that an index gives, and joins what
 * belongs to them afterwards: with a generic plan the other order walks through a whole workspace. The plans are held by
 * `dialect/postgres-plans.test.ts` and `dialect/sqlite-plans.test.ts`.
 */
export type HotStatements = {
  readonly [Name in keyof typeof SIDE_BY_SIDE]: (typeof SIDE_BY_SIDE)[Name][Dialect]
}

const wordedFor = (dialect: Dialect): HotStatements =>
  Object.fromEntries(
    Object.entries(SIDE_BY_SIDE).map(([name, both]) => [name, both[dialect]]),
  ) as unknown as HotStatements

export const hotStatements: Readonly<Record<Dialect, HotStatements>> = {
  sqlite: wordedFor('sqlite'),
  postgres: wordedFor('postgres'),
}
