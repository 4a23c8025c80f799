/**
 * Three PostgreSQL under Patroni, with one etcd and an HAProxy before them, by the very files of `deploy/postgres/`: nothing but
 * addresses, passwords and paths is replaced. Data is in memory where there is room: only processes are killed here, no machine.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { eventually } from '../eventually.ts'
import { fastFolder } from '../fast-folder.ts'
import { freePort } from '../processes/node-process.ts'
import { giveTo, runAsNobody } from '../processes/run-as.ts'
import { openProgram, type ProgramProcess } from './program-process.ts'

const FILES = resolve(import.meta.dirname, '../../../../deploy/postgres')
const MEMBERS = 3
/** A first start copies a whole PostgreSQL twice. */
const START_MAX_MS = 120_000
const STEADY_MAX_MS = 120_000

interface Member {
  readonly name: string
  readonly port: number
  readonly api: string
  readonly data: string
  readonly patroni: ProgramProcess
}

export interface PatroniCluster {
  /** Through HAProxy, which leads to the primary; the database `qunhub` is empty at first. */
  readonly url: string
  /** Of all three servers. */
  readonly urlOfAll: string
  /** The name of the primary and since when, as Patroni says it; undefined where there is none. */
  primary(): Promise<string | undefined>
  /** One primary, and two standbys that stream, one of them synchronous. */
  steady(): Promise<void>
  /** Hands the primary over in good order; resolves when Patroni says so. */
  switchOver(): Promise<void>
  /** SIGKILL for PostgreSQL on the primary, and for its Patroni as well; that is started again by `revive`. */
  killPrimary(withPatroni: boolean): Promise<void>
  revive(): void
  close(): Promise<void>
}

export async function openPatroni(): Promise<PatroniCluster> {
  const folder = await mkdtemp(join(fastFolder(), 'qunhub-patroni-'))
  const as = await runAsNobody()
  await giveTo(as, folder)
  const programs: ProgramProcess[] = []
  const run = (name: string, args: readonly string[]) => {
    const program = openProgram(name, args, { cwd: folder, as, env: { HOME: folder, LC_ALL: 'C.UTF-8' } })
    programs.push(program)
    return program
  }
  const [etcdPort, peerPort, leadPort] = [await freePort(), await freePort(), await freePort()]
  const etcdUrl = `http://127.0.0.1:${etcdPort}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  const etcd = run('etcd', [
    ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', etcdUrl],
    ...['--advertise-client-urls', etcdUrl, '--listen-peer-urls', peerUrl],
    ...['--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `default=${peerUrl}`],
  ])
  const yaml = await readFile(join(FILES, 'patroni.yaml'), 'utf8')
  const members: Member[] = []
  for (let n = 1; n <= MEMBERS; n++) {
    const [port, apiPort] = [await freePort(), await freePort()]
    const data = join(folder, `pg-${n}`)
    const file = join(folder, `patroni-${n}.yaml`)
    await writeFile(
      file,
      yaml
        .replace('name: pg-1', `name: pg-${n}`)
        .replaceAll('10.77.0.21:8008', `127.0.0.1:${apiPort}`)
        .replaceAll('10.77.0.21:5432', `127.0.0.1:${port}`)
        .replace('10.77.0.20:2379', `127.0.0.1:${etcdPort}`)
        .replace('/var/lib/postgresql/15/qunhub', data)
        .replace('/var/lib/postgresql/patroni.pgpass', join(folder, `pgpass-${n}`)),
    )
    await giveTo(as, file)
    const patroni = run('patroni', [file])
    members.push({ name: `pg-${n}`, port, api: `http://127.0.0.1:${apiPort}`, data, patroni })
  }
  const haproxyFile = join(folder, 'haproxy.cfg')
  let cfg = (await readFile(join(FILES, 'haproxy.cfg'), 'utf8')).replace(
    '10.77.0.20:5000',
    `127.0.0.1:${leadPort}`,
  )
  for (const { name, port, api } of members)
    cfg = cfg.replace(new RegExp(`(?<=server ${name} )\\S+`), `127.0.0.1:${port} port ${new URL(api).port}`)
  await writeFile(haproxyFile, cfg)
  const haproxy = run('haproxy', ['-W', '-db', '-f', haproxyFile])

  const credentials = 'postgres:change-me-1'
  const urlOf = (hosts: string, database: string) => `postgres://${credentials}@${hosts}/${database}`
  const lead = `127.0.0.1:${leadPort}`
  const all = members.map(({ port }) => `127.0.0.1:${port}`).join(',')

  interface Listed {
    readonly name: string
    readonly role: string
    readonly state: string
    readonly lag?: number | string
  }
  const list = async (): Promise<Listed[]> => {
    for (const { api } of members) {
      const answer = await fetch(`${api}/cluster`, { signal: AbortSignal.timeout(2000) }).catch(() => null)
      if (answer?.ok) return ((await answer.json()) as { members: Listed[] }).members
    }
    return []
  }
  const nameOfPrimary = async () => {
    for (const { name, api } of members) {
      const answer = await fetch(`${api}/primary`, { signal: AbortSignal.timeout(2000) }).catch(() => null)
      if (answer?.ok) return name
    }
    return undefined
  }
  const steady = async () => {
    await eventually(
      'one primary and two standbys that stream',
      async () => {
        const listed = await list()
        return (
          listed.length === MEMBERS &&
          listed.filter(({ role, state }) => role === 'leader' && state === 'running').length === 1 &&
          listed.filter(({ role }) => role === 'sync_standby').length === 1 &&
          listed.every(({ state }) => state === 'running' || state === 'streaming') &&
          listed.every(({ role, lag }) => role === 'leader' || lag === 0 || typeof lag !== 'string')
        )
      },
      STEADY_MAX_MS,
    )
  }
  const close = async () => {
    // Patroni first, for it starts what dies; then what it leaves behind.
    for (const { patroni } of members) await patroni.end('SIGKILL')
    for (const { data } of members) for (const pid of await processesOf(data)) killIfThere(pid)
    for (const program of [haproxy, etcd]) await program.end('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    etcd.start()
    await eventually(
      'etcd',
      async () =>
        (await fetch(`${etcdUrl}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => null))?.ok,
      START_MAX_MS,
    )
    members[0]!.patroni.start()
    await eventually('the first PostgreSQL', nameOfPrimary, START_MAX_MS)
    for (const { patroni } of members.slice(1)) patroni.start()
    haproxy.start()
    await steady()
    await eventually('HAProxy to lead to the primary', () => makeDatabase(urlOf(lead, 'postgres')))
  } catch (failure) {
    const said = programs.map(program => program.said().slice(-2000)).join('\n---\n')
    await close()
    throw new Error(`Patroni did not start: ${said}`, { cause: failure })
  }

  return {
    url: urlOf(lead, 'qunhub'),
    urlOfAll: urlOf(all, 'qunhub'),
    primary: nameOfPrimary,
    steady,
    async switchOver() {
      const leader = await nameOfPrimary()
      const answer = await fetch(`${members.find(({ name }) => name === leader)!.api}/switchover`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ leader }),
      })
      if (!answer.ok) throw new Error(`no switch-over: ${answer.status} ${await answer.text()}`)
    },
    async killPrimary(withPatroni) {
      const leader = await nameOfPrimary()
      const { data, patroni } = members.find(({ name }) => name === leader)!
      const pids = await processesOf(data)
      if (withPatroni) await patroni.end('SIGKILL')
      for (const pid of pids) killIfThere(pid)
    },
    revive() {
      for (const { patroni } of members) if (!patroni.isRunning) patroni.start()
    },
    close,
  }
}

/** Whether it could be made, or is there. */
async function makeDatabase(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('create database qunhub')
    return true
  } catch (failure) {
    return (failure as { code?: string }).code === '42P04'
  } finally {
    // A server that is being stopped may have ended it already.
    await client.end().catch(() => {})
  }
}

/** The postmaster of a data folder and its children; found by what started them, and not by a name that others have. */
async function processesOf(data: string): Promise<number[]> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
  const postmaster = Number(text.split('\n')[0])
  if (!postmaster) return []
  const children: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === postmaster)
      children.push(Number(entry))
  }
  return [postmaster, ...children]
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure
  }
}
