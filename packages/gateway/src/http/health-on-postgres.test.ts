import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openPostgresServer } from '@qunhub/testing/postgres/server.ts'
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { openGateway } from '../gateway.ts'
import { runVerb } from '../operator/run-verb.ts'

const READY = { status: 200, body: { status: 'ready' } }
const notReady = (...missing: string[]) => ({ status: 503, body: { status: 'not-ready', missing } })
/** The check's own limit, and what a busy machine may add. */
const CHECK_MAX_MS = 2800
const RECOVERY_MAX_MS = 5000

interface Probed {
  readonly status: number
  /** As JSON; a text that is none stands as it is. */
  readonly body: unknown
  readonly ms: number
}

type Probe = ((path?: string) => Promise<Probed>) & {
  /** A token of a workspace, issued now. */
  readonly issueToken: () => Promise<string>
}

/** A gateway alone on a PostgreSQL database; asks it how it is. */
async function openOn(databaseUrl: string): Promise<Probe> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-ready-'))
  const gateway = await openGateway(
    readConfig({ PORT: '0', QUNHUB_DATA_DIR: dataDir, DATABASE_URL: databaseUrl }),
  )
  onTestFinished(async () => {
    await gateway.stop()
    await rm(dataDir, { recursive: true })
  })
  const issueToken = async () => {
    const operate = async <Reply>(verb: 'add-workspace' | 'issue-token', ask: object): Promise<Reply> => {
      const reply = await runVerb(verb, ask, gateway.operator)
      assert(reply.ok)
      return reply.value as Reply
    }
    const { id: workspace } = await operate<{ id: string }>('add-workspace', { name: '小组' })
    return (await operate<{ token: string }>('issue-token', { workspace })).token
  }
  const probe = async (path = '/ready') => {
    const startedAt = performance.now()
    const answer = await fetch(gateway.baseUrl + path)
    const text = await answer.text()
    const body: unknown = text.startsWith('{') ? JSON.parse(text) : text
    return { status: answer.status, body, ms: performance.now() - startedAt }
  }
  return Object.assign(probe, { issueToken })
}

/** A gateway that is ready, on a server that the test may do anything to. */
async function openOnOwnServer() {
  const server = await openPostgresServer()
  onTestFinished(() => server.remove())
  const probe = await openOn(server.url)
  expect(await probe()).toMatchObject(READY)
  return { server, probe }
}

const untilReady = (probe: () => Promise<Probed>) =>
  eventually('the gateway to be ready', async () => (await probe()).status === 200, RECOVERY_MAX_MS)

async function freshDatabase(): Promise<string> {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  onTestFinished(() => database.drop())
  return database.url
}

/** A way to a server that can be made to swallow everything: what a lost network looks like. */
async function openPassage(url: string): Promise<{ url: string; block(): void; unblock(): void }> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let blocked = false
  const passage: Server = createServer(near => {
    const far = connect({ host: hostname, port: Number(port) })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', bytes => blocked || to.write(bytes))
      from.on('close', () => to.destroy())
      from.on('error', () => {})
    }
  })
  await new Promise<void>(resolve => passage.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    passage.close()
  })
  const through = new URL(url)
  const address = passage.address()
  through.port = String(typeof address === 'object' && address ? address.port : 0)
  return {
    url: through.href,
    block() {
      blocked = true
    },
    unblock() {
      blocked = false
      // What was swallowed is missing in the middle of them.
      for (const socket of sockets) socket.destroy()
    },
  }
}

test('RDY-2 a database that is stopped is named within 2 s, and forgotten when it is back', {
  timeout: 60_000,
}, async () => {
  const { server, probe } = await openOnOwnServer()

  await server.halt()
  const away = await probe()
  expect(away).toMatchObject({ status: 503, body: { missing: expect.arrayContaining(['store']) } })
  expect(away.ms).toBeLessThan(CHECK_MAX_MS)
  expect(await probe('/health')).toMatchObject({ status: 200, body: { status: 'ok' } })

  await server.start()
  await untilReady(probe)
})

test('RDY-2 ST-140 G-6 a database that was made read-only is named although it answers, lists go on, and all is well when it takes writes again', {
  timeout: 60_000,
}, async () => {
  const { server, probe } = await openOnOwnServer()
  const token = await probe.issueToken()
  const admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  const setReadOnly = async (value: 'on' | 'off') => {
    await admin.query('set transaction_read_only = off; set default_transaction_read_only = off')
    await admin.query(`alter system set default_transaction_read_only = ${value}`)
    await admin.query('select pg_reload_conf()')
  }
  try {
    await setReadOnly('on')
    await eventually('the store to be missing', async () => {
      const { status, body } = await probe()
      return status === 503 && JSON.stringify(body).includes('"store"')
    })
    expect((await probe('/health')).status).toBe(200)
    for (const list of [
      'room/listByMHTag',
      'room/listByMember',
      'room/list',
      'bot/list',
      'contact/list',
      'tag/list',
    ])
      expect(await probe(`/${list}?token=${token}&contactWxid=1`)).toMatchObject({
        status: 200,
        body: { code: 0, data: [] },
      })
    await setReadOnly('off')
    await untilReady(probe)
  } finally {
    await admin.end()
  }
})

test('RDY-3 a database that hangs holds no probe for longer than 2 s, however many there are', {
  timeout: 60_000,
}, async () => {
  const passage = await openPassage(await freshDatabase())
  const probe = await openOn(passage.url)
  expect(await probe()).toMatchObject(READY)

  passage.block()
  for (const { status, body, ms } of await Promise.all(Array.from({ length: 50 }, () => probe()))) {
    expect({ status, body }).toMatchObject({
      status: 503,
      body: { missing: expect.arrayContaining(['store']) },
    })
    expect(ms).toBeLessThan(CHECK_MAX_MS)
  }
  // By then the node has lost touch with its peers as well.
  await eventually('both to be missing', async () => {
    const { body, ms } = await probe()
    expect(ms).toBeLessThan(CHECK_MAX_MS)
    return JSON.stringify(body) === JSON.stringify(notReady('store', 'membership').body)
  })

  passage.unblock()
  await untilReady(probe)
})

test('MET-12 MET-22 while the database hangs a scrape takes 1 s and shows all but what only the store knows', {
  timeout: 60_000,
}, async () => {
  const passage = await openPassage(await freshDatabase())
  const probe = await openOn(passage.url)
  passage.block()
  const hanging = await probe('/metrics')
  expect(hanging.ms).toBeLessThan(1800)
  expect(hanging.body).toMatch(/^qunhub_nodes 1$/m)
  expect(hanging.body).not.toMatch(/^qunhub_claimed_bots\{/m)
  // 0 would say that nothing waits.
  expect(hanging.body).not.toMatch(/^qunhub_callback(s_held|s_held_bytes|s_oldest_|_addresses)/m)
  // Asked again it is not waited for again.
  expect((await probe('/metrics')).ms).toBeLessThan(500)
  passage.unblock()
  await eventually(
    'the store to be counted again',
    async () => {
      const body = String((await probe('/metrics')).body)
      return /^qunhub_claimed_bots\{by="nobody"\} 0$/m.test(body) && /^qunhub_callbacks_held 0$/m.test(body)
    },
    8000,
  )
})

test('RDY-4 a node that cannot beat says so, although its database answers', {
  timeout: 60_000,
}, async () => {
  const url = await freshDatabase()
  const probe = await openOn(url)
  const jealous = new pg.Client({ connectionString: url })
  await jealous.connect()
  onTestFinished(() => jealous.end())
  // Reads pass, writes to it wait.
  await jealous.query('begin; lock table node in exclusive mode')
  const lost = await eventually('the node to lose touch', async () => {
    const probed = await probe()
    return probed.status === 503 && probed
  })
  expect(lost).toMatchObject(notReady('membership'))

  await jealous.query('rollback')
  await untilReady(probe)
})
