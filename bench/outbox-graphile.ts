/** A peer of P6: graphile-worker, as its users would write it. It is woken when a job is made. */
import { answerAsOutbox, IN_FLIGHT_MAX, type Job, loadPeer, post } from './outbox-peer.ts'

const TASK = 'callback'

/** What is used of it. */
interface GraphileWorker {
  readonly Logger: new (makeLog: () => () => void) => object
  run(options: object): Promise<{
    addJob(task: string, job: Job, options: object): Promise<unknown>
  }>
}

const { databaseUrl, peers, urls } = JSON.parse(process.argv[2]!) as {
  databaseUrl: string
  peers: string
  urls: string[]
}
const { Logger, run } = loadPeer<GraphileWorker>(peers, 'graphile-worker')
const runner = await run({
  ...{ connectionString: databaseUrl, concurrency: IN_FLIGHT_MAX, noHandleSignals: true },
  // It would tell of each job.
  logger: new Logger(() => () => {}),
  taskList: { [TASK]: (job: Job) => post(job) },
})
answerAsOutbox(urls, job => runner.addJob(TASK, job, { maxAttempts: 6 }))
