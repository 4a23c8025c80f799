/**
 * `npm run chaos -- --callbacks 10000 --kills 100 --dialect postgres --nodes 2` runs the kill trial as long as one likes,
 * and prints its figures as one line of JSON. Ends with 1 when something was lost, invented or out of order.
 *
 * `npm run chaos -- --outage-minutes 10` lets a receiver be away for so long instead, in real time. Ends with 1 too when
 * what was held took longer than CAUGHT_UP_WITHIN_MS to arrive.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { MINUTE_MS } from '../../../gateway/src/system/clock.ts'
import { openPostgresServer } from '../postgres/server.ts'
import { isUnhurt, killFigures } from './kill-figures.ts'
import { type KillOptions, tryKills } from './kill-trial.ts'
import { LIVE_ANSWER_MS, LIVE_PER_SECOND, LIVE_ROOMS, tryLiveReceiverOutage } from './live-receiver-outage.ts'
import { CAUGHT_UP_WITHIN_MS } from './receiver-outage-trial.ts'

const USAGE = `用法 / usage: npm run chaos -- [选项 / options]
  --callbacks n                一共欠多少条回调, 默认 10000 / callbacks in all (10000)
  --kills n                    kill -9 的次数, 默认 100 / how often to kill (100)
  --dialect sqlite|postgres    存储, 默认 sqlite / the store (sqlite)
  --nodes 1|2                  节点数, 2 只用于 postgres / nodes; 2 only on postgres (1)
  --seed n                     随机数种子, 默认随时间而变 / of chance (the time)
  --outage-minutes n           不杀进程, 而是让接收方离开 n 分钟; 共约 35 分钟
                               / kill nobody, let the receiver be away for n minutes; takes 35 minutes or so`
const EXIT_HURT = 1
const EXIT_USAGE = 2

const asked = readArguments(process.argv.slice(2))
const [loadBefore] = loadavg()
const circumstances = {
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  loadBefore: Number(loadBefore!.toFixed(1)),
}
const server = asked.dialect === 'postgres' ? await openPostgresServer({ fsync: true }) : null
try {
  const { figures, unhurt } =
    asked.outageMinutes === undefined ? await kill() : await leave(asked.outageMinutes)
  console.log(JSON.stringify({ ...figures, ...circumstances }))
  if (!unhurt) process.exitCode = EXIT_HURT
} finally {
  await server?.remove()
}

async function kill(): Promise<Found> {
  const { outageMinutes: _, ...trial } = asked
  console.error(`seed ${trial.seed}`)
  const report = await tryKills({ ...trial, ...(server ? { databaseUrl: server.url } : {}) })
  return { figures: { ...trial, ...killFigures(report) }, unhurt: isUnhurt(report) }
}

async function leave(outageMinutes: number): Promise<Found> {
  const { verdict, ...report } = await tryLiveReceiverOutage(outageMinutes * MINUTE_MS, server?.url)
  const { lost, invented, outOfOrder, renamed, duplicates } = verdict
  const complaints = {
    lost: lost.length,
    invented: invented.length,
    outOfOrder: outOfOrder.length,
    renamed: renamed.length,
  }
  return {
    figures: {
      outageMinutes,
      dialect: asked.dialect,
      rooms: LIVE_ROOMS,
      perSecond: LIVE_PER_SECOND,
      answerMs: LIVE_ANSWER_MS,
      ...report,
      ...complaints,
      duplicates,
    },
    unhurt: report.caughtUpMs <= CAUGHT_UP_WITHIN_MS && Object.values(complaints).every(count => count === 0),
  }
}

interface Found {
  readonly figures: object
  /** Whether a customer has nothing to complain of. */
  readonly unhurt: boolean
}

function readArguments(
  args: string[],
): Omit<KillOptions, 'databaseUrl'> & { dialect: string; outageMinutes: number | undefined } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        callbacks: { type: 'string', default: '10000' },
        kills: { type: 'string', default: '100' },
        dialect: { type: 'string', default: 'sqlite' },
        nodes: { type: 'string', default: '1' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        'outage-minutes': { type: 'string' },
      },
    })
    const { dialect, 'outage-minutes': minutes } = values
    const nodes = wholeNumber('nodes', values.nodes)
    if (dialect !== 'sqlite' && dialect !== 'postgres')
      throw new RangeError(`--dialect 只能是 sqlite 或 postgres / is sqlite or postgres: ${dialect}`)
    if (nodes !== 1 && nodes !== 2) throw new RangeError(`--nodes 只能是 1 或 2 / is 1 or 2: ${nodes}`)
    if (nodes === 2 && dialect === 'sqlite')
      throw new RangeError('两个节点需要 --dialect postgres / two nodes need --dialect postgres')
    return {
      callbacks: wholeNumber('callbacks', values.callbacks),
      kills: wholeNumber('kills', values.kills),
      dialect,
      nodes,
      seed: wholeNumber('seed', values.seed),
      outageMinutes: minutes === undefined ? undefined : wholeNumber('outage-minutes', minutes),
    }
  } catch (wrong) {
    if (!(wrong instanceof RangeError || wrong instanceof TypeError)) throw wrong
    console.error(`${wrong.message}\n\n${USAGE}`)
    process.exit(EXIT_USAGE)
  }
}

function wholeNumber(name: string, given: string): number {
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new RangeError(`--${name} 必须是正整数 / is a whole number above 0: ${given}`)
  return Number(given)
}
