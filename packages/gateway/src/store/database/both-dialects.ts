import type { Dialect } from '../schema/migrations/describe-table.ts'
import type { Statement } from './database.ts'

/** A statement in the words of each dialect, side by side. */
export type Both<Ask> = Readonly<Record<Dialect, Ask>>

/**
 * One text for both dialects; only its parameters look different, `$1` and `?1`. `lock` is what PostgreSQL says besides where
 * the rows are to be locked until the write ends; on SQLite one writes at a time.
 */
export function alike<Given extends unknown[], Row>(
  sql: string,
  parameters: (...given: Given) => readonly unknown[],
  lock: '' | ' for no key update' = '',
): Both<(...given: Given) => Statement<Row>> {
  // Once, and not with every statement.
  const texts = { sqlite: sql.replaceAll('$', '?'), postgres: `${sql}${lock}` }
  return {
    sqlite: (...given) => ({ sql: texts.sqlite, parameters: parameters(...given) }),
    postgres: (...given) => ({ sql: texts.postgres, parameters: parameters(...given) }),
  }
}

/**
 * Parameters that PostgreSQL's planner does not look into: of lists, and of limits. How long they are is another number each time,
 * and so it took a plan for these ones alone for the cheaper one, made it anew with each question, and that took longer than
 * the answer.
 */
export const unseen = (...parameters: readonly string[]): string =>
  parameters.map(each => `(select ${each})`).join(', ')
