/** The limit of P6: posts the same bytes to the same addresses, keeps nothing and signs nothing. Answers as outbox-product.ts. */
import { Agent } from 'undici'
import { now } from './monotonic.ts'
import type { Owing } from './outbox-product.ts'

const { urls } = JSON.parse(process.argv[2]!) as { urls: string[] }
const agent = new Agent({ connections: 64 })

process.on('message', async (asked: Owing | 'cpu') => {
  process.send?.(asked === 'cpu' ? cpu() : await postAll(asked))
})
process.once('disconnect', () => process.exit())
process.send?.('open')

async function postAll({ callbacks, bytes, hands }: Owing) {
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(bytes) }))
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const beganAt = now()
  let next = 0
  await Promise.all(
    Array.from({ length: hands }, async () => {
      while (next < callbacks) {
        const { origin, pathname } = new URL(urls[next++ % urls.length]!)
        const answer = await agent.request({ origin, path: pathname, method: 'POST', headers, body })
        await answer.body.dump()
      }
    }),
  )
  return { beganAt }
}

function cpu() {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system }
}
