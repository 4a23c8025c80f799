import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openPostgresServer } from '@qunhub/testing/postgres/server.ts'

/** Where whoever runs benchmarks in tiny has a server that runs already, and a database on it to be copied. */
export const SHARED_SERVER = { url: 'QUNHUB_BENCH_DATABASE_URL', template: 'QUNHUB_BENCH_TEMPLATE' } as const

/** The PostgreSQL of one benchmark: a server of its own, whose commits reach the disk. In tiny nobody reads the figures. */
export async function openPostgres(
  size: 'full' | 'tiny',
  { fsync = true }: { readonly fsync?: boolean } = {},
): Promise<{ readonly url: string; remove(): Promise<void> }> {
  const shared = process.env[SHARED_SERVER.url]
  if (size === 'full' || !shared) return openPostgresServer({ fsync })
  const { url, drop } = await openFreshDatabase(shared, process.env[SHARED_SERVER.template])
  return { url, remove: drop }
}
