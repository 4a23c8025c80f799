import type { Database, Statement } from '../database/database.ts'

/**
 * Where a plan reads a table from its beginning to its end, or sorts what it found, on whichever dialect: for the tables that the
 * console reads. The table has to hold some thousands of rows, so that no planner finds a walk cheaper.
 */
export async function walksOf(
  db: Database,
  table: string,
  statements: readonly Statement[],
): Promise<string[]> {
  if (db.dialect === 'postgres') await db.write(tx => tx.run({ sql: `analyze ${table}`, parameters: [] }))
  const walks: string[] = []
  for (const { sql, parameters } of statements) {
    const explain = db.dialect === 'sqlite' ? 'explain query plan' : 'explain'
    const steps = await db.all<Record<string, unknown>>({ sql: `${explain} ${sql}`, parameters })
    const lines = steps.map(step => String(step['detail'] ?? step['QUERY PLAN']))
    walks.push(...lines.filter(line => isWalk(line, table)).map(line => `${line.trim()}: ${sql}`))
  }
  return walks
}

/** SQLite says SCAN of a key that is read in its order, too; then a limit ends it, which is its plan's only way to be short. */
const isWalk = (line: string, table: string): boolean =>
  line.includes(`Seq Scan on ${table}`) || /\bSort\b|TEMP B-TREE/.test(line)
