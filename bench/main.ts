/**
 * `npm run bench -- <name>` runs one benchmark, `npm run bench` all of them; `--tiny` only proves that they run.
 * Each prints a ratio against a limit or a peer that ran in the same minute: absolute figures of a shared machine mean
 * nothing. Results go to bench/results/<name>.json with versions and date.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { additions } from './additions.ts'
import { bots } from './bots.ts'
import { burst } from './burst.ts'
import { consoleVerbs } from './console.ts'
import { disk } from './disk.ts'
import { growth } from './growth.ts'
import { isolation } from './isolation.ts'
import { latency } from './latency.ts'
import { list } from './list.ts'
import { neighbour } from './neighbour.ts'
import { nodes } from './nodes.ts'
import { outbox } from './outbox.ts'
import { pages } from './pages.ts'
import { random } from './random.ts'
import { start } from './start.ts'
import { sync } from './sync.ts'
import { takeOver } from './take-over.ts'
import { usual } from './usual.ts'

const benchmarks: Readonly<Record<string, (size: 'full' | 'tiny') => Promise<object>>> = {
  list,
  usual,
  pages,
  random,
  nodes,
  isolation,
  burst,
  outbox,
  'take-over': takeOver,
  disk,
  bots,
  sync,
  growth,
  additions,
  latency,
  neighbour,
  console: consoleVerbs,
  start,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tiny: { type: 'boolean', default: false } },
})
const unknown = positionals.find(name => !(name in benchmarks))
if (unknown !== undefined) {
  console.error(
    `没有这个基准测试 (no such benchmark): ${unknown}; 可用 (there are): ${Object.keys(benchmarks).join(', ')}`,
  )
  process.exit(2)
}

const results = join(import.meta.dirname, 'results')
await mkdir(results, { recursive: true })
for (const name of positionals.length > 0 ? positionals : Object.keys(benchmarks)) {
  const size = values.tiny ? 'tiny' : 'full'
  const [loadBefore] = loadavg()
  const measured = await benchmarks[name]!(size)
  const record = {
    name,
    size,
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    // Of the last minute. Above the number of cores, others worked here as well and even ratios blur.
    loadBefore: Number(loadBefore!.toFixed(1)),
    ...measured,
  }
  console.log(JSON.stringify(record, null, 2))
  if (size === 'full') await writeFile(join(results, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`)
}
// A browser that a benchmark has started lives as long as its process.
process.exit()
