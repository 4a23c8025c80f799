import { DummyDriver } from 'kysely'
import { StoreError } from '../database/store-error.ts'

/** Kysely's own dummy answers `.execute()` with no rows, which would pass for an empty table; this one refuses. */
export class NoDriver extends DummyDriver {
  override async acquireConnection(): Promise<never> {
    throw new StoreError(
      'statements are built here and run by the database: end with .compile(), not .execute()',
    )
  }
}
