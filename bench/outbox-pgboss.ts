/**
 * A peer of P6: pg-boss, with all that it has for speed. Workers are woken when a job is made and go on while there are more; each
 * job of a batch is settled by itself.
 */
import { answerAsOutbox, type Job, loadPeer, post } from './outbox-peer.ts'

const WORKERS = 8
const BATCH = 8
const QUEUE = 'callbacks'

/** What is used of it. */
interface PgBossPackage {
  readonly PgBoss: new (
    options: object,
  ) => {
    on(event: 'error', listener: () => void): void
    start(): Promise<unknown>
    createQueue(name: string, options: object): Promise<unknown>
    send(name: string, data: Job, options: object): Promise<unknown>
    work(name: string, options: object, work: (jobs: Kept[]) => Promise<object[]>): Promise<unknown>
  }
}
interface Kept {
  readonly id: string
  readonly data: Job
}

const { databaseUrl, peers, urls } = JSON.parse(process.argv[2]!) as {
  databaseUrl: string
  peers: string
  urls: string[]
}
const { PgBoss } = loadPeer<PgBossPackage>(peers, 'pg-boss')
const boss = new PgBoss({ connectionString: databaseUrl, useListenNotify: true, max: 10 })
// It would print each, and it prints without end when the server is gone.
boss.on('error', () => {})
await boss.start()
await boss.createQueue(QUEUE, { notify: true })
const options = {
  ...{ batchSize: BATCH, localConcurrency: WORKERS },
  ...{ pollingIntervalSeconds: 0.5, burstWhenBatchFull: true, perJobResults: true },
}
await boss.work(QUEUE, options, jobs => Promise.all(jobs.map(deliver)))
answerAsOutbox(urls, job => boss.send(QUEUE, job, { retryLimit: 6, retryBackoff: true }))

async function deliver({ id, data }: Kept): Promise<object> {
  try {
    await post(data)
    return { id, status: 'completed' }
  } catch {
    return { id, status: 'failed' }
  }
}
