import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openUnfitServer } from '@qunhub/testing/postgres/unfit-server.ts'
import { type CliProcess, startCli } from '@qunhub/testing/processes/cli-process.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { openStore } from '../store/database/open-store.ts'

const KEY = '7'.repeat(64)
const SECRET = 's'.repeat(32)
/** Several processes at once, on a machine that runs other tests besides. */
const PROCESSES_TIMEOUT_MS = 120_000

let desk: Desk
let database: FreshDatabase
let env: Record<string, string>

beforeEach(async () => {
  desk = await openDesk()
  database = await openFreshDatabase(inject('postgresUrl'))
  env = { QUNHUB_DATA_DIR: desk.dataDir, DATABASE_URL: database.url, QUNHUB_SECRET_KEY: KEY }
})
afterEach(async () => {
  await desk.close()
  await database.drop()
})

/** `serve` listens for signals and belongs in a process of its own, however soon it ends. */
const run = (args: string, but: Record<string, string> = {}) =>
  args === 'serve' ? desk.cli(args, { ...env, ...but }) : runCliHere(args, { ...env, ...but })
/** The master key is the data directory's. */
const keyInFile = { QUNHUB_SECRET_KEY: '' }

const tablesOf = async () => {
  const store = await openStore({ dataDir: desk.dataDir, databaseUrl: database.url, migrate: false }).catch(
    failure => String(failure),
  )
  if (typeof store === 'string') return store
  await store.close()
  return 'a store'
}

/** Starts `serve` and waits until it says that it is ready, or has ended. */
async function serve(but: Record<string, string> = {}, args: readonly string[] = []): Promise<CliProcess> {
  const started = startCli(['serve', ...args], { ...env, PORT: '0', ...but })
  desk.atEnd(async () => {
    started.child.kill('SIGKILL')
    await started.ended
  })
  await eventually(
    'the gateway to be ready or to end',
    () => started.said().includes('Qunhub is ready') || started.child.exitCode !== null,
  )
  return started
}

describe('migrate', () => {
  test(
    'CLI-53 of several that migrate an empty database at once, one makes it and the others find it made',
    async () => {
      const runs = await Promise.all([1, 2, 3, 4].map(() => desk.cliProcess('migrate --json', env)))
      expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(Array(4).fill([0, '']))
      const reports = runs.map(
        ({ stdout }) => JSON.parse(stdout) as { outcome: string; steps: readonly string[] },
      )
      expect(reports.map(({ outcome }) => outcome).sort()).toEqual([
        'created',
        'current',
        'current',
        'current',
      ])
      expect(reports.filter(({ steps }) => steps.length > 0)).toMatchObject([{ outcome: 'created' }])
    },
    PROCESSES_TIMEOUT_MS,
  )

  test('CLI-53 it names the database, without user and password', async () => {
    const { stdout } = await run('migrate')
    expect(stdout).toMatch(/^数据库 database +127\.0\.0\.1:\d+\/qunhub_/m)
    expect(stdout).not.toContain('qunhub@')
  })

  test('CLI-53 data of a newer Qunhub is refused, by every command', async () => {
    await run('migrate')
    const store = await openStore({ dataDir: desk.dataDir, databaseUrl: database.url })
    const newer = { version: 999, name: 'later', applied_at: 0 }
    await store.db.write(tx => tx.run(tx.query.insertInto('schema_version').values(newer).compile()))
    await store.close()
    for (const args of ['migrate', 'token list', 'workspace add 甲']) {
      expect(await run(args)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/999.*use a newer Qunhub/),
      })
    }
  })
})

describe('commands', () => {
  test('CLI-54 they work beside one another, and none makes a store but the first workspace', async () => {
    expect(await run('token list')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is no store in 127.0.0.1'),
    })
    expect(await tablesOf()).toContain('StoreTooOld')
    expect(await run('workspace add 甲')).toMatchObject({ exitCode: 0 })
    const runs = await Promise.all([run('token issue --label a'), run('token issue --label b')])
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    const { tokens } = JSON.parse((await run('token list --json')).stdout) as { tokens: object[] }
    expect(tokens).toHaveLength(2)
  })

  test(
    'CLI-54 a gateway on this machine is asked through its door, wherever its data is',
    async () => {
      const gateway = await serve()
      expect(gateway.said()).toMatch(/"database":"127\.0\.0\.1:\d+\/qunhub_/)
      expect(await run('workspace add 甲')).toMatchObject({ exitCode: 0 })
      // Without DATABASE_URL only the door knows the way.
      const { stdout } = await run('workspace list --json', { DATABASE_URL: '' })
      expect(JSON.parse(stdout)).toMatchObject({ workspaces: [{ name: '甲' }] })
      expect(await run('bot list --json')).toMatchObject({ stdout: expect.stringContaining('"live": true') })
    },
    PROCESSES_TIMEOUT_MS,
  )

  test('CLI-54 a copy from or to a database where a gateway works is refused', async () => {
    await run('workspace add 甲', { DATABASE_URL: '' })
    await serve({ QUNHUB_DATA_DIR: join(desk.dataDir, 'gateway') })
    for (const args of [
      'copy --from sqlite --to postgres',
      `copy --from postgres --to sqlite --data-dir ${desk.dataDir}-2`,
    ]) {
      expect(await run(args)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('stop all of them first'),
      })
    }
  })
})

describe('the master key', () => {
  test('CLI-56 it is made with the first workspace and kept in the data directory', async () => {
    expect(await run('token list', keyInFile)).toMatchObject({ exitCode: 1 })
    expect(await readdir(desk.dataDir)).toEqual([])
    expect(await run('workspace add 甲', keyInFile)).toMatchObject({ exitCode: 0 })
    expect(await readdir(desk.dataDir)).toEqual(['secret.key'])
    expect(await run('token list', keyInFile)).toMatchObject({ exitCode: 0 })
  })

  test('CLI-56 another one is refused by every command, in words', async () => {
    await run('workspace add 甲')
    for (const args of ['token list', 'migrate', 'serve']) {
      expect(await run(args, { QUNHUB_SECRET_KEY: '9'.repeat(64), PORT: '0' })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/主密钥与数据不符.*QUNHUB_SECRET_KEY/),
      })
    }
  })

  test('CLI-56 a machine that lacks it is told so, and none is made that would look as if data belonged to it', async () => {
    await run('workspace add 甲')
    for (const args of ['token list', 'workspace add 乙', 'migrate', 'serve']) {
      expect(await run(args, { ...keyInFile, PORT: '0' })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/没有主密钥.*set the QUNHUB_SECRET_KEY/),
      })
      expect(await readdir(desk.dataDir)).not.toContain('secret.key')
    }
    expect(await run('token list')).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['on PostgreSQL', {}],
    ['in the embedded store', { DATABASE_URL: '' }],
  ])(
    'CLI-56 data from before there were traces of the key takes none of a wrong one, %s',
    async (_where, where) => {
      await run('workspace add 甲', where)
      await run('bot add --endpoint 127.0.0.1:1 --token puppet_1', where)
      const databaseUrl = { ...env, ...where }['DATABASE_URL'] || undefined
      const store = await openStore({ dataDir: desk.dataDir, databaseUrl })
      await store.db.write(tx => tx.run(tx.query.deleteFrom('installation').compile()))
      await store.close()
      expect(await run('token list', { ...where, QUNHUB_SECRET_KEY: '9'.repeat(64) })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('another master key'),
      })
      expect(await run('token list', where)).toMatchObject({ exitCode: 0 })
    },
  )
})

describe('what a server may say', () => {
  const elsewhere = (but: { port?: string; pathname?: string; username?: string; search?: string }): string =>
    Object.assign(new URL(database.url), { password: 'geheim', ...but }).href

  test.each([
    ['nobody listens there', { port: '1' }, /无法连接数据库 127\.0\.0\.1:1\/.*ECONNREFUSED/],
    ['there is no such database', { pathname: '/none' }, /没有这个数据库.*create it first/],
    ['there is no such user', { username: 'nobody' }, /不允许这个用户.*does not let this user in/],
  ])('CLI-57 %s: it is told in words that name neither user nor password', async (_what, but, words) => {
    for (const args of ['token list', 'workspace add 甲', 'migrate', 'serve']) {
      const { exitCode, stderr } = await run(args, { DATABASE_URL: elsewhere(but), PORT: '0' })
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(words) })
      expect(stderr).not.toContain('geheim')
    }
  })

  test('CLI-57 there is no schema to make tables in: it is told in words', async () => {
    for (const args of ['workspace add 甲', 'migrate', 'serve']) {
      const DATABASE_URL = elsewhere({ search: '?options=-csearch_path%3Dnowhere' })
      const { exitCode, stderr } = await run(args, { DATABASE_URL, PORT: '0' })
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringMatching(/没有一个已存在的 schema.*no schema of the search_path exists/),
      })
    }
  })

  test('CLI-57 it wants a password and the address has none: it is told in words', async () => {
    const server = await openUnfitServer({ wantsPassword: true })
    desk.atEnd(() => server.close())
    const DATABASE_URL = server.url.replace(':geheim', '')
    const { exitCode, stderr } = await run('token list', { DATABASE_URL })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/服务器要口令.*wants a password/),
    })
  })

  test.each(['prefer', 'require', 'verify-ca'])(
    'CLI-57 a server without TLS, sslmode=%s: it is told in words, and the driver adds none',
    async mode => {
      const DATABASE_URL = elsewhere({ search: `?sslmode=${mode}` })
      const { exitCode, stderr } = await startCli(['token', 'list'], { ...env, DATABASE_URL }).ended
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringMatching(/^[^\n]*没有开启 TLS[^\n]*\n$/),
      })
    },
  )

  test.each([
    ['the password is wrong', { refuses: '28P01' }, /口令不对.*the password is wrong/],
    ['it takes no connections', { refuses: '55000' }, /不接受连接.*allow_connections true/],
    ['it still starts', { refuses: '57P03' }, /正在启动.*try again/],
    ['no connection is left', { refuses: '53300' }, /连接数已满.*max_connections/],
    [
      'a pool refuses a parameter of the start',
      { refuses: '08P01', says: 'unsupported startup parameter: options' },
      /连接池.*ignore_startup_parameters.*\(08P01: unsupported startup parameter: options\)/,
    ],
    [
      'a pool hands connections round between transactions',
      { settings: ['150008', 'UTF8', '4711'] },
      /不是会话模式.*pool_mode = session/,
    ],
    [
      'it does not know a setting',
      { refuses: '42704' },
      /options 里的设置.*does not know, or not take, a setting/,
    ],
    ['it is too old', { settings: ['140012', 'UTF8'] }, /PostgreSQL 14 is too old: 15 or newer/],
    ['it cannot hold every text', { settings: ['150008', 'LATIN1'] }, /LATIN1.*encoding 'UTF8'/],
  ])('CLI-57 %s: it is told in words', async (_what, how, words) => {
    const server = await openUnfitServer(how)
    desk.atEnd(() => server.close())
    for (const args of ['token list', 'migrate']) {
      const { exitCode, stderr } = await run(args, { DATABASE_URL: server.url })
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(words) })
      expect(stderr).toMatch(/^[^\n]*127\.0\.0\.1:\d+\/old[^\n]*\n$/)
      expect(stderr).not.toMatch(/geheim|内部错误/)
    }
  })
})

describe('serve', () => {
  const nodes = { QUNHUB_NODE_SECRET: SECRET }

  test('CLI-58 the address for the other nodes is none of this machine: the setting is named', async () => {
    const { exitCode, stderr } = await run('serve', {
      ...nodes,
      PORT: '0',
      QUNHUB_NODE_ADDRESS: '192.0.2.7:7400',
    })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/192\.0\.2\.7.*不是本机的地址.*QUNHUB_NODE_ADDRESS/),
    })
  })

  test('CLI-58 the port for the other nodes is taken: the setting is named', async () => {
    const other = createServer()
    desk.atEnd(() => new Promise(done => other.close(() => done())))
    await new Promise<void>(done => other.listen(0, '127.0.0.1', done))
    const { port } = other.address() as { port: number }
    const address = { ...nodes, QUNHUB_NODE_ADDRESS: `127.0.0.1:${port}` }
    expect(await run('serve', { ...address, PORT: '0' })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(new RegExp(`端口 ${port} 已被占用.* QUNHUB_NODE_ADDRESS `)),
    })
  })

  test(
    'CLI-38 a second gateway on the same data directory is refused, and the first one’s door stays open',
    async () => {
      const first = await serve()
      const second = await serve({ QUNHUB_SECRET_KEY: KEY })
      expect((await second.ended).exitCode).toBe(1)
      expect(second.said()).toContain(`in use by process ${first.child.pid} (qunhub serve)`)
      // Commands go on beside it, also where they reach the database and not the door.
      expect(await run('workspace add 甲', { QUNHUB_DATA_DIR: `${desk.dataDir}-another` })).toMatchObject({
        exitCode: 0,
      })
      expect(await run('bot list --json')).toMatchObject({ stdout: expect.stringContaining('"live": true') })
      first.child.kill('SIGKILL')
      await first.ended
      expect(await run('workspace list')).toMatchObject({ exitCode: 0 })
      expect((await serve()).said()).toContain('Qunhub is ready')
    },
    PROCESSES_TIMEOUT_MS,
  )

  test(
    'CLI-59 the demo lives in the database, too, and a second start goes on where the first one ended',
    async () => {
      const demo = { QUNHUB_SIMULATOR_PORT: '0', QUNHUB_LOG_LEVEL: 'info' }
      const first = await serve(demo, ['--demo'])
      expect(first.said()).toContain('Qunhub is ready')
      const rooms = async () =>
        (JSON.parse((await run('room list --json')).stdout) as { chats: { chatId: string }[] }).chats.map(
          ({ chatId }) => chatId,
        )
      const before = await rooms()
      expect(before.length).toBeGreaterThan(1)
      expect(await readdir(desk.dataDir)).not.toContain('qunhub.sqlite')
      first.child.kill('SIGTERM')
      expect((await first.ended).exitCode).toBe(0)

      await serve(demo, ['--demo'])
      expect(await rooms()).toEqual(before)
      const { workspaces } = JSON.parse((await run('workspace list --json')).stdout) as {
        workspaces: object[]
      }
      expect(workspaces).toHaveLength(1)
    },
    PROCESSES_TIMEOUT_MS,
  )
})
