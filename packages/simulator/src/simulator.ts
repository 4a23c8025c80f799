import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, systemClock, systemTimers, type Timers } from './clock.ts'
import { openControlServer } from './control/control-server.ts'
import { Faults } from './faults/faults.ts'
import { AskedCalls } from './puppet/asked-calls.ts'
import { PuppetServer } from './puppet/puppet-server.ts'
import { type Scene, sceneOfName, stormOfScene } from './scenes/scenes.ts'
import { loadStateFile, StateFileKeeper } from './state-file.ts'
import { Storm } from './storm.ts'
import { World } from './world/world.ts'

export const LOOPBACK = '127.0.0.1'
const DEFAULT_SCENE = 'demo'

export interface SimulatorOptions {
  /** A scene by its name, or a function that builds a world of your own. Left out: `demo`. */
  scene?: string | Scene
  seed?: number
  /** 0, the default: any free port. */
  controlPort?: number
  puppetPort?: number
  /** A world without passwords belongs on loopback, and nowhere else. */
  host?: typeof LOOPBACK
  /** Loaded instead of the scene when it exists; kept up to date afterwards. */
  stateFile?: string
  /**
   * Whether the puppets answer from memory what they were asked before, until a client calls `dirtyPayload` or they say
   * `dirty`, as Wechaty puppet classes do; by default they do. False: every answer is how the world is.
   */
  keepsPayloads?: boolean
  clock?: Clock
  timers?: Timers
  log?: (line: string) => void
}

export interface Simulator {
  readonly world: World
  /** `host:port` of the puppet server; the same for all bots. */
  readonly endpoint: string
  readonly controlUrl: string
  readonly faults: Faults
  readonly asked: AskedCalls
  readonly storm: Storm
  /** Resolves when the puppet server is back, on the same port. */
  restartServer(options: { downMs: number }): Promise<void>
  /** The puppet server dies and stays dead until `restartServer`. */
  killServer(): void
  /** Idempotent. */
  stop(): Promise<void>
}

/** Starts a small WeCom: the world, its puppet server, and its control API, in this order. */
export async function openSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { clock = systemClock, timers = systemTimers, host = LOOPBACK, log = () => {} } = options
  const keepsPayloads = options.keepsPayloads ?? true
  const world = new World({ clock, ...(options.seed === undefined ? {} : { seed: options.seed }) })
  const faults = new Faults()
  const asked = new AskedCalls()

  const isRestored = options.stateFile !== undefined && loadStateFile(options.stateFile, world)
  if (!isRestored) buildScene(options.scene ?? DEFAULT_SCENE, world)

  const keeper = options.stateFile ? await StateFileKeeper.open(options.stateFile, world, timers, log) : null
  const saving = () => keeper?.saving() ?? null

  const port = options.puppetPort ?? 0
  const puppetServer = new PuppetServer({
    world,
    faults,
    asked,
    timers,
    host,
    port,
    keepsPayloads,
    saving,
    log,
  })
  await puppetServer.listen()

  let stopping: Promise<void> | null = null
  const isStopped = () => stopping !== null
  const restartServer = async ({ downMs }: { downMs: number }) => {
    puppetServer.kill()
    await sleep(downMs, undefined, { ref: false })
    if (!isStopped()) await puppetServer.listen()
  }
  const storm = new Storm(world, timers)
  const control = await openControlServer({
    world,
    storm,
    faults,
    asked,
    host,
    port: options.controlPort ?? 0,
    endpoint: () => puppetServer.endpoint,
    restartServer,
    saving,
    log,
  }).catch(async error => {
    puppetServer.dispose()
    throw error
  })

  const begins = typeof options.scene === 'string' ? stormOfScene(options.scene) : undefined
  if (begins) storm.begin(begins)

  const stop = async () => {
    storm.end()
    await control.close()
    puppetServer.dispose()
    await keeper?.close()
  }
  return {
    world,
    endpoint: puppetServer.endpoint,
    controlUrl: control.url,
    faults,
    asked,
    storm,
    restartServer,
    killServer: () => puppetServer.kill(),
    stop: () => (stopping ??= stop()),
  }
}

function buildScene(scene: string | Scene, world: World): void {
  const build = typeof scene === 'string' ? sceneOfName(scene) : scene
  build(world)
}
