#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { PuppetPortTaken } from './puppet/puppet-server.ts'
import { SCENES } from './scenes/scenes.ts'
import { openSimulator, type Simulator } from './simulator.ts'
import { StateFileCorrupt, StateFileUnwritable } from './state-file.ts'
import { UnknownId, WeComRefused } from './world/refused.ts'

const SEED_MAX = 4_294_967_295
const PORT_MAX = 65_535
/** Older ones lack the iterators' own methods. */
const NODE_MAJOR_MIN = 22

const HELP = `群枢模拟器:一个小小的企业微信,对外提供标准的 Wechaty puppet-service (gRPC) 服务与 HTTP 控制接口。
Qunhub simulator: a small WeCom behind a Wechaty puppet-service server, with an HTTP control API.

用法 Usage: qunhub-simulator [选项 options]

  --scene <name>      场景 (scene), 默认 demo:
${SCENES.map(({ name, about }) => `                        ${name.padEnd(18)} ${about}`).join('\n')}
  --port <n>          控制接口端口 (control API port), 默认 3100
  --grpc-port <n>     puppet 服务端口,0 为任意空闲端口 (puppet server port), 默认 0
  --seed <n>          随机种子,相同种子得到相同的世界 (same seed, same world), 默认 1
  --state <file>      状态文件:存在则载入,之后随时保存 (load and keep the world in a file)
  --no-keep-payloads  不像真实的 puppet 那样记住问过的资料,每次现查 (do not keep payloads as real puppets do)
  --verbose           打印日志 (print what happens)
  --help              显示本帮助 (this text)

只监听 127.0.0.1。 Listens on 127.0.0.1 only.`

const wholeNumber = (max: number) => {
  const error = `应为 0 到 ${max} 的整数 (a whole number from 0 to ${max})`
  return z.coerce.number({ error }).int({ error }).min(0, { error }).max(max, { error })
}

const Settings = z.object({
  scene: z.string(),
  port: wholeNumber(PORT_MAX),
  'grpc-port': wholeNumber(PORT_MAX),
  seed: wholeNumber(SEED_MAX),
  state: z.string().min(1).optional(),
  'keep-payloads': z.boolean(),
  verbose: z.boolean(),
})

/** What the person at the keyboard can put right; anything else is shown with its stack. */
const isForTheUser = (error: unknown): error is Error =>
  error instanceof UnknownId ||
  error instanceof WeComRefused ||
  error instanceof StateFileCorrupt ||
  error instanceof StateFileUnwritable ||
  error instanceof PuppetPortTaken ||
  (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES'))

/** The puppet port has a sentence of its own; what the system says of the control port does not say what to do. */
const sentenceOf = (error: Error & { code?: unknown; port?: unknown }): string =>
  error.code === 'EADDRINUSE'
    ? `端口 ${error.port} 已被占用, 用 --port 换一个 (port ${error.port} is taken; choose another with --port)`
    : error.message

await main()

async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    console.error(
      `需要 Node ${NODE_MAJOR_MIN} 或更新 (Node ${NODE_MAJOR_MIN} or newer is needed), 现为 (this is) ${process.version}`,
    )
    process.exitCode = 1
    return
  }
  const settings = readSettings()
  if (settings === 'help') return console.log(HELP)

  try {
    const simulator = await openSimulator({
      scene: settings.scene,
      controlPort: settings.port,
      puppetPort: settings['grpc-port'],
      seed: settings.seed,
      keepsPayloads: settings['keep-payloads'],
      ...(settings.state === undefined ? {} : { stateFile: settings.state }),
      ...(settings.verbose ? { log: line => console.error(line) } : {}),
    })
    introduce(simulator)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave(simulator))
  } catch (error) {
    console.error(isForTheUser(error) ? `错误 (error): ${sentenceOf(error)}` : error)
    process.exitCode = 1
  }
}

function readSettings(): z.output<typeof Settings> | 'help' {
  try {
    const { values } = parseArgs({
      options: {
        scene: { type: 'string', default: 'demo' },
        port: { type: 'string', default: '3100' },
        'grpc-port': { type: 'string', default: '0' },
        seed: { type: 'string', default: '1' },
        state: { type: 'string' },
        'keep-payloads': { type: 'boolean', default: true },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
      allowNegative: true,
    })
    return values.help ? 'help' : Settings.parse(values)
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n')
        : error instanceof Error
          ? error.message
          : String(error)
    console.error(`参数有误 (bad arguments): ${reason}\n\n${HELP}`)
    process.exit(2)
  }
}

function introduce({ world, controlUrl, endpoint }: Simulator): void {
  console.log(`控制接口 control   ${controlUrl}`)
  console.log(`puppet 服务 gRPC   ${endpoint}`)
  for (const bot of world.bots.values()) {
    console.log(
      `托管账号 bot       ${bot.userId} ${bot.nickName}  wxid ${bot.wxid}  token ${bot.token}  endpoint ${endpoint}`,
    )
  }
}

async function leave(simulator: Simulator): Promise<void> {
  try {
    await simulator.stop()
    process.exit(0)
  } catch (error) {
    console.error(`停止时出错 (error while stopping): ${String(error)}`)
    process.exit(1)
  }
}
