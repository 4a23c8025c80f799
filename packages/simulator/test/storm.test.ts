import { expect, test } from 'vitest'
import { large } from '../src/scenes/large.ts'
import { Storm } from '../src/storm.ts'
import { World } from '../src/world/world.ts'
import { control } from './control-client.ts'
import { handTimers } from './hand-timers.ts'
import { servedWorld } from './served-world.ts'

/** A world of five rooms, and everything that happened in it. */
function stormy(seed = 7) {
  const world = new World({ seed })
  large(world, 5, 10)
  const told: string[] = []
  world.listen(event => void told.push(event.type))
  const timers = handTimers()
  return { world, told, timers, storm: new Storm(world, timers) }
}

/** So many strikes of a storm, which come every `ms`. */
function strike(timers: ReturnType<typeof handTimers>, ms: number, times: number): void {
  for (let n = 0; n < times; n++) timers.fire(ms)
}

test('SIM-140 a storm ends after so many events, a burst counting each of its own, and nobody who must stay has left', () => {
  const { world, told, timers, storm } = stormy()
  storm.begin({ perSecond: 100, events: 500 })
  strike(timers, 10, 500)
  expect(storm.state).toEqual({ left: 0, happened: 500 })
  expect(new Set(told)).toEqual(new Set(['room-join', 'room-leave', 'room-topic']))
  const [bot] = world.bots.keys()
  for (const room of world.rooms.values()) {
    expect(room.members.has(bot!)).toBe(true)
    expect(room.members.has(room.ownerId)).toBe(true)
  }
})

test('SIM-140 the same seed makes the same storm, another one another', () => {
  const run = (seed: number) => {
    const { world, timers, storm } = stormy(seed)
    storm.begin({ perSecond: 100, events: 200 })
    strike(timers, 10, 200)
    return JSON.stringify([...world.rooms.values()].map(room => [room.topic, [...room.members.keys()]]))
  }
  expect(run(3)).toBe(run(3))
  expect(run(3)).not.toBe(run(4))
})

test('SIM-140 called off it ends at once; in a world without external rooms there is none', () => {
  const { timers, storm } = stormy()
  storm.begin({ perSecond: 10, events: 1000 })
  strike(timers, 100, 10)
  storm.end()
  const { happened } = storm.state
  strike(timers, 100, 100)
  expect(storm.state).toEqual({ left: 0, happened })
  const empty = new Storm(new World(), timers)
  empty.begin({ perSecond: 10, events: 10 })
  strike(timers, 100, 10)
  expect(empty.state).toEqual({ left: 0, happened: 0 })
})

test('SIM-141 the control API begins a storm, tells how far it is, and calls it off', async () => {
  const { simulator } = await servedWorld()
  const call = (method: string, body?: unknown) => control(simulator.controlUrl, method, '/storm', body)
  for (const wish of [{ perSecond: 0 }, { events: 2_000_000 }, { rate: 1 }])
    expect((await call('POST', wish)).status).toBe(400)
  expect((await call('POST', { perSecond: 1, events: 9 })).body).toEqual({ ok: true })
  expect((await call('GET')).body).toMatchObject({ left: expect.any(Number) })
  expect((await call('DELETE')).body).toEqual({ ok: true })
  expect((await call('GET')).body).toMatchObject({ left: 0 })
})
