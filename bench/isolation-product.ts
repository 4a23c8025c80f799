/**
 * The product of the isolation benchmark: an outbox with an address for each URL, and the hand that owes callbacks to all
 * of them in turn, at a steady pace. Told `{ seconds, perSecond }` it owes for so long and says `owed`; told `drain` it
 * says `drained` when nothing is due any more.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openLiveOutbox } from '@qunhub/testing/grounds/open-live-outbox.ts'
import { holdLittleMemory } from '../packages/gateway/src/cli/lean-memory.ts'
import { now } from './monotonic.ts'

holdLittleMemory()
const { urls, ...at } = JSON.parse(process.argv[2]!) as {
  dataDir: string
  databaseUrl?: string
  urls: string[]
}
const ROOMS_PER_ADDRESS = 5
const LOOK_EVERY_MS = 50

const outbox = await openLiveOutbox({ ...at, urls })
process.on('message', async (told: { seconds: number; perSecond: number } | 'drain') => {
  if (told === 'drain') {
    while ((await dueCount()) > 0) await pause(LOOK_EVERY_MS)
    process.send?.('drained')
  } else {
    await owe(told)
    process.send?.('owed')
  }
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => void outbox.close().then(() => process.exit(0)))
process.send?.('open')

async function owe({ seconds, perSecond }: { seconds: number; perSecond: number }): Promise<void> {
  const began = now()
  const owing: Promise<void>[] = []
  for (let n = 0; n < seconds * perSecond; n++) {
    const earlyMs = began + (n * 1000) / perSecond - now()
    if (earlyMs > 0) await pause(earlyMs)
    const address = n % urls.length
    const room = `R:${Math.floor(n / urls.length) % ROOMS_PER_ADDRESS}`
    // Stamped before it is written: what a write waits for because of others counts as well.
    owing.push(outbox.owe(outbox.workspaceIds[address]!, room, { address, owedAt: now() }))
  }
  await Promise.all(owing)
}

async function dueCount(): Promise<number> {
  const { db } = outbox
  const row = await db.first(
    db.query
      .selectFrom('callback')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('state', '=', 'due')
      .compile(),
  )
  return Number(row!.count)
}
