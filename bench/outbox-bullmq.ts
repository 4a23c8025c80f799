/**
 * The peer of P6: BullMQ, as its users would write it. A job a callback, with the body in it; workers in the same process
 * post it with undici. Answers as outbox-product.ts.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Agent } from 'undici'
import { now } from './monotonic.ts'
import type { Owing } from './outbox-product.ts'

/** What is used of it. It is installed elsewhere, so its types are not at hand. */
interface BullMq {
  readonly Queue: new (
    name: string,
    options: object,
  ) => { add(name: string, data: Job, options: object): Promise<unknown> }
  readonly Worker: new (name: string, work: (job: { data: Job }) => Promise<void>, options: object) => Failing
}
interface Failing {
  on(event: 'error', listener: () => void): void
  waitUntilReady(): Promise<unknown>
}
interface Job {
  readonly url: string
  readonly body: string
}

const IN_FLIGHT_MAX = 64

const { port, peers, urls } = JSON.parse(process.argv[2]!) as { port: number; peers: string; urls: string[] }
const { Queue, Worker } = createRequire(join(peers, 'package.json'))('bullmq') as BullMq
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
const agent = new Agent({ connections: IN_FLIGHT_MAX })
const queue = new Queue('callbacks', { connection })
const worker = new Worker('callbacks', ({ data }) => post(data), { connection, concurrency: IN_FLIGHT_MAX })
// It would print each, and it prints without end when Redis is gone.
worker.on('error', () => {})
await worker.waitUntilReady()

process.on('message', async (asked: Owing | 'cpu') => {
  process.send?.(asked === 'cpu' ? cpu() : await addAll(asked))
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
process.send?.('open')

async function addAll({ callbacks, bytes, hands }: Owing) {
  const body = JSON.stringify({ text: 'x'.repeat(bytes) })
  const options = { attempts: 6, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: true }
  const beganAt = now()
  let next = 0
  await Promise.all(
    Array.from({ length: hands }, async () => {
      while (next < callbacks)
        await queue.add('callback', { url: urls[next++ % urls.length]!, body }, options)
    }),
  )
  return { beganAt }
}

async function post({ url, body }: Job): Promise<void> {
  const { origin, pathname } = new URL(url)
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const answer = await agent.request({ origin, path: pathname, method: 'POST', headers, body })
  await answer.body.dump()
  if (answer.statusCode >= 300) throw new Error(`HTTP ${answer.statusCode}`)
}

function cpu() {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system }
}
