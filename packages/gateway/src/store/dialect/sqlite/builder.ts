import { type Expression, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import type { Tables } from '../../schema/tables.ts'
import { NoDriver } from '../no-driver.ts'

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
