/** A PostgreSQL of Debian that archives its log, so that it can be restored elsewhere to any moment, by its own tools. */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { fastFolder } from '../fast-folder.ts'
import { freePort } from '../processes/node-process.ts'
import { giveTo, runAsNobody } from '../processes/run-as.ts'
import { openProgram, type ProgramProcess } from './program-process.ts'

const START_MAX_MS = 60_000
const COPY_MAX_MS = 60_000

export interface ArchivedPostgres {
  readonly url: string
  /** `pg_basebackup`, while it is in use. */
  backUp(): Promise<void>
  /** Names this moment, and has the log up to it in the archive. */
  mark(moment: string): Promise<void>
  /** As a machine that is lost: nothing of its data is used again. */
  lose(): Promise<void>
  /** Restores the backup to a moment, in another folder and on another port; resolves with its URL when it takes writes. */
  restore(moment: string): Promise<string>
  close(): Promise<void>
}

export async function openArchivedPostgres(): Promise<ArchivedPostgres> {
  const folder = await mkdtemp(join(fastFolder(), 'qunhub-archived-'))
  const as = await runAsNobody()
  const [data, base, archive] = ['data', 'base', 'archive'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await mkdir(archive)
  await giveTo(as, folder, archive)
  const run = async (name: string, args: readonly string[]) => {
    const program = openProgram(name, args, { cwd: folder, as })
    program.start()
    await eventually(`${name} to end`, () => !program.isRunning, COPY_MAX_MS)
    if (program.exitCode !== 0) throw new Error(`${name}: ${program.said()}`)
  }
  const urlAt = (port: number) => `postgres://qunhub@127.0.0.1:${port}/postgres`
  const servers: ProgramProcess[] = []
  const start = async (directory: string, port: number) => {
    const server = openProgram('postgres', ['-D', directory, '-p', String(port)], { cwd: folder, as })
    servers.push(server)
    server.start()
    await eventually(
      'PostgreSQL to take writes',
      () => {
        if (!server.isRunning) throw new Error(`it ended: ${server.said()}`)
        return takesWrites(urlAt(port))
      },
      START_MAX_MS,
    )
  }

  const port = await freePort()
  const url = urlAt(port)
  await run('initdb', ['-D', data, '-U', 'qunhub', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
  await appendFile(
    join(data, 'postgresql.conf'),
    [
      '',
      "listen_addresses = '127.0.0.1'",
      "unix_socket_directories = ''",
      'archive_mode = on',
      `archive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'`,
      '',
    ].join('\n'),
  )
  await start(data, port)

  const ask = async (sql: string): Promise<Record<string, unknown>> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql)).rows[0]
    } finally {
      await client.end()
    }
  }
  return {
    url,
    backUp: () =>
      run('pg_basebackup', ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'qunhub', '-D', base, '-c', 'fast']),
    async mark(moment) {
      await ask(`select pg_create_restore_point('${moment}')`)
      const { file } = await ask('select pg_walfile_name(pg_switch_wal()) as file')
      const isArchived = async () =>
        String((await ask('select last_archived_wal as file from pg_stat_archiver'))['file']) >= String(file)
      await eventually('the log to be archived', isArchived, COPY_MAX_MS)
    },
    lose: async () => {
      await servers[0]!.end('SIGQUIT')
      await rm(data, { recursive: true })
    },
    async restore(moment) {
      const elsewhere = await freePort()
      await appendFile(
        join(base, 'postgresql.conf'),
        [
          '',
          `restore_command = 'cp ${archive}/%f %p'`,
          `recovery_target_name = '${moment}'`,
          "recovery_target_action = 'promote'",
          'archive_mode = off',
          '',
        ].join('\n'),
      )
      await writeFile(join(base, 'recovery.signal'), '')
      await start(base, elsewhere)
      return urlAt(elsewhere)
    },
    async close() {
      for (const server of servers) await server.end('SIGQUIT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function takesWrites(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return !(await client.query('select pg_is_in_recovery() as standby')).rows[0].standby
  } catch {
    return false
  } finally {
    // A server that is being stopped may have ended it already.
    await client.end().catch(() => {})
  }
}
