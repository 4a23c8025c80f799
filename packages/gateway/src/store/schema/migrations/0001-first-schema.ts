import { ddlOf, type Table } from './describe-table.ts'
import { bot, botMove, contact } from './first-bots.ts'
import {
  acceptedKind,
  attempt,
  callback,
  callbackAddress,
  callbackBody,
  exhaustion,
  lane,
  replay,
} from './first-outbox.ts'
import { chat, chatMember, chatTag, listBlock, tag } from './first-rooms.ts'
import {
  counter,
  idempotency,
  installation,
  node,
  token,
  tokenPermits,
  workspace,
} from './first-workspaces.ts'
import type { Migration } from './migration.ts'

/**
 * Every primary key begins with workspace_id, so that the data can be sharded by it and no statement can forget it.
 * Four tables are excepted: `workspace`, whose id it is, and `node`, `installation` and `schema_version`, which belong to all
 * workspaces; so do people (`0003-people.ts`). Secondary indexes begin otherwise only where the caller cannot know the workspace yet, and says why.
 */
const TABLES: readonly Table[] = [
  // Those first that others refer to.
  ...[workspace, counter, token, tokenPermits, idempotency, node, installation],
  ...[bot, botMove, contact],
  ...[chat, chatMember, tag, chatTag, listBlock],
  ...[callbackAddress, acceptedKind, lane, callback, callbackBody, attempt, exhaustion, replay],
]

export const firstSchema: Migration = {
  version: 1,
  name: 'first-schema',
  sqlite: TABLES.flatMap(table => ddlOf(table, 'sqlite')),
  postgres: TABLES.flatMap(table => ddlOf(table, 'postgres')),
}
