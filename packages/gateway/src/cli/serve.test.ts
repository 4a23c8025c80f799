import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openSimulator, type Simulator } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type CliProcess, startCli } from '@qunhub/testing/processes/cli-process.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import type { VerbName, VerbOutput } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'

let dataDir: string
let running: CliProcess[]
let closing: (() => Promise<unknown>)[]

beforeEach(async () => {
  running = []
  closing = []
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-serve-'))
})
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL')
    await ended
  }
  for (const close of closing) await close()
  await rm(dataDir, { recursive: true })
})

function serve(env: Record<string, string> = {}): CliProcess {
  const started = startCli(['serve'], { QUNHUB_DATA_DIR: dataDir, PORT: '0', ...env })
  running.push(started)
  return started
}

async function served(env: Record<string, string> = {}): Promise<CliProcess> {
  const started = serve(env)
  await eventually(`the gateway; it said:\n${started.said()}`, () =>
    started.said().includes('Qunhub is ready'),
  )
  return started
}

const cli = (args: string) => runCliHere(args, { QUNHUB_DATA_DIR: dataDir })

async function json<N extends VerbName>(_verb: N, args: string): Promise<VerbOutput<N>> {
  const { exitCode, stdout, stderr } = await cli(`${args} --json`)
  if (exitCode !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as VerbOutput<N>
}

test('CLI-30 a second gateway on the same data is refused with the process id of the first, which goes on', async () => {
  const first = await served()
  const second = await serve().ended
  expect(second.exitCode).toBe(1)
  expect(second.stdout + second.stderr).toContain(`in use by process ${first.child.pid} (qunhub serve)`)
  expect(await cli('workspace list')).toMatchObject({ exitCode: 0 })
})

test('CLI-30 bad configuration ends it with 2 before anything is opened', async () => {
  const { exitCode, stderr } = await serve({ PORT: 'x', QUNHUB_ROW_CACHE_MIB: '0' }).ended
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/PORT: .*\n.*QUNHUB_ROW_CACHE_MIB: /)
  expect(await readdir(dataDir)).toEqual([])
})

test('CLI-30 a port that is taken ends it with 1 and says which, and the data directory is free again', async () => {
  const other = createServer()
  closing.push(() => new Promise(done => other.close(done)))
  await new Promise<void>(done => other.listen(0, '127.0.0.1', done))
  const { port } = other.address() as { port: number }
  const { exitCode, stderr } = await serve({ PORT: String(port) }).ended
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringMatching(new RegExp(`端口 ${port} 已被占用.* PORT `)),
  })
  expect(await readdir(dataDir)).not.toContain('operator.json')
  expect(await cli('workspace list')).toMatchObject({ exitCode: 0 })
})

const demo = (env: Record<string, string> = {}): CliProcess => {
  const started = startCli(['serve', '--demo'], {
    QUNHUB_DATA_DIR: dataDir,
    PORT: '0',
    QUNHUB_SIMULATOR_PORT: '0',
    ...env,
  })
  running.push(started)
  return started
}

test('CLI-30 a scene that does not exist ends the demo with 2 before anything is made', async () => {
  const { exitCode, stderr } = await demo({ QUNHUB_SCENE: 'nowhere', QUNHUB_LOG_LEVEL: 'loud' }).ended
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringMatching(/QUNHUB_LOG_LEVEL: [\s\S]*QUNHUB_SCENE: .*full-room.*给出的是 "nowhere"/),
  })
  expect(await readdir(dataDir)).toEqual([])
})

test('CLI-30 a damaged world of the demo is named', async () => {
  const world = join(dataDir, 'world-demo.json')
  await writeFile(world, '{')
  const { exitCode, stderr } = await demo().ended
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(world) })
  expect(stderr).not.toContain('内部错误')
})

test('CLI-31 it warns about settings that mean nothing, and logs JSON lines where there is no terminal', async () => {
  const started = await served({ QUNHUB_DATADIR: '/tmp' })
  const lines = started
    .said()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { level: string; setting?: string })
  expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', setting: 'QUNHUB_DATADIR' }))
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'CLI-32 %s stops it with 0 and leaves no note behind',
  async signal => {
    const { child, ended } = await served()
    child.kill(signal)
    expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await readdir(dataDir)).not.toContain('operator.json')
  },
)

test('CLI-32 Ctrl+C under npm arrives twice and is one wish all the same', async () => {
  const { child, ended } = await served()
  child.kill('SIGINT')
  child.kill('SIGINT')
  expect((await ended).exitCode).toBe(0)
})

test('CLI-39 after the signal it serves on with /ready at 503; a second one takes the waiting out of it', async () => {
  const { child, ended, said } = await served({ QUNHUB_DRAIN_SECONDS: '300' })
  const { baseUrl } = JSON.parse(
    said()
      .split('\n')
      .find(line => line.includes('Qunhub is ready'))!,
  ) as {
    baseUrl: string
  }
  child.kill('SIGTERM')
  await eventually('/ready to be 503', async () => (await fetch(`${baseUrl}/ready`)).status === 503)
  expect((await fetch(`${baseUrl}/room/listByMHTag`)).status).toBe(200)
  expect(await cli('workspace add 甲')).toMatchObject({ exitCode: 0 })
  await eventually('the second signal to be heard', () => {
    child.kill('SIGTERM')
    return said().includes('waiting no longer')
  })
  expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 1],
] as const)(
  'CLI-33 a gateway that hangs in its stop ends at once when %s is repeated',
  async (signal, exitCode) => {
    const script = `
    import { awaitStopSignal } from ${JSON.stringify(resolve(import.meta.dirname, 'stop-signal.ts'))}
    setInterval(() => {}, 1000)
    const asked = awaitStopSignal({ info: (_facts, sentence) => console.log(sentence), error() {} })
    console.log('listening')
    await asked`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    closing.push(async () => child.kill('SIGKILL'))
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await eventually('the script', () => said.includes('listening'))
    child.kill(signal)
    await eventually('the first signal to be heard', () => said.includes('stopping'))
    await eventually('its end', () => child.exitCode !== null || !child.kill(signal))
    expect(child.exitCode).toBe(exitCode)
  },
)

test('CLI-34 what is added while the gateway runs works at once: bot, rooms, sync, tag', async () => {
  const simulator: Simulator = await openSimulator({ scene: 'demo' })
  closing.push(() => simulator.stop())
  const bot = simulator.world
    .snapshot()
    .bots.find(({ state, kind }) => state === 'online' && kind === 'wecom')!
  await served()
  await json('add-workspace', 'workspace add 甲')

  const added = await json('add-bot', `bot add --endpoint ${simulator.endpoint} --token ${bot.token}`)
  await eventually('the bot to be online', async () => (await sessionOf(added.id)).state === 'online')
  expect(await json('list-bots', 'bot list')).toMatchObject({
    live: true,
    bots: [{ account: { userId: bot.userId } }],
  })
  expect(await json('sync-bot', `bot sync ${bot.userId}`)).toEqual({ id: added.id })

  const { chats } = await json('list-chats', `room list --bot ${added.id}`)
  const rooms = simulator.world
    .snapshot()
    .rooms.filter(room => room.members.some(member => member.wxid === bot.wxid))
  expect(chats.map(chat => chat.roomWxid).sort()).toEqual(rooms.map(room => room.wxid).sort())
  await json('add-tag', 'tag add VIP')
  const { chats: tagged } = await json('assign-tag', `tag assign VIP ${chats[0]!.chatId}`)
  expect(tagged).toEqual([{ chatId: chats[0]!.chatId, outcome: 'assigned' }])

  await simulator.stop()
  await eventually('the bot to be missed', async () => (await sessionOf(added.id)).state !== 'online')
  expect(await cli(`bot sync ${added.id}`)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('不在线'),
  })
})

const sessionOf = async (id: string) =>
  (await json('list-bots', 'bot list')).bots.find(bot => bot.id === id)!.session

test('CLI-35 after a kill -9 the data is free at once, and the next command is not misled by the note', async () => {
  const { child, ended } = await served()
  await json('add-workspace', 'workspace add 甲')
  child.kill('SIGKILL')
  await ended
  expect(JSON.parse(await readFile(join(dataDir, 'operator.json'), 'utf8'))).toMatchObject({ pid: child.pid })
  expect((await json('list-workspaces', 'workspace list')).workspaces).toMatchObject([{ name: '甲' }])
  await served()
  expect((await json('list-workspaces', 'workspace list')).workspaces).toHaveLength(1)
})
