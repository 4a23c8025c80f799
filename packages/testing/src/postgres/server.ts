import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { diskFolder, fastFolder } from '../fast-folder.ts'
import { giveTo, runAsNobody } from '../processes/run-as.ts'
import { copyBinaries } from './binaries.ts'

/** A real PostgreSQL on 127.0.0.1 that a test may stop, kill and start again. */
export interface PostgresServer {
  /** Of its first database, `postgres`, where others may be made. */
  readonly url: string
  /** Starts it again on the same data and port after `halt` or `kill`. */
  start(): Promise<void>
  /** As an administrator stops it: connections are cut, data is safe. */
  halt(): Promise<void>
  /** As a power cut would end it. */
  kill(): Promise<void>
  /** Ends it and removes its files. */
  remove(): Promise<void>
}

export interface PostgresOptions {
  /** Whether commits reach the disk. Off for tests that do not kill the server: several times faster. */
  readonly fsync?: boolean
}

/** Sets a new server up in a temporary folder and starts it. */
export async function openPostgresServer({ fsync = false }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(diskFolder(), 'qunhub-postgres-'))
  // Programs stay on the disk: a folder in memory may be one that nothing is run from.
  const bin = await copyBinaries(join(folder, 'native'))
  const dataFolder = fsync ? folder : await mkdtemp(join(fastFolder(), 'qunhub-postgres-'))
  // PostgreSQL refuses to be run by root.
  const user = await runAsNobody()
  await giveTo(user, ...new Set([folder, dataFolder]))
  const data = join(dataFolder, 'data')
  const setUp = ['-D', data, '-U', 'qunhub', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  await new Promise<void>((resolve, reject) => {
    execFile(join(bin, 'initdb'), setUp, { ...user, cwd: folder, env: {} }, failure =>
      failure ? reject(failure) : resolve(),
    )
  })
  const port = await freePort()
  const url = `postgres://qunhub@127.0.0.1:${port}/postgres`
  let server: ChildProcess | null = null

  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    shared_buffers: '128MB',
    ...(fsync ? { fsync: 'on' } : { fsync: 'off', full_page_writes: 'off', autovacuum: 'off' }),
    log_min_messages: 'fatal',
  }

  const start = async () => {
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    server = spawn(join(bin, 'postgres'), ['-D', data, ...args], {
      ...user,
      cwd: folder,
      env: {},
      stdio: 'ignore',
    })
    await eventually('PostgreSQL to answer', () => answers(url), 30_000)
  }
  const end = async (signal: NodeJS.Signals) => {
    const ended = server
    server = null
    if (!ended || ended.exitCode !== null || ended.signalCode !== null) return
    const exited = new Promise(resolve => ended.once('exit', resolve))
    ended.kill(signal)
    await exited
  }

  await start()
  return {
    url,
    start,
    // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one: the next start recovers from the log.
    halt: () => end('SIGINT'),
    kill: () => end('SIGQUIT'),
    async remove() {
      await end('SIGQUIT')
      for (const own of [dataFolder, folder]) await rm(own, { recursive: true, force: true })
    },
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
  // A connection that breaks while the server starts is tried again.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
