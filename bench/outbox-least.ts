/**
 * The least that a durable outbox can do on each store, for P6: one insert in a commit, the post, one update. It signs nothing,
 * knows no order, no retry, no claim and no attempt, so nothing that keeps its word can be faster. Answers as outbox-product.ts.
 *
 * On SQLite the writes of a tick of the event loop share a commit that is synced; on PostgreSQL each is a commit of its own,
 * on ten connections, and the server shares the syncs.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { Agent } from 'undici'
import { now } from './monotonic.ts'
import type { Owing } from './outbox-product.ts'

interface LeastStore {
  /** Resolves with its id once it is on the disk. */
  keep(url: string, body: Buffer): Promise<number>
  settle(id: number): Promise<void>
}

const IN_FLIGHT_MAX = 64
const CONNECTIONS = 10

const { dataDir, databaseUrl, urls } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  databaseUrl?: string
  urls: string[]
}
const store = databaseUrl === undefined ? leastOnSqlite() : await leastOnPostgres(databaseUrl)
const agent = new Agent({ connections: IN_FLIGHT_MAX })
const headers = { 'content-type': 'application/json; charset=utf-8' }
/** Kept, and not posted yet. */
const waiting: { id: number; url: string; body: Buffer }[] = []
let inFlight = 0

process.on('message', async (asked: Owing | 'cpu') => {
  process.send?.(asked === 'cpu' ? cpu() : await owe(asked))
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
process.send?.('open')

async function owe({ callbacks, bytes, hands }: Owing) {
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(bytes) }))
  const beganAt = now()
  let next = 0
  await Promise.all(
    Array.from({ length: hands }, async () => {
      while (next < callbacks) {
        const url = urls[next++ % urls.length]!
        waiting.push({ id: await store.keep(url, body), url, body })
        postNext()
      }
    }),
  )
  return { beganAt }
}

function postNext(): void {
  const due = inFlight < IN_FLIGHT_MAX ? waiting.shift() : undefined
  if (!due) return
  inFlight++
  post(due).then(() => {
    inFlight--
    postNext()
  })
}

async function post({ id, url, body }: { id: number; url: string; body: Buffer }): Promise<void> {
  const { origin, pathname } = new URL(url)
  const answer = await agent.request({ origin, path: pathname, method: 'POST', headers, body })
  await answer.body.dump()
  await store.settle(id)
}

function leastOnSqlite(): LeastStore {
  const file = new DatabaseSync(join(dataDir, 'least.sqlite'))
  file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -32768')
  file.exec('create table outbox (id integer primary key, url text, body blob, settled integer)')
  const insert = file.prepare('insert into outbox (url, body) values (?, ?)')
  const update = file.prepare('update outbox set settled = 1 where id = ?')
  let works: (() => () => void)[] = []
  const inNextCommit = (work: () => () => void) => {
    if (works.push(work) > 1) return
    setImmediate(() => {
      const batch = works
      works = []
      file.exec('begin immediate')
      const tells = batch.map(each => each())
      file.exec('commit')
      for (const tell of tells) tell()
    })
  }
  return {
    keep: (url, body) =>
      new Promise(resolve =>
        inNextCommit(() => {
          const id = Number(insert.run(url, body).lastInsertRowid)
          return () => resolve(id)
        }),
      ),
    settle: id =>
      new Promise(resolve =>
        inNextCommit(() => {
          update.run(id)
          return resolve
        }),
      ),
  }
}

async function leastOnPostgres(connectionString: string): Promise<LeastStore> {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS })
  await pool.query(
    'create table if not exists least (id bigint generated always as identity primary key, url text, body bytea, settled integer)',
  )
  return {
    async keep(url, body) {
      const text = 'insert into least (url, body) values ($1, $2) returning id'
      const { rows } = await pool.query({ name: 'keep', text, values: [url, body] })
      return Number(rows[0].id)
    },
    async settle(id) {
      await pool.query({ name: 'settle', text: 'update least set settled = 1 where id = $1', values: [id] })
    },
  }
}

function cpu() {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system }
}
