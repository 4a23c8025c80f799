import {
  type Expression,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import type { Tables } from '../../schema/tables.ts'
import { NoDriver } from '../no-driver.ts'

/** Words statements for PostgreSQL and runs none of them. */
export const postgresBuilder = (): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new NoDriver(),
      createIntrospector: db => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })

export const postgresOneOf = <T extends string | number>(values: readonly T[]): Expression<T> =>
  typeof values[0] === 'number'
    ? sql<T>`(select unnest(${[...values]}::bigint[]))`
    : sql<T>`(select unnest(${[...values]}::text[]))`
