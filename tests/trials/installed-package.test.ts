/** What is published, as whoever installs it has it: packed, put into an empty folder by npm, started, asked, killed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join, resolve } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const PACKED_BYTES_MAX = 2_000_000
/** A registry far away, and a machine that has other things to do. */
const INSTALL_MAX_MS = 240_000
const PROGRAM_MAX_MS = 100_000

/** The environment of somebody who has just opened a terminal: the machine's own Node and npm, and none of ours. */
const person: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|UV_|QUNHUB_|VITEST)/.test(name)),
  ),
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(folder => !folder.includes('node_modules'))
    .join(delimiter),
}

type Packages = Record<string, { readonly version?: string }>

let home: string
let project: string
const file = (name: string) => join(home, globSync(`${name}-[0-9]*.tgz`, { cwd: home })[0]!)

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'qunhub-installed-package-'))
  project = join(home, 'empty')
  mkdirSync(project)
  execFileSync(process.execPath, [join(root, 'deploy/pack.mjs'), '--to', home], { stdio: 'pipe' })
  const files = ['qunhub', 'qunhub-client', 'qunhub-simulator'].map(file)
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1']
  const options = { cwd: project, env: person, stdio: 'pipe', timeout: INSTALL_MAX_MS } as const
  execFileSync('npm', ['install', ...quietly, ...files], options)
}, INSTALL_MAX_MS)

const groups: ChildProcess[] = []
afterEach(() => {
  for (const { pid } of groups.splice(0)) endGroup(pid!)
})
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }))

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure
  }
}

interface Started {
  readonly child: ChildProcess
  readonly said: () => string
}

const PORTS = { PORT: '0', QUNHUB_SIMULATOR_PORT: '0' }

function start(command: string, args: string[], env = person): Started {
  const options = { cwd: project, env: { ...env, ...PORTS, NO_COLOR: '1' }, detached: true } as const
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  groups.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => (said += text))
  return { child, said: () => said }
}

async function ready({ child, said }: Started): Promise<string> {
  await eventually('the introduction', () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${said()}`)
    return said().includes('listByMHTag')
  })
  return said()
}

const note = () => JSON.parse(readFileSync(join(project, 'data/demo.json'), 'utf8')) as Record<string, string>
const paste = (line: string) =>
  JSON.parse(execFileSync('bash', ['-c', line], { encoding: 'utf8' })) as Record<string, unknown>
const curlLines = (said: string) => said.split('\n').filter(line => line.startsWith('curl '))

const topics = async (): Promise<string[]> => {
  const { baseUrl, token } = note()
  const answer = await fetch(`${baseUrl}/room/listByMHTag?token=${token}&pageSize=100`)
  return ((await answer.json()) as { data: { topic: string }[] }).data.map(({ topic }) => topic).toSorted()
}

test('PKG-1 what is packed is small, has neither sources nor scripts, and names whose work is in it', () => {
  expect(statSync(file('qunhub')).size).toBeLessThan(PACKED_BYTES_MAX)
  for (const name of ['qunhub', '@qunhub/client', '@qunhub/simulator']) {
    const folder = join(project, 'node_modules', name)
    const published = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(published, name).not.toHaveProperty('scripts')
    expect(Object.values(published.dependencies ?? {}).filter(range => !/^\d/.test(range as string))).toEqual(
      [],
    )
    expect(globSync('**/*.{ts,tsx,map}', { cwd: folder, exclude: ['**/*.d.ts'] })).toEqual([])
    expect(existsSync(join(folder, 'LICENSE')), name).toBe(true)
  }
  const told = readFileSync(join(project, 'node_modules/qunhub/THIRD-PARTY.txt'), 'utf8')
  const named = ['fastify', 'pg', 'undici', 'react', '@mantine/core', 'swagger-ui-dist'].filter(
    name => !told.includes(`\n${name} `),
  )
  expect(named).toEqual([])
})

test('PKG-1 what npm installs below it is what the project was tested with, down to the last', () => {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as { packages: Packages }
  const ours = read(join(root, 'package-lock.json')).packages
  const theirs = Object.entries(read(join(project, 'node_modules/.package-lock.json')).packages)
  const strangers = theirs.filter(([path]) => !/^node_modules\/(@qunhub\/|qunhub)/.test(path))
  expect(strangers.filter(([path, { version }]) => ours[path]?.version !== version)).toEqual([])
  expect(strangers.map(([path]) => path)).toContain('node_modules/protobufjs')
})

test('PKG-2 PKG-3 in an empty folder it is ready, does what it prints, shows what browsers open, and is there again after kill -9', async () => {
  console.info(
    `qunhub on Node ${execFileSync('node', ['--version'], { env: person, encoding: 'utf8' }).trim()}`,
  )
  const first = start('npx', ['qunhub', 'serve', '--demo'])
  const [create, addMember, listByTag, ...more] = curlLines(await ready(first))
  expect(more).toEqual([])
  expect(paste(create!)).toMatchObject({ errcode: 0, errmsg: 'ok' })
  expect(paste(addMember!)).toEqual({ code: 0, message: '' })
  expect(paste(listByTag!)).toMatchObject({ code: 0, page: { current: 1, total: 2 } })
  await eventually('its callback', () => first.said().includes('chatroom/joined  新客户群'))

  const { baseUrl } = note()
  const page = await (await fetch(`${baseUrl}/console/`)).text()
  const script = /src="([^"]+)"/.exec(page)![1]!
  for (const path of [`/console/${script}`, '/docs', '/docs/try', '/docs/moving', '/openapi.json']) {
    expect((await fetch(`${baseUrl}${path}`)).status, path).toBe(200)
  }
  for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css', 'try.js', 'try.css']) {
    expect((await fetch(`${baseUrl}/docs/try/${name}`)).status, name).toBe(200)
  }
  const known = await topics()
  expect(known).toContain('新客户群')

  // npm, its shell, and the gateway with whatever started it.
  endGroup(first.child.pid!)
  await ready(start('npx', ['qunhub', 'serve', '--demo']))
  expect(await topics()).toEqual(known)
})

test('PKG-5 the installed client starts a world of the installed gateway, and hears of it', () => {
  writeFileSync(
    join(project, 'world.mjs'),
    `import { createClient } from '@qunhub/client'
    import { startWorld } from '@qunhub/client/testing'
    const world = await startWorld()
    const rooms = []
    for await (const room of createClient(world).rooms.all()) rooms.push(room.topic)
    await world.stop()
    console.log(JSON.stringify(rooms))`,
  )
  const options = { cwd: project, env: person, encoding: 'utf8', timeout: PROGRAM_MAX_MS } as const
  expect(JSON.parse(execFileSync('node', ['world.mjs'], options))).toContain('周末团购一群')
})

test('PKG-5 the installed simulator answers', async () => {
  const simulator = start(process.execPath, [
    join(project, 'node_modules/.bin/qunhub-simulator'),
    ...['--scene', 'storm', '--port', '0', '--seed', '3'],
  ])
  const url = () => /control\S*.*?(http:\S+)/.exec(simulator.said())?.[1]
  await eventually('its address', () => url() !== undefined)
  const { rooms } = (await (await fetch(`${url()}/world`)).json()) as { rooms: unknown[] }
  expect(rooms).toHaveLength(20)
})

test('PKG-4 a new Node of the machine runs it in its own process, and no second one is needed', async () => {
  for (const node of globSync('node_modules/node-*', { cwd: project }))
    renameSync(join(project, node), join(home, `away-${basename(node)}`))
  const command = join(project, 'node_modules/.bin/qunhub')
  const data = ['--data-dir', join(home, 'other-data')]
  const gateway = start(process.execPath, [command, 'serve', '--demo', ...data])
  await ready(gateway)
  const { pid } = JSON.parse(readFileSync(join(home, 'other-data/operator.json'), 'utf8')) as { pid: number }
  expect(pid).toBe(gateway.child.pid)
  // CB-10: libuv has all its threads once it has one.
  if (process.platform === 'linux') expect(readdirSync(`/proc/${pid}/task`).length).toBeGreaterThan(128)
})
