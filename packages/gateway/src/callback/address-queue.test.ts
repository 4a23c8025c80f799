import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import type { WorkspaceId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { type Breaker, CLOSED } from '../model/breaker.ts'
import { EXHAUSTED_ATTEMPT } from '../model/callback.ts'
import type { Held } from '../store/database/hot-rows.ts'
import type { RunAddress } from '../store/outbox/run-address.ts'
import { AddressQueue } from './address-queue.ts'
import { BODY_BYTES_IN_MEMORY_MAX } from './held-bodies.ts'
import type { HeldRoom } from './held-room.ts'
import { newTurn } from './held-room.ts'
import { HEAD_START_MS } from './ready-rooms.ts'

const address = (breaker: Breaker = CLOSED, concurrency = 4): RunAddress => ({
  workspaceId: 'w' as WorkspaceId,
  addressId: 'a',
  fence: 1,
  baseUrl: 'https://shop.example/',
  secretsSealed: Buffer.alloc(0),
  concurrency,
  breaker,
})

function openQueue(run = address()) {
  const clock = new ManualClock()
  let woken = 0
  const queue = new AddressQueue(run, clock, () => {
    woken++
  })
  let id = 0
  const add = (laneKey: string, but: Partial<Held> = {}) => {
    queue.beginReading()
    const dueAt = but.dueAt ?? clock.now()
    const facts = { kind: 'chatroom/joined', attempt: 0, faults: 0, replayId: null, bodyBytes: 2 }
    const held = { id: ++id, webhookId: `msg${id}`, laneKey, dueAt, bodyId: id, ...facts, ...but }
    return queue.endReading([held], new Set())[0]!
  }
  /** The rooms that get a slot, in their order. */
  const take = () => {
    const rooms: HeldRoom[] = []
    for (let room = queue.take(); room; room = queue.take()) rooms.push(room)
    return rooms
  }
  const keys = () => take().map(({ laneKey }) => laneKey)
  const next = (room: HeldRoom) => room.next(newTurn(), clock.now())?.id
  return { queue, clock, add, take, keys, next, woken: () => woken }
}

describe('who goes first', () => {
  test('CB-10 rooms get slots in the order in which they became due, and no more than the address may have', () => {
    const { add, clock, keys } = openQueue(address(CLOSED, 3))
    for (const room of ['R:4', 'R:2', 'R:3', 'R:1']) {
      add(room)
      clock.advance(1)
    }
    expect(keys()).toEqual(['R:4', 'R:2', 'R:3'])
  })

  test('CB-10 the room of a joined goes before the rooms whose loaded have waited for less than 10 minutes', () => {
    const { add, clock, keys } = openQueue(address(CLOSED, 1))
    add('R:1', { kind: 'chatroom/loaded' })
    clock.advance(HEAD_START_MS - 1000)
    add('R:2')
    expect(keys()).toEqual(['R:2'])
  })

  test('CB-10 after 10 minutes a loaded is not overtaken any more', () => {
    const { add, clock, keys } = openQueue(address(CLOSED, 1))
    add('R:1', { kind: 'chatroom/loaded' })
    clock.advance(HEAD_START_MS + 1000)
    add('R:2')
    expect(keys()).toEqual(['R:1'])
  })

  test('CB-8 a room has one in flight at a time, whatever comes meanwhile', () => {
    const { queue, add, take } = openQueue()
    add('R:1')
    const [room] = take()
    add('R:1')
    expect(take()).toEqual([])
    queue.release(room!)
    expect(take()).toEqual([room])
  })

  test('CB-8 what is new in a room goes before what is replayed there, and both keep their order', () => {
    const { queue, add, take, next } = openQueue()
    const replayed = [add('R:1', { replayId: 'by-hand' }), add('R:1', { replayId: 'by-hand' })]
    const fresh = [add('R:1'), add('R:1')]
    const [room] = take()
    const order: (number | undefined)[] = []
    for (const callback of [...fresh, ...replayed]) {
      order.push(next(room!))
      queue.end(room!, callback)
    }
    expect(order).toEqual([3, 4, 1, 2])
  })

  test('CB-6 a room whose first waits for its retry is ready when that is due, and the courier is woken', () => {
    const { add, clock, keys, woken } = openQueue()
    add('R:1', { dueAt: clock.now() + 700, attempt: 1 })
    expect(keys()).toEqual([])
    clock.advance(699)
    expect([keys(), woken()]).toEqual([[], 0])
    clock.advance(1)
    expect([keys(), woken()]).toEqual([['R:1'], 1])
  })

  test('CB-6 a retry that was written down before the clock was set back by an hour is tried now', () => {
    const { add, clock, keys } = openQueue()
    add('R:1', { dueAt: clock.now() + 3_600_000, attempt: 1 })
    expect(keys()).toEqual(['R:1'])
  })

  test('CB-8 a callback that is read while another settlement of it is under way is not taken up again', () => {
    const { queue, add, take } = openQueue()
    const callback = add('R:1')
    const [room] = take()
    queue.beginReading()
    queue.end(room!, callback)
    queue.release(room!)
    queue.endReading([callback], new Set())
    expect([take(), queue.held]).toEqual([[], 0])
  })
})

describe('memory', () => {
  test('CB-10 what is forgotten while it is under way is taken off once, when that ends too', () => {
    const { add, take, queue } = openQueue()
    const callback = add('R:1')
    queue.bodies.give(callback, Buffer.alloc(2))
    const [room] = take()
    queue.forget(new Set([callback.id]))
    queue.end(room!, callback)
    expect({ held: queue.held, bodyBytes: queue.bodies.bytes }).toEqual({ held: 0, bodyBytes: 0 })
  })

  test('CB-10 there are no more than 32 MiB of bodies; those that do not fit are read when they are sent', () => {
    const { queue, add, take } = openQueue()
    const body = Buffer.alloc(1024 * 1024)
    const held = Array.from({ length: 40 }, (_, n) => add(`R:${n}`))
    for (const callback of held) queue.bodies.give(callback, body)
    expect(queue.bodies.bytes).toBe(BODY_BYTES_IN_MEMORY_MAX)
    expect(held.filter(callback => callback.body === null)).toHaveLength(8)
    const [room] = take()
    queue.end(room!, held[0]!)
    queue.bodies.give(held.at(-1)!, body)
    expect(held.filter(callback => callback.body === null)).toHaveLength(7)
    expect(queue.bodies.bytes).toBe(BODY_BYTES_IN_MEMORY_MAX)
  })
})

describe('what waits for its address', () => {
  const exhausted = (at: number) => ({ attempt: EXHAUSTED_ATTEMPT, dueAt: at + 30 * 60_000 })

  test('CB-8 it is tried, oldest first, before the next of its room goes out', () => {
    const { add, clock, take } = openQueue()
    for (let n = 0; n < 2; n++) add('R:1', exhausted(clock.now()))
    add('R:1')
    const [room] = take()
    const turn = newTurn()
    const order: number[] = []
    for (let next = room!.next(turn, clock.now()); next; next = room!.next(turn, clock.now())) {
      order.push(next.id)
      if (next.id === 3) break
      turn.tried.add(next.id)
      turn.failedWaiting++
    }
    expect(order).toEqual([1, 2, 3])
  })

  test('CB-8 after three that failed the next of its room goes out all the same', () => {
    const { add, clock, take } = openQueue()
    for (let n = 0; n < 5; n++) add('R:1', exhausted(clock.now()))
    add('R:1')
    const [room] = take()
    const turn = { ...newTurn(), failedWaiting: 3, tried: new Set([1, 2, 3]) }
    expect(room!.next(turn, clock.now())?.id).toBe(6)
  })

  test('CB-8 it is tried when another of its address is delivered, and at the latest after 30 minutes', () => {
    const { queue, add, clock, keys } = openQueue()
    add('R:1', exhausted(clock.now()))
    expect(keys()).toEqual([])
    queue.noteDelivery()
    expect(keys()).toEqual(['R:1'])

    const alone = openQueue()
    alone.add('R:1', exhausted(alone.clock.now()))
    alone.clock.advance(30 * 60_000)
    expect(alone.keys()).toEqual(['R:1'])
  })

  test('CB-7 the probe is the oldest of those that wait; whose probe failed stands behind the others', () => {
    const { queue, add, clock, take } = openQueue(address({ state: 'half-open' }))
    add('R:1')
    add('R:2', exhausted(clock.now()))
    add('R:3', exhausted(clock.now()))
    const probed: string[] = []
    for (let n = 0; n < 4; n++) {
      const rooms = take()
      expect(rooms).toHaveLength(1)
      probed.push(rooms[0]!.laneKey)
      queue.failedProbe(rooms[0]!)
      queue.release(rooms[0]!)
    }
    expect(probed).toEqual(['R:2', 'R:3', 'R:1', 'R:2'])
  })
})
