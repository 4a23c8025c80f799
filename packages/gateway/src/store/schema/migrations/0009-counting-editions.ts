import type { Generated } from 'kysely'
import type { Flag } from './describe-table.ts'
import type { Migration } from './migration.ts'

/** What the step adds to `node`. */
export interface CountingNode {
  /** Its writes count editions (`rooms/list-edition`); those of a node that entered before this step do not. */
  counts_editions: Generated<Flag>
}

const COLUMN = 'alter table node add column counts_editions integer not null default 0'

/** As long as an older node is there nobody remembers a list; after this step none can enter any more. */
export const countingEditions: Migration = {
  version: 9,
  name: 'counting-editions',
  sqlite: [COLUMN],
  postgres: [COLUMN],
}
