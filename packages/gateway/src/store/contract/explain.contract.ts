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
    walks.push(...lines.filter(line => isWalk(line, table, sql)).map(line => `${line.trim()}: ${sql}`))
  }
  return walks
}

/** SQLite says SCAN of a key, or an index, that is read in its order, too; then it is the limit that ends it. */
const isWalk = (line: string, table: string, sql: string): boolean =>
  line.includes(`Seq Scan on ${table}`) ||
  (line.includes(`SCAN ${table}`) && !/ limit /.test(sql)) ||
  /\bSort\b|TEMP B-TREE/.test(line)
