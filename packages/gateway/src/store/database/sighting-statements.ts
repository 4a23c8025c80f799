import { postgresOwe } from '../dialect/postgres/owe-callbacks.ts'
import { postgresCountListed, postgresSighting } from '../dialect/postgres/write-sighting.ts'
import { sqliteCountListed, sqliteOwe, sqliteSighting } from '../dialect/sqlite/write-sighting.ts'
import type { Both } from './both-dialects.ts'
import type { Statement } from './database.ts'
import type { ListCount, OwedRow, Sighting } from './hot-rows.ts'

/** Everything that was seen and is owed, in as few statements as the dialect can; none when there is nothing. */
export const writeSighting: Both<(sighting: Sighting) => Statement[]> = {
  sqlite: sqliteSighting,
  postgres: postgresSighting,
}

/** Callbacks, those of a lane in their order. */
export const owe: Both<(workspaceId: string, owed: readonly OwedRow[]) => Statement[]> = {
  sqlite: sqliteOwe,
  postgres: postgresOwe,
}

/** Each block at most once, and in the order in which the rows are to be locked. */
export const countListed: Both<(workspaceId: string, counts: readonly ListCount[]) => Statement> = {
  sqlite: sqliteCountListed,
  postgres: postgresCountListed,
}
