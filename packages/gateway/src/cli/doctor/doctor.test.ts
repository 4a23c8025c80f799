import { createHash } from 'node:crypto'
import { chmod, open, readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { EXPIRED } from '@qunhub/testing/receivers/own-authority.ts'
import type { AddressRecord, BotRecord } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { columnWidth } from '../show/column-width.ts'
import { type Finding, says } from '../show/report.ts'
import { addressFinding } from './addresses-check.ts'
import { botFindings } from './bots-check.ts'
import { spaceFinding } from './directory-check.ts'
import { lookAtNode } from './settings-check.ts'
import { againstNewest, againstStore } from './store-check.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

async function doctor(env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await desk.cli('doctor --json', { PORT: '0', ...env })
  if (stderr !== '') throw new Error(stderr)
  const findings: Finding[] = JSON.parse(stdout).findings
  return {
    exitCode,
    findings,
    verdicts: Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict])),
  }
}

/** Every file of the data directory, and what is in it. */
async function contents(): Promise<Record<string, string>> {
  const names = await readdir(desk.dataDir)
  const hash = async (name: string) =>
    createHash('sha256')
      .update(await readFile(join(desk.dataDir, name)))
      .digest('hex')
  return Object.fromEntries(await Promise.all(names.toSorted().map(async name => [name, await hash(name)])))
}

test('CLI-120 where nothing was set up yet nothing is made, and nothing is called wrong', async () => {
  expect(await doctor()).toMatchObject({
    exitCode: 0,
    verdicts: {
      node: 'passed',
      settings: 'passed',
      'data-directory': 'warned',
      store: 'warned',
      port: 'passed',
    },
  })
  await expect(readdir(desk.dataDir)).rejects.toThrow('ENOENT')
})

test('CLI-120 an installation that is well is told so, and nothing in it changes; with no gateway bots cannot be seen', async () => {
  await desk.cli('workspace add 甲')
  await desk.cli('callback set-url http://127.0.0.1:1/hook')
  await desk.cli('bot add --endpoint 127.0.0.1:1 --token puppet_1')
  const before = await contents()
  const { exitCode, verdicts } = await doctor()
  expect(verdicts).toMatchObject({
    'data-directory': 'passed',
    'disk-space': expect.any(String),
    gateway: 'warned',
    store: 'passed',
    integrity: 'passed',
    clock: 'passed',
    port: 'passed',
    bots: 'unseen',
    'callback-address': 'passed',
    // Nobody listens there.
    connect: 'failed',
  })
  expect(exitCode).toBe(1)
  expect(await contents()).toEqual(before)
})

test('CLI-120 settings: each problem, what nobody knows, who is believed about callers, and a key that others may read', async () => {
  const bad = await doctor({ QUNHUB_LOG_LEVEL: 'loud', QUNHUB_SCENE_: 'x' })
  expect(bad.exitCode).toBe(1)
  expect(bad.findings.map(({ verdict }) => verdict)).toEqual(['passed', 'warned', 'failed'])
  expect(bad.findings[2]!.seen.chinese).toContain('QUNHUB_LOG_LEVEL')
  const verdictOf = async (env: Record<string, string>) => (await doctor(env)).verdicts
  expect(await verdictOf({ QUNHUB_TRUST_PROXY: '0.0.0.0/0' })).toMatchObject({ proxy: 'failed' })
  expect(await verdictOf({ QUNHUB_TRUST_PROXY: '10.0.0.5' })).toMatchObject({ proxy: 'passed' })
  expect(await verdictOf({ QUNHUB_PUBLIC_URL: 'https://127.0.0.1:1' })).toMatchObject({
    proxy: 'warned',
    connect: 'warned',
  })
  expect(await verdictOf({ QUNHUB_HOST: '0.0.0.0' })).toMatchObject({ proxy: 'warned' })
  expect(await verdictOf({ https_proxy: 'http://p:1' })).toMatchObject({ 'proxy-outgoing': 'warned' })
  await desk.cli('workspace add 甲')
  await chmod(join(desk.dataDir, 'secret.key'), 0o644)
  expect(await verdictOf({})).toMatchObject({ 'master-key': 'failed' })
})

test('CLI-120 the certificate of QUNHUB_PUBLIC_URL is told of with its cause, and what to do on the proxy', async () => {
  const server = createTlsServer(EXPIRED, socket => socket.on('error', () => {}))
  server.on('tlsClientError', () => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  desk.atEnd(async () => void server.close())
  const { port } = server.address() as { port: number }
  const { exitCode, findings } = await doctor({ QUNHUB_PUBLIC_URL: `https://127.0.0.1:${port}/qunhub` })
  expect(exitCode).toBe(1)
  expect(findings.filter(({ what }) => what.english.includes('QUNHUB_PUBLIC_URL')).at(-1)).toMatchObject({
    check: 'tls',
    verdict: 'failed',
    next: { chinese: expect.stringContaining('代理') },
  })
})

test('CLI-120 a file that is damaged, a directory that another command works in, and another master key are told of', async () => {
  await desk.cli('workspace add 甲')
  const other = await doctor({ QUNHUB_SECRET_KEY: 'a'.repeat(64) })
  expect(other).toMatchObject({ exitCode: 1, verdicts: { store: 'failed', bots: 'skipped' } })

  await using file = await open(join(desk.dataDir, 'qunhub.sqlite'), 'r+')
  const { size } = await file.stat()
  const half = Math.floor(size / 2)
  await file.write(Buffer.alloc(half, 0xff), 0, half, half)
  const damaged = await doctor()
  expect(damaged.exitCode).toBe(1)
  expect(damaged.verdicts).toMatchObject({ integrity: 'failed' })
})

test('CLI-120 a directory that another command works in is told of', async () => {
  await desk.cli('workspace add 甲')
  await desk.holdDataDir()
  expect(await doctor()).toMatchObject({ exitCode: 1, verdicts: { store: 'failed' } })
})

test('CLI-120 a port that somebody else has is told of; and a gateway that runs with other settings', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  desk.atEnd(async () => void server.close())
  const PORT = String((server.address() as { port: number }).port)
  const taken = await doctor({ PORT })
  expect(taken).toMatchObject({ exitCode: 1, verdicts: { port: 'failed' } })
  await desk.cli('workspace add 甲')
  await desk.openDoor()
  expect((await doctor({ PORT: '1' })).verdicts).toMatchObject({ gateway: 'passed', port: 'failed' })
})

test('CLI-120 people see it folded to their terminal, Chinese first, and how many are wrong', async () => {
  await desk.cli('workspace add 甲')
  let out = ''
  const { runCli } = await import('../run-cli.ts')
  await runCli(['doctor', '--data-dir', desk.dataDir], {
    env: { PORT: '0' },
    columns: 80,
    out: text => {
      out += text
    },
    err() {},
  })
  expect(out).toMatch(/数据库 \//)
  expect(out).toMatch(/✓ 通过 passed \d+, ! 注意 warned \d+/)
  // What cannot be folded, such as a path.
  const tooWide = out.split('\n').filter(line => columnWidth(line) > 80 && !line.includes(desk.dataDir))
  expect(tooWide).toEqual([])
  expect((await runCliHere('doctor --help', {})).stdout).toContain('不作改动')
})

const NOW = Date.UTC(2026, 10, 29)
const verdictsOf = (findings: readonly Finding[]) => findings.map(({ verdict }) => verdict)

test('CLI-120 Node, disk space and clocks: where it begins to be worth a word, and where it is wrong', () => {
  expect(verdictsOf([lookAtNode('v26.1.0'), lookAtNode('v24.9.0')])).toEqual(['passed', 'warned'])
  const space = (bytes: number) => spaceFinding('/data', bytes).verdict
  expect([space(2 ** 31), space(2 ** 29), space(2 ** 20)]).toEqual(['passed', 'warned', 'failed'])
  const newest = (newestAt: number | null) => againstNewest({ newestAt, schema: 2, damage: [] }, NOW).verdict
  expect([newest(null), newest(NOW + 60_000), newest(NOW + 180_000)]).toEqual(['passed', 'passed', 'failed'])
  const store = (aheadMs: number) => againstStore(aheadMs, 200).verdict
  expect([store(0), store(30_100), store(-40_000), store(40_000)]).toEqual([
    'passed',
    'passed',
    'failed',
    'failed',
  ])
  expect(againstStore(-42_000, 0).seen).toEqual({
    chinese: '数据库的时钟比本机慢 42 秒',
    english: "the store's clock is 42 s behind this machine's",
  })
})

const bot = (session: Partial<BotRecord['session']>): BotRecord =>
  ({
    id: 'b'.repeat(24),
    account: { nickName: '小北' },
    expectedUserId: null,
    session: { state: 'online', since: NOW, reason: '', deaf: null, verification: null, ...session },
  }) as BotRecord

test('CLI-120 bots: online, away and why, deaf since when, waiting for a scan; and of many their number', () => {
  const what = says('机器人', 'bots')
  const told = (...bots: BotRecord[]) => botFindings(what, { live: true, bots })
  expect(told(bot({}))).toMatchObject([{ verdict: 'passed', seen: { english: 'online: 1' } }])
  expect(told(bot({ deaf: { since: NOW, stage: 'operator' } }))).toMatchObject([
    { verdict: 'failed', seen: { chinese: expect.stringContaining('收不到事件') } },
  ])
  const offline = told(bot({ state: 'offline', reason: 'the puppet refused the token' }))
  expect(offline).toMatchObject([
    { verdict: 'failed', seen: { chinese: expect.stringContaining('puppet 拒绝了 token') } },
  ])
  expect(told(bot({ state: 'awaiting-scan' }))[0]!.next!.english).toMatch(/qunhub bot login/)
  expect(told(bot({ state: 'connecting' }))).toMatchObject([{ verdict: 'warned' }])
  expect(told(bot({ verification: 'code' }))).toMatchObject([{ verdict: 'failed' }])
  expect(told(...Array.from({ length: 30 }, () => bot({ state: 'offline' })))).toHaveLength(21)
  expect(botFindings(what, { live: false, bots: [bot({})] })).toMatchObject([{ verdict: 'unseen' }])
  expect(told()).toMatchObject([{ verdict: 'warned' }])
})

test('CLI-120 callback bases: a breaker that is open is wrong, and what has waited for long is told', () => {
  const address = (given: Partial<AddressRecord>) =>
    addressFinding(
      says('回调地址', 'base'),
      { breaker: 'closed', openUntil: null, waiting: 0, oldestOwedAt: null, ...given } as AddressRecord,
      NOW,
    ).verdict
  expect(address({})).toBe('passed')
  expect(address({ waiting: 3, oldestOwedAt: NOW - 1000 })).toBe('passed')
  expect(address({ waiting: 3, oldestOwedAt: NOW - 600_000 })).toBe('warned')
  expect(address({ breaker: 'open', openUntil: NOW })).toBe('failed')
})
