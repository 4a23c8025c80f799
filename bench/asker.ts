/**
 * Somebody who asks for the same again and again, in a process of his own. Told `{ url, perSecond }` he begins, with connections of his
 * own, and opens another one when all of them wait for an answer. Told `end` he says how long the answers took (`asking.ts`).
 */
import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Asking, Heard } from './asking.ts'
import { statusOf } from './status-of.ts'

const agent = new Agent({ keepAlive: true })
let isOver = true
let asking: Promise<Heard> | undefined
process.on('message', async (told: Asking | 'end') => {
  isOver = told === 'end'
  if (told === 'end') return void process.send?.(await asking!)
  asking = askUntilOver(told)
  process.send?.(null)
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit(0))
process.send?.(null)

async function askUntilOver({ url, perSecond }: Asking): Promise<Heard> {
  const took: number[] = []
  const asked: Promise<number>[] = []
  const beganAt = performance.now()
  for (let n = 0; !isOver; n++) {
    const due = beganAt + (n * 1000) / perSecond
    const earlyMs = due - performance.now()
    if (earlyMs > 0) await pause(earlyMs)
    asked.push(statusOf(url, agent).finally(() => took.push(performance.now() - due)))
  }
  const others = (await Promise.all(asked)).filter(status => status !== 200).length
  return { took, others }
}
