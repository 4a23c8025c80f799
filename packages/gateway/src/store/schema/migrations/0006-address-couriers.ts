import type { Generated } from 'kysely'
import type { Migration } from './migration.ts'

/** What the step adds to `callback_address`. */
export interface RunAddress {
  /** The node whose courier sends to it; null: nobody does, or nobody shares the store. */
  node_id: string | null
  /** Grows with every claim, so that what a former node still wants to write is refused. */
  fence: Generated<number>
  /** Those that used up their retries, as long as the breaker counts them (CB-7): `[[callbackId, at], …]`. */
  exhaustions: Generated<string>
}

/**
 * An address is run by one node, as a bot is; what is about to be sent to it lives in that node's memory. So the rows of
 * lanes go, and what is owed stays where it is: in `callback`. What counted towards opening a breaker at the moment of
 * the step, three minutes of it at most, begins anew.
 */
export const addressCouriers: Migration = {
  version: 6,
  name: 'address-couriers',
  sqlite: [
    'alter table callback_address add column node_id text references node (id)',
    'alter table callback_address add column fence integer not null default 0',
    `alter table callback_address add column exhaustions text not null default '[]'`,
    'drop table lane',
    'drop table exhaustion',
  ],
  postgres: [
    'alter table callback_address add column node_id text collate "C" references node (id)',
    'alter table callback_address add column fence bigint not null default 0',
    `alter table callback_address add column exhaustions text collate "C" not null default '[]'`,
    'drop table lane',
    'drop table exhaustion',
  ],
}
