import type { Migration } from './migration.ts'

/** Both dialects word it alike. No statement ever named the column, so a node that still runs does not miss it. */
const steps = ['alter table bot drop column last_seq']

/**
 * The number of the last event is not kept: it is good for as long as the process that heard it, and after a restart
 * everything is read anyway (BOT-166). The column was there from the beginning and nobody ever wrote it.
 */
export const noLastSeq: Migration = {
  version: 10,
  name: 'no-last-seq',
  sqlite: steps,
  postgres: steps,
}
