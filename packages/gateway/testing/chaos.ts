/**
 * `npm run chaos -- --callbacks 10000 --kills 100 --dialect postgres --nodes 2` runs the kill trial as long as one likes,
 * and prints its figures as one line of JSON. Ends with 1 when something was lost, invented or out of order.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type KillOptions, tryKills } from './kill-trial.ts'
import { killFigures, isUnhurt } from './kill-figures.ts'
import { openPostgresServer } from './postgres/server.ts'

const USAGE = `用法 / usage: npm run chaos -- [选项 / options]
  --callbacks n                一共欠多少条回调, 默认 10000 / callbacks in all (10000)
  --kills n                    kill -9 的次数, 默认 100 / how often to kill (100)
  --dialect sqlite|postgres    存储, 默认 sqlite / the store (sqlite)
  --nodes 1|2                  节点数, 2 只用于 postgres / nodes; 2 only on postgres (1)
  --seed n                     随机数种子, 默认随时间而变 / of chance (the time)`
const EXIT_HURT = 1
const EXIT_USAGE = 2

const asked = readArguments(process.argv.slice(2))
const [loadBefore] = loadavg()
console.error(`seed ${asked.seed}`)
const server = asked.dialect === 'postgres' ? await openPostgresServer({ fsync: true }) : null
try {
  const report = await tryKills({ ...asked, ...(server ? { databaseUrl: server.url } : {}) })
  const circumstances = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    loadBefore: Number(loadBefore!.toFixed(1)),
  }
  console.log(JSON.stringify({ ...asked, ...killFigures(report), ...circumstances }))
  if (!isUnhurt(report)) process.exitCode = EXIT_HURT
} finally {
  await server?.remove()
}

function readArguments(args: string[]): Omit<KillOptions, 'databaseUrl'> & { dialect: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        callbacks: { type: 'string', default: '10000' },
        kills: { type: 'string', default: '100' },
        dialect: { type: 'string', default: 'sqlite' },
        nodes: { type: 'string', default: '1' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      },
    })
    const { dialect } = values
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
