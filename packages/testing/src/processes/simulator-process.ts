import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openSimulator, type World } from '@qunhub/simulator'
import { eventually } from '../eventually.ts'
import { freePort } from './node-process.ts'

const MAIN = resolve(import.meta.dirname, '../../../simulator/src/main.ts')
const READY_MAX_MS = 90_000

/** A simulator in a process of its own, which can be killed, frozen, and started again on its ports and its world. */
export interface SimulatorProcess {
  readonly endpoint: string
  readonly controlUrl: string
  /** Resolves with the moment at which it said that it listens. */
  start(): Promise<number>
  kill9(): Promise<void>
  /** SIGSTOP: the system still accepts connections for it, and nobody answers. */
  freeze(): void
  thaw(): void
  /** What happens in WeCom while nobody hosts it: only while there is no process. */
  change(happen: (world: World) => void): Promise<World>
  close(): Promise<void>
}

/** Not started yet; its world is what `build` makes of an empty one. */
export async function openSimulatorProcess(build: (world: World) => void): Promise<SimulatorProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'qunhub-simulator-'))
  const stateFile = join(dir, 'world.json')
  const grpcPort = await freePort()
  const controlPort = await freePort()
  let child: ChildProcess | null = null

  const change: SimulatorProcess['change'] = async happen => {
    const simulator = await openSimulator({ scene: 'empty', stateFile })
    happen(simulator.world)
    await simulator.stop()
    return simulator.world
  }
  const kill9 = async () => {
    const ended = child
    child = null
    if (!ended) return
    const closed = new Promise(done => ended.once('close', done))
    ended.kill('SIGKILL')
    await closed
  }

  await change(build)
  return {
    endpoint: `127.0.0.1:${grpcPort}`,
    controlUrl: `http://127.0.0.1:${controlPort}`,
    async start() {
      const ports = ['--port', `${controlPort}`, '--grpc-port', `${grpcPort}`]
      child = spawn(process.execPath, [MAIN, '--state', stateFile, ...ports], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let listensAt = 0
      child.stdout!.on('data', () => {
        listensAt ||= Date.now()
      })
      return eventually('the simulator to listen', () => listensAt, READY_MAX_MS)
    },
    kill9,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    change,
    async close() {
      await kill9()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
