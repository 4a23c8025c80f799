/** The crowd of P13: told `{ url, lists }` it asks for so many at once, pages 1 and 2 in turn, and says how they were answered. */
import { Agent } from 'node:http'
import { statusOf } from './status-of.ts'

process.on('message', async (told: { url: string; lists: number }) => {
  const beganAt = performance.now()
  const agent = new Agent({ maxSockets: told.lists })
  const statuses: Record<string, number> = {}
  await Promise.all(
    Array.from({ length: told.lists }, async (_, n) => {
      const status = await statusOf(`${told.url}&current=${1 + (n % 2)}`, agent)
      statuses[status] = (statuses[status] ?? 0) + 1
    }),
  )
  agent.destroy()
  process.send?.({ ms: performance.now() - beganAt, statuses })
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
process.send?.(null)
