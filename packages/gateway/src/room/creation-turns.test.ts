import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { CREATION_WAIT_MAX_MS, createCreationTurns } from './creation-turns.ts'

const bot = { bot: { id: 'b' } } as HostedBot

test('CR-24 whoever gives up waiting for its turn leaves the next one to wait for those before', async () => {
  const clock = new ManualClock()
  const turns = createCreationTurns({ clock })
  const told: string[] = []
  const first = Promise.withResolvers<void>()
  const create = (name: string, until: Promise<void>) =>
    turns.take(bot, [], async () => {
      told.push(`${name} begins`)
      await until
      told.push(`${name} ends`)
      return name
    })

  const slow = create('first', first.promise)
  const second = create('second', Promise.resolve())
  await yieldToLoop()
  clock.advance(CREATION_WAIT_MAX_MS)
  expect(await second).toBeNull()

  const third = create('third', Promise.resolve())
  await yieldToLoop()
  expect(told).toEqual(['first begins'])
  first.resolve()
  expect([await slow, await third]).toEqual(['first', 'third'])
  expect(told).toEqual(['first begins', 'first ends', 'third begins', 'third ends'])
})
