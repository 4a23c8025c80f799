import {
  DummyDriver,
  type Expression,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { StoreError } from '../../store-error.ts'
import type { Tables } from '../../tables.ts'

/** Words statements for SQLite and runs none of them. */
export const sqliteBuilder = (): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new NoDriver(),
      createIntrospector: db => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })

export const sqliteOneOf = <T extends string | number>(values: readonly T[]): Expression<T> =>
  sql<T>`(select value from json_each(${JSON.stringify(values)}))`

// Kysely's own dummy answers `.execute()` with no rows, which would pass for an empty table.
class NoDriver extends DummyDriver {
  override async acquireConnection(): Promise<never> {
    throw new StoreError(
      'statements are built here and run by the database: end with .compile(), not .execute()',
    )
  }
}
