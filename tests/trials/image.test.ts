/** The image, built as deploy/README.md says where there is no Docker, and run as containers are: see deploy/image/run.sh. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describeWith } from '@qunhub/testing/debian/describe-with.ts'
import { eventually } from '@qunhub/testing/eventually.ts'
import { freePort } from '@qunhub/testing/processes/node-process.ts'
import { openCommit } from '@qunhub/testing/trials/commit-before.ts'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const run = join(root, 'deploy/image/run.sh')
const FROM = process.env['QUNHUB_UPGRADE_FROM'] ?? 'HEAD~1'
const OWN_MB_MAX = 20
/** The first time Debian's packages are fetched as well. */
const BUILD_MAX_MS = 900_000
const USER = 1000

/** Packs what is in a checkout, and builds the image of it. Resolves with what was printed. */
function buildImage(checkout: string, home: string, tag: string): string {
  const context = join(home, tag)
  const options = { encoding: 'utf8', timeout: BUILD_MAX_MS, stdio: 'pipe' } as const
  const pack = [join(checkout, 'deploy/pack.mjs'), '--image', '--to', join(context, 'packed')]
  execFileSync(process.execPath, pack, options)
  const build = ['--context', context, '--tag', tag, '--to', join(home, `${tag}.image`)]
  return execFileSync(join(checkout, 'deploy/image/build.sh'), build, options)
}

function volume(home: string, name: string, owner = USER): string {
  const folder = join(home, name)
  mkdirSync(folder, { mode: 0o700 })
  chownSync(folder, owner, owner)
  return folder
}

interface Container {
  readonly baseUrl: string
  /** On the host; in its own world it is 1. */
  pid(): number
  status(): string
  said(): string
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

const opened: ChildProcess[] = []

async function open(tag: string, data: string, args: readonly string[] = ['serve']): Promise<Container> {
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), QUNHUB_SIMULATOR_PORT: '0' }
  const child = spawn(run, [tag, data, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  opened.push(child)
  const ended = once(child, 'close') as Promise<[number | null]>
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => (said += text))
  // By then the shell has become `unshare`; beside the first process of that there may be what the shell has not buried.
  const statusOf = (process: string) => readFileSync(`/proc/${process}/status`, 'utf8')
  const pid = () =>
    Number(
      readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .find(process => /^NSpid:\s+\d+\s+1$/m.test(statusOf(process))),
    )
  const baseUrl = `http://127.0.0.1:${port}`
  await eventually('it is ready', async () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${said}`)
    return (await fetch(`${baseUrl}/ready`).catch(() => null))?.ok === true
  })
  return {
    ...{ baseUrl, pid },
    status: () => statusOf(String(pid())),
    said: () => said,
    async stop() {
      process.kill(pid(), 'SIGTERM')
      const [code] = await ended
      return code
    },
  }
}

/** As `docker exec` would, with a root and a network like the other's. */
const beside = (tag: string, data: string, entry: string, args: readonly string[], port?: string) => {
  const env = { ...process.env, RUN_ENTRY: entry, ...(port && { PORT: port }) }
  return spawnSync(run, [tag, data, ...args], { env, encoding: 'utf8' })
}

/** Namespaces and mounts are for root to make. */
const isRoot = process.getuid?.() === 0
if (!isRoot) console.info('the image: left out, for only root can run it')
describe.runIf(isRoot)('as root', () =>
  describeWith({ buildah: 'buildah', mmdebstrap: 'mmdebstrap' }, 'the image', theImage),
)

function theImage(): void {
  let home: string
  let printed: string
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'qunhub-image-'))
    printed = buildImage(root, home, 'trial')
  }, BUILD_MAX_MS)
  afterEach(() => {
    for (const child of opened.splice(0)) child.kill('SIGKILL')
  })
  afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }))

  test('IMG-1 what is ours in it is small', () => {
    console.info(printed.trim().replaceAll('\n', ', '))
    const [, own] = /^Qunhub ([\d.]+) MB$/m.exec(printed)!
    expect(Number(own)).toBeLessThan(OWN_MB_MAX)
  })

  test('IMG-2 as PID 1 without rights, on a root that cannot be written to, it is ready, healthy, answers commands, and ends', async () => {
    const data = volume(home, 'data')
    const container = await open('trial', data)
    expect(container.status()).toMatch(/^NSpid:\s+\d+\s+1$/m)
    expect(container.status()).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m)
    expect(container.status()).toMatch(/^CapEff:\s+0+$/m)
    expect(container.status()).toMatch(/^NoNewPrivs:\s+1$/m)
    const writes = beside('trial', data, 'sh', [
      '-c',
      'touch /app/x; touch /x; touch /tmp/x /data/x && id -u',
    ])
    expect(writes.stderr.match(/Read-only file system/g)).toHaveLength(2)
    expect(writes.stdout).toBe('1000\n')

    const [, port] = /:(\d+)$/.exec(container.baseUrl)!
    const [, command] = /^HEALTHCHECK .* CMD (\[.+\])$/m.exec(
      readFileSync(join(root, 'deploy/Dockerfile'), 'utf8').replaceAll('\\\n', ' '),
    )!
    const [entry, ...args] = JSON.parse(command!) as [string, ...string[]]
    expect(beside('trial', data, entry, args, port).status).toBe(0)
    expect(beside('trial', data, entry, args, String(await freePort())).status).toBe(1)

    expect(beside('trial', data, 'qunhub', ['workspace', 'add', '客户成功部']).stdout).toContain('客户成功部')
    expect(await container.stop()).toBe(0)
    expect(container.said()).toContain('已停止')
  })

  test('IMG-3 a volume of somebody else is refused, and the words say whose it is and what to do', () => {
    const { status, stderr } = spawnSync(run, ['trial', volume(home, 'of-root', 0)], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^数据目录 \/data 不可用: .*属于用户 0, 而网关以用户 1000 运行: 请执行 chown -R 1000:1000 \/data/,
    )
    expect(stderr).toContain('it belongs to user 0, and this runs as user 1000')
  })

  test('IMG-4 on the data of the image of the commit before it goes on', {
    timeout: BUILD_MAX_MS,
  }, async () => {
    const older = await openCommit(FROM)
    if (!older) return console.info(`${FROM} is not in this copy of the repository: nothing to upgrade from`)
    onTestFinished(() => older.remove())
    const checkout = resolve(older.main, '../../../../..')
    if (!existsSync(join(checkout, 'deploy/image'))) return console.info(`${older.name} has no image yet`)
    buildImage(checkout, home, 'trial-before')
    const data = volume(home, 'upgraded')
    const listed = async ({ baseUrl }: Container) => {
      const { token } = JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8')) as { token: string }
      const answer = await fetch(`${baseUrl}/room/listByMHTag?token=${token}&pageSize=100`)
      const rooms = (await answer.json()) as { code: number; data: { chatId: string; topic: string }[] }
      return rooms.data.map(({ chatId, topic }) => ({ chatId, topic }))
    }
    const demo = async (tag: string) => {
      const container = await open(tag, data, ['serve', '--demo'])
      await eventually('the introduction', () => container.said().includes('listByMHTag'))
      return container
    }
    const before = await demo('trial-before')
    const known = await listed(before)
    expect(known.length).toBeGreaterThan(1)
    expect(await before.stop()).toBe(0)
    const now = await demo('trial')
    expect(await listed(now)).toEqual(known)
    expect(await now.stop()).toBe(0)
    console.info(`upgraded from ${older.name}`)
  })
}
