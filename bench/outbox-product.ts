/**
 * The outbox as it is in production, for benchmarks: told `{ callbacks, rooms, bytes, hands }` it owes so many, spread over
 * its addresses and their rooms, each in a commit of its own, `hands` at a time. It says when it began and when the
 * first was committed; asked `memory`, what it holds; asked `cpu`, what it has spent; asked `disk`, what it has written.
 */
import { readFileSync } from 'node:fs'
import { openLiveOutbox } from '@qunhub/testing/grounds/open-live-outbox.ts'
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import { now } from './monotonic.ts'

type Report = 'memory' | 'cpu' | 'disk'

export interface Owing {
  readonly callbacks: number
  readonly rooms: number
  readonly bytes: number
  readonly hands: number
  /** By default the first. */
  readonly fromRoom?: number
}

holdLittleMemory()
const { urls, ...at } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  databaseUrl?: string
  urls: string[]
}
const outbox = await openLiveOutbox({ ...at, urls })
process.on('message', async (asked: Owing | Report) => {
  process.send?.(typeof asked === 'string' ? report(asked) : await owe(asked))
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => void outbox.close().then(() => process.exit(0)))
process.send?.('open')

async function owe({ callbacks, rooms, bytes, hands, fromRoom = 0 }: Owing) {
  const body = { text: 'x'.repeat(bytes) }
  const beganAt = now()
  let committedAt = 0
  let next = 0
  await Promise.all(
    Array.from({ length: hands }, async () => {
      while (next < callbacks) {
        const n = next++
        const room = `R:${(fromRoom + Math.floor(n / urls.length)) % rooms}`
        await outbox.owe(outbox.workspaceIds[n % urls.length]!, room, body)
        committedAt ||= now()
      }
    }),
  )
  return { beganAt, committedAt }
}

function report(asked: Report) {
  const { user, system } = process.cpuUsage()
  switch (asked) {
    case 'cpu':
      return { cpuUs: user + system }
    case 'memory':
      return { rssMib: Math.round(process.memoryUsage.rss() / 2 ** 20) }
    case 'disk':
      return { writtenBytes: writtenBytes() }
    default:
      return asked satisfies never
  }
}

/** On Linux, what this process caused to be written to a disk; what lies in memory alone is not counted. */
function writtenBytes(): number {
  const [, bytes] = /^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))!
  return Number(bytes)
}
