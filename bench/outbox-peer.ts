/** What the peers of P6 have in common: told as outbox-product.ts they add as many jobs, and post each with undici. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Agent } from 'undici'
import { now } from './monotonic.ts'
import type { Owing } from './outbox-product.ts'

export interface Job {
  readonly url: string
  readonly body: string
}

export const IN_FLIGHT_MAX = 64

const agent = new Agent({ connections: IN_FLIGHT_MAX })

/** Of a package that is installed outside of this repository (QUNHUB_BENCH_PEERS), so its types are not at hand. */
export const loadPeer = <T>(folder: string, name: string): T =>
  createRequire(join(folder, 'package.json'))(name) as T

export async function post({ url, body }: Job): Promise<void> {
  const { origin, pathname } = new URL(url)
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const answer = await agent.request({ origin, path: pathname, method: 'POST', headers, body })
  await answer.body.dump()
  if (answer.statusCode >= 300) throw new Error(`HTTP ${answer.statusCode}`)
}

/** `add` resolves when the job is durable. */
export function answerAsOutbox(urls: readonly string[], add: (job: Job) => Promise<unknown>): void {
  process.on('message', async (asked: Owing | 'cpu') => {
    process.send?.(asked === 'cpu' ? cpu() : await addAll(asked, urls, add))
  })
  process.once('disconnect', () => process.exit())
  process.once('SIGTERM', () => process.exit(0))
  process.send?.('open')
}

async function addAll(
  { callbacks, bytes, hands }: Owing,
  urls: readonly string[],
  add: (job: Job) => Promise<unknown>,
) {
  const body = JSON.stringify({ text: 'x'.repeat(bytes) })
  const beganAt = now()
  let next = 0
  await Promise.all(
    Array.from({ length: hands }, async () => {
      while (next < callbacks) await add({ url: urls[next++ % urls.length]!, body })
    }),
  )
  return { beganAt }
}

function cpu() {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system }
}
