import type { Migration } from './migration.ts'

/** What the step adds to `replay`: two more conditions. */
export interface NarrowedReplay {
  only_bot: string | null
  only_status: string | null
}

/**
 * The callbacks of one room are what people look for most, and a room has a handful among a million. It costs each callback the
 * write of one entry; the questions that are asked less (bot, status, kind) go without an index and look through slices.
 */
const ROOM = 'create index callback_room on callback (workspace_id, lane_key, id)'

export const findingCallbacks: Migration = {
  version: 7,
  name: 'finding-callbacks',
  sqlite: [
    ROOM,
    'alter table replay add column only_bot text',
    'alter table replay add column only_status text',
  ],
  postgres: [
    ROOM,
    'alter table replay add column only_bot text collate "C"',
    'alter table replay add column only_status text collate "C"',
  ],
}
