import pg from 'pg'
import type { Statement } from '../../../gateway/src/store/database/database.ts'

/** A step of a plan that was carried out. */
export interface PlanStep {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  /** Of one loop. */
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly PlanStep[]
}

/** Whether PostgreSQL plans for any parameters, as it does with what is prepared, or for these. */
export type PlanMode = 'generic' | 'custom'

/** Asks on one connection, inside a transaction. */
export type AskPlain = (sql: string) => Promise<readonly Record<string, unknown>[]>

/** Carries the statement out, undoes it, and returns how it was done. */
export async function explain(ask: AskPlain, statement: Statement, mode: PlanMode): Promise<PlanStep> {
  await ask('savepoint before_explain')
  await ask(`set local plan_cache_mode = force_${mode}_plan`)
  await prepare(ask, 'explained', statement)
  const plan = await explainPrepared(ask, 'explained', statement)
  await ask('deallocate explained')
  await ask('rollback to savepoint before_explain')
  return plan
}

export const prepare = (ask: AskPlain, name: string, { sql }: Statement) => ask(`prepare ${name} as ${sql}`)

/** Carries out what was prepared under a name, and returns how it was done. A generic plan is made once, and kept. */
export async function explainPrepared(
  ask: AskPlain,
  name: string,
  { parameters }: Statement,
): Promise<PlanStep> {
  const given = parameters.map(literal).join(', ')
  const [row] = await ask(
    `explain (analyze, buffers, timing off, format json) execute ${name}${given && ` (${given})`}`,
  )
  return (row!['QUERY PLAN'] as [{ Plan: PlanStep }])[0].Plan
}

/** The step and everything below it. */
export const stepsOf = (plan: PlanStep): PlanStep[] => [plan, ...(plan.Plans ?? []).flatMap(stepsOf)]

/** How many rows the step took up, over all its loops; those that it then threw away included. */
export const rowsReadBy = (step: PlanStep): number =>
  step['Actual Loops'] *
  (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0) + (step['Rows Removed by Index Recheck'] ?? 0))

/** Blocks of 8 KiB that the whole plan looked at, in the cache or on the disk. */
export const blocksOf = (plan: PlanStep): number =>
  Math.max(...stepsOf(plan).map(step => step['Shared Hit Blocks'] + step['Shared Read Blocks']))

// Without a type of its own, so that PostgreSQL gives it the parameter's.
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map(elementOf).join(',')}}`)
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(Number(value))
    : pg.escapeLiteral(String(value))
}

const elementOf = (value: unknown): string =>
  value === null ? 'NULL' : `"${String(value).replaceAll(/[\\"]/g, '\\$&')}"`
