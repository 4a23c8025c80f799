/**
 * A peer of P6: BullMQ, as its users would write it. A job a callback, with the body in it; workers in the same process
 * post it.
 */
import { answerAsOutbox, IN_FLIGHT_MAX, type Job, loadPeer, post } from './outbox-peer.ts'

/** What is used of it. */
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

const { port, peers, urls } = JSON.parse(process.argv[2]!) as { port: number; peers: string; urls: string[] }
const { Queue, Worker } = loadPeer<BullMq>(peers, 'bullmq')
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
const queue = new Queue('callbacks', { connection })
const worker = new Worker('callbacks', ({ data }) => post(data), { connection, concurrency: IN_FLIGHT_MAX })
// It would print each, and it prints without end when Redis is gone.
worker.on('error', () => {})
await worker.waitUntilReady()

const options = { attempts: 6, backoff: { type: 'exponential', delay: 1000 }, removeOnComplete: true }
answerAsOutbox(urls, job => queue.add('callback', job, options))
