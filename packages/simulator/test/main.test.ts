import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from './eventually.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname

function run(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { out: '', err: '' }
  child.stdout.on('data', chunk => {
    said.out += chunk
  })
  child.stderr.on('data', chunk => {
    said.err += chunk
  })
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  return { child, said, exited }
}

test.each([
  [['--port', 'ninety'], 2, '--port: 应为 0 到 65535 的整数'],
  [['--port', '65536'], 2, '--port: 应为 0 到 65535 的整数'],
  [['--sede', '1'], 2, '--sede'],
  [['--scene', 'nowhere', '--port', '0'], 1, '场景不存在'],
  [['--state', '/nowhere/at/all/world.json', '--port', '0'], 1, '文件夹不存在'],
])('SIM-110 %j is refused with exit code %i and a word about it', async (args, code, word) => {
  const { said, exited } = run(...args)
  expect(await exited).toBe(code)
  expect(said.err).toContain(word)
})

test('SIM-110 a control port that is taken is told in Chinese first, with what to do', async () => {
  const first = run('--scene', 'empty', '--port', '0')
  const port = await eventually(() => /http:\/\/127\.0\.0\.1:(\d+)/.exec(first.said.out)?.[1])
  const second = run('--scene', 'empty', '--port', port)
  expect(await second.exited).toBe(1)
  expect(second.said.err).toContain(`端口 ${port} 已被占用, 用 --port 换一个`)
  expect(second.said.err).not.toContain('    at ')
})

test('SIM-111 --help speaks Chinese first and names every scene', async () => {
  const { said, exited } = run('--help')
  expect(await exited).toBe(0)
  expect(said.out).toMatch(/^群枢模拟器/)
  expect(said.out).toContain('two-bots-one-user')
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'SIM-112 it says where its bots are, and %s ends it in peace',
  async signal => {
    const { child, said, exited } = run('--scene', 'demo', '--port', '0')
    const url = await eventually(
      () => /http:\/\/127\.0\.0\.1:\d+/.exec(said.out)?.[0],
      () => said.err,
    )
    await eventually(() => said.out.includes('xiaonan'))
    expect(said.out).toMatch(
      /xiaobei 小北 {2}wxid 1688\d{12} {2}token puppet_xiaobei_\w+ {2}endpoint 127\.0\.0\.1:\d+/,
    )
    expect((await fetch(`${url}/health`)).status).toBe(200)
    child.kill(signal)
    expect(await exited).toBe(0)
  },
)
