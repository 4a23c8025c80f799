/**
 * The life of `serve`: it opens the gateway, waits for SIGTERM or SIGINT, and takes leave: `/ready` is 503, and it serves on
 * for QUNHUB_DRAIN_SECONDS, so that load balancers see it before its port closes. Then it stops, once, and exits. A signal
 * that comes while it still opens counts: then it stops as soon as it is open. A second one takes the waiting out of it.
 */
import type { Config } from '../config/config.ts'
import { unknownSettings } from '../config/environment.ts'
import { StoreLocked } from '../store/database/store-error.ts'
import { sleep, systemClock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { buildConsole } from './build-console.ts'
import { readCliConfig } from './cli-config.ts'
import { requireDataDir } from './data-dir.ts'
import { addExamples } from './examples.ts'
import { EXIT_DONE } from './exit-codes.ts'
import { holdLittleMemory } from './lean-memory.ts'
import { nameOfDatabase, namingStore } from './naming-store.ts'
import type { Declare } from './shell.ts'
import { awaitStopSignal } from './stop-signal.ts'
import { unmakingKey } from './unmake-key.ts'

interface Running {
  readonly baseUrl: string
  takeLeave(): void
  stop(hurried?: AbortSignal): Promise<void>
}

export const serveCommand: Declare = (program, shell) => {
  const command = program
    .command('serve')
    .description('运行网关, 直到 SIGTERM 或 Ctrl+C / run the gateway until SIGTERM or Ctrl+C')
    .option(
      '--demo',
      '同时运行模拟的企业微信与回调接收器 / together with a simulated WeCom and a receiver of callbacks',
    )
  addExamples(command, [
    ['运行网关 / run the gateway', 'qunhub serve'],
    ['演示: 不需要企业微信 / the demo, which needs no WeCom', 'qunhub serve --demo --data-dir ./demo-data'],
  ])
  command.action(async () => {
    const { demo, dataDir } = command.optsWithGlobals<{ demo?: true; dataDir?: string }>()
    holdLittleMemory()
    const alsoCheck = demo ? (await import('./demo/demo-scene.ts')).checkScene : undefined
    const config = readCliConfig(shell.env, dataDir, alsoCheck)
    // Brought in here, so that the other commands do not wait for it.
    const { createLog } = await import('./logger.ts')
    // The demo talks to a newcomer; unless asked for, the log keeps to what went wrong.
    const logLevel = demo && !shell.env['QUNHUB_LOG_LEVEL'] ? 'warn' : config.logLevel
    const { stdout } = process
    const log = createLog(
      { logLevel },
      stdout.isTTY ? (await import('./terminal-lines.ts')).forTerminal(stdout) : stdout,
    )
    for (const name of unknownSettings(shell.env)) {
      log.warn({ setting: name }, `不认识的设置, 是否拼写有误? / no such setting: is it misspelled? ${name}`)
    }

    // Nobody's load balancer looks at a demo, and who tries things out does not like to wait.
    const drainMs = demo && !shell.env['QUNHUB_DRAIN_SECONDS'] ? 0 : config.drainMs
    const hurried = new AbortController()
    const stopAsked = awaitStopSignal(log, { drainMs, onHurry: () => hurried.abort() })
    const running = await open(config, log, demo === true)
    if (config.hasConsole) buildConsole(log)
    log.info({ baseUrl: running.baseUrl, ...whereDataIs(config) }, '群枢已就绪 / Qunhub is ready')
    await stopAsked
    running.takeLeave()
    await sleep(systemClock, drainMs, hurried.signal)
    await running.stop(hurried.signal)
    log.info({}, '已停止 / stopped')
    // Not left to the event loop: a socket that somebody forgot must not keep a stopped gateway alive.
    process.exit(EXIT_DONE)
  })
}

const whereDataIs = ({ dataDir, databaseUrl }: Config) =>
  databaseUrl ? { dataDir, database: nameOfDatabase(databaseUrl) } : { dataDir }

async function open(config: Config, log: Log, demo: boolean): Promise<Running> {
  await requireDataDir(config.dataDir, 'work')
  try {
    return await unmakingKey(config, () => start(config, log, demo))
  } catch (failure) {
    if (failure instanceof StoreLocked) return (await import('./ask.ts')).inUse(config.dataDir, failure)
    throw namingStore(config, failure)
  }
}

async function start(config: Config, log: Log, demo: boolean): Promise<Running> {
  if (demo) return (await import('./demo/demo.ts')).startDemo(config, log)
  const gateway = await (await import('../gateway.ts')).openGateway(config, { log })
  const { tellOfConsole } = await import('./first-owner-code.ts')
  if (config.hasConsole) await tellOfConsole(config, gateway, { log, isTerminal: process.stdout.isTTY })
  return gateway
}
