import { onTestFinished } from 'vitest'
import { type Bot, openSimulator, type Simulator, type SimulatorOptions } from '../src/index.ts'
import { type RawClient, rawClient } from './raw-client.ts'
import { fixedClock, NOON, smallWorld } from './world-builder.ts'

export interface Served extends ReturnType<typeof smallWorld> {
  simulator: Simulator
  client: RawClient
  /** A client of another bot, closed with the test. */
  clientOf(bot: Pick<Bot, 'token'>): RawClient
}

/** The small world, served; everything is closed when the test ends. */
export async function servedWorld(options: SimulatorOptions = {}): Promise<Served> {
  let parts: ReturnType<typeof smallWorld> | undefined
  const simulator = await openSimulator({
    clock: fixedClock(NOON),
    seed: 7,
    scene: world => {
      parts = smallWorld(world)
    },
    ...options,
  })
  const clients: RawClient[] = []
  const clientOf = (bot: Pick<Bot, 'token'>) => {
    const client = rawClient(simulator.endpoint, bot.token)
    clients.push(client)
    return client
  }
  onTestFinished(async () => {
    for (const client of clients) client.close()
    await simulator.stop()
  })
  if (!parts) throw new Error('the small world was not built')
  return { ...parts, simulator, clientOf, client: clientOf(parts.bot) }
}
