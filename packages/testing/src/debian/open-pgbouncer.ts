import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { freePort } from '../processes/node-process.ts'
import { giveTo, runAsNobody } from '../processes/run-as.ts'
import { openProgram } from './program-process.ts'

export interface PgBouncer {
  /** Of the database behind it. */
  readonly url: string
  close(): Promise<void>
}

/** PgBouncer before a database, with its own defaults but for the mode and how many connections it has. */
export async function openPgBouncer(
  databaseUrl: string,
  mode: 'session' | 'transaction' | 'statement',
): Promise<PgBouncer> {
  const { hostname, port, username, pathname } = new URL(databaseUrl)
  const folder = await mkdtemp(join(tmpdir(), 'qunhub-pgbouncer-'))
  const own = await freePort()
  const as = await runAsNobody()
  const file = join(folder, 'pgbouncer.ini')
  const users = join(folder, 'users.txt')
  await writeFile(users, `"${username}" ""\n`)
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${hostname} port=${port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${own}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${users}`,
      `pool_mode = ${mode}`,
      'default_pool_size = 40',
    ].join('\n'),
  )
  await giveTo(as, folder, file, users)
  const program = openProgram('pgbouncer', [file], { cwd: folder, as })
  program.start()
  const url = `postgres://${username}@127.0.0.1:${own}${pathname}`
  await eventually('PgBouncer to answer', async () => {
    if (!program.isRunning) throw new Error(`pgbouncer ended: ${program.said()}`)
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
    client.on('error', () => {})
    const answered = await client.connect().then(
      () => true,
      () => false,
    )
    // A server that is being stopped may have ended it already.
    await client.end().catch(() => {})
    return answered
  })
  return {
    url,
    async close() {
      // SIGTERM waits for its clients no more than SIGQUIT does.
      await program.end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
