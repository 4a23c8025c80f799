import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, onTestFinished, test } from 'vitest'
import { EXHAUSTED_ATTEMPT } from '../model/callback.ts'
import { enqueueCallback } from '../store/contract/scene.contract.ts'
import { readAddresses } from '../store/outbox/run-address.ts'
import { AddressQueue, HELD_IN_MEMORY_MAX } from './address-queue.ts'
import { BODY_BYTES_IN_MEMORY_MAX } from './held-bodies.ts'
import { newTurn } from './held-room.ts'
import { loadCallbacks, loadOwed } from './load-callbacks.ts'

/** A store in which something is owed, a courier that stands still, and an empty queue of the address. */
async function openScene() {
  const customer = await openCustomer()
  const outbox = await openOutbox({ url: customer.url })
  await outbox.courier.stop()
  onTestFinished(async () => {
    await outbox.close()
    await customer.close()
  })
  const { db, clock, workspaceId } = outbox
  const [address] = await readAddresses(db, 'this-node')
  const queue = new AddressQueue(address!, new ManualClock(clock.now()), () => {})
  const owe = (rooms: readonly string[], body = Buffer.from('{}')) =>
    db.write(async tx => {
      for (const laneKey of rooms)
        await enqueueCallback(tx, workspaceId, { kind: 'chatroom/joined', laneKey, body }, clock.now())
    })
  const load = () => loadCallbacks(db, [queue], { anew: false })
  /** Everything that is in memory is delivered, room after room; which rooms that were. */
  const deliverAll = async () => {
    const delivered: { readonly id: number; readonly laneKey: string }[] = []
    for (let room = queue.take(); room; room = queue.take()) {
      for (const callback of room.all) {
        delivered.push(callback)
        queue.end(room, callback)
      }
      queue.release(room)
    }
    const ids = delivered.map(({ id }) => id)
    const done = db.query.updateTable('callback').set({ state: 'delivered', settled_at: 1 })
    await db.write(tx => tx.run(done.where('id', 'in', db.oneOf(ids)).compile()))
    return delivered.map(({ laneKey }) => laneKey)
  }
  const loadNew = async () => {
    while ((await loadOwed(db, [queue])).length > 0);
  }
  /** Those up to this id have used up their retries, and wait for the address. */
  const letWait = (upTo: number) =>
    db.write(tx =>
      tx.run(
        db.query
          .updateTable('callback')
          .set({ attempt: EXHAUSTED_ATTEMPT, due_at: clock.now() })
          .where('id', '<=', upTo)
          .compile(),
      ),
    )
  /** What goes out of the room, one after another, each delivered at once; the store is asked when it has more. */
  const deliverOf = async (laneKey: string) => {
    const delivered: number[] = []
    for (let tries = 0; tries < 200; tries++) {
      const room = queue.room(laneKey)
      const next = room?.next(newTurn(true), clock.now())
      if (room && next) {
        delivered.push(next.id)
        queue.end(room, next)
        queue.settleDown(room)
        const done = db.query.updateTable('callback').set({ state: 'delivered', settled_at: 1 })
        await db.write(tx => tx.run(done.where('id', '=', next.id).compile()))
      } else if (queue.hasMoreInStore) await load()
      else break
    }
    return delivered
  }
  return { db, clock, queue, owe, load, loadNew, deliverAll, letWait, deliverOf }
}

const roomsFrom = (first: number, count: number) => Array.from({ length: count }, (_, n) => `R:${first + n}`)

test('CB-10 of one address no more than 2,000 callbacks are in memory; the rest comes when these are gone', async () => {
  const { queue, owe, load, deliverAll } = await openScene()
  const rooms = roomsFrom(1, HELD_IN_MEMORY_MAX + 500)
  await owe(rooms)
  await load()
  expect(queue.held).toBe(HELD_IN_MEMORY_MAX)
  expect(await load()).toBe(false)
  expect(queue.held).toBe(HELD_IN_MEMORY_MAX)
  const heard = await deliverAll()
  await load()
  heard.push(...(await deliverAll()))
  expect(heard).toEqual(rooms)
})

test('CB-10 of one address no more than 32 MiB of bodies are in memory; those beyond are read when they are sent', async () => {
  const { queue, owe, load, deliverAll } = await openScene()
  const body = Buffer.alloc(1024 * 1024, 'x')
  const rooms = roomsFrom(1, BODY_BYTES_IN_MEMORY_MAX / body.length + 3)
  await owe(rooms, body)
  await load()
  expect(queue.bodies.bytes).toBe(BODY_BYTES_IN_MEMORY_MAX)
  const held = rooms.flatMap(room => queue.room(room)!.all)
  expect(held.filter(callback => callback.body === null)).toHaveLength(3)
  expect(await deliverAll()).toEqual(rooms)
  expect(queue.bodies.bytes).toBe(0)
})

test('CB-8 of a room with many the first few are in memory, the others come in their order, and keep nobody waiting', async () => {
  const { queue, owe, load, deliverAll } = await openScene()
  await owe([...Array<string>(100).fill('R:busy'), 'R:quiet'])
  await load()
  expect(queue.held).toBeLessThan(40)
  const heard: string[] = []
  for (let rounds = 0; rounds < 10; rounds++) {
    heard.push(...(await deliverAll()))
    await load()
  }
  expect(heard.filter(room => room === 'R:busy')).toHaveLength(100)
  expect(heard.indexOf('R:quiet')).toBeLessThan(40)
  await owe(['R:busy'])
  await load()
  expect(await deliverAll()).toEqual(['R:busy'])
})

test('CB-10 what is owed to an address that is caught up is read, with its bodies, by one statement', async () => {
  const { db, queue, owe, load, loadNew } = await openScene()
  await owe(['R:1'])
  await load()
  await owe(['R:1', 'R:2', 'R:3'], Buffer.from('{"n":1}'))
  const { all } = db
  let asked = 0
  db.all = ((...given: Parameters<typeof all>) => {
    asked++
    return all.apply(db, given)
  }) as typeof all
  await loadNew()
  db.all = all
  expect([asked, queue.held]).toEqual([1, 4])
  expect(queue.room('R:3')!.all.map(({ body }) => Buffer.from(body!).toString())).toEqual(['{"n":1}'])
})

test('CB-8 CB-10 whatever is owed while memory is full, or its room is, comes later, in order, and once', async () => {
  const { queue, owe, load, loadNew, deliverAll } = await openScene()
  await load()
  const rooms = [...Array<string>(100).fill('R:busy'), ...roomsFrom(1, HELD_IN_MEMORY_MAX + 50)]
  const heard: string[] = []
  await owe(rooms)
  await loadNew()
  expect(queue.held).toBe(HELD_IN_MEMORY_MAX)
  for (let n = 0; n < 8; n++) {
    await owe(['R:busy', `R:late ${n}`])
    await loadNew()
    heard.push(...(await deliverAll()))
    await loadNew()
  }
  await loadNew()
  heard.push(...(await deliverAll()))
  const late = Array.from({ length: 8 }, (_, n) => ['R:busy', `R:late ${n}`]).flat()
  expect(heard.toSorted()).toEqual([...rooms, ...late].toSorted())
  expect(queue.held).toBe(0)
})

test('CB-8 of a room with more that waits than memory has, nothing new goes out before the last of it', async () => {
  const { queue, owe, load, loadNew, letWait, deliverOf } = await openScene()
  await owe(Array<string>(40).fill('R:1'))
  await letWait(37)
  await load()
  await owe(['R:1'])
  await loadNew()
  expect(await deliverOf('R:1')).toEqual(Array.from({ length: 41 }, (_, n) => n + 1))
  expect(queue.held).toBe(0)
})

test('CB-8 what comes to such a room has those that wait tried at once, and not in half an hour', async () => {
  const { clock, queue, owe, load, loadNew, letWait } = await openScene()
  await owe(Array<string>(20).fill('R:1'))
  await letWait(20)
  await load()
  const room = queue.room('R:1')!
  for (const waiting of room.waiting) waiting.dueAt = clock.now() + 1000
  queue.settleDown(room)
  expect(queue.isReady).toBe(false)
  await owe(['R:1'])
  await loadNew()
  expect(queue.isReady).toBe(true)
  expect(room.next(newTurn(room.isStirred), clock.now())?.id).toBe(1)
})

test('CB-8 when all that a full room has in memory begins to wait, what is behind it is read', async () => {
  const { queue, owe, load, letWait, deliverOf } = await openScene()
  await owe(Array<string>(20).fill('R:1'))
  await load()
  const room = queue.room('R:1')!
  await letWait(16)
  for (const callback of [...room.fresh]) queue.beginToWait(room, callback, { attempt: EXHAUSTED_ATTEMPT })
  expect(queue.hasMoreInStore).toBe(true)
  await load()
  expect(room.fresh.map(({ id }) => id)).toEqual([17, 18, 19, 20])
  expect(await deliverOf('R:1')).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
})

test('CB-10 what is thinned out while it is being read is not taken into memory any more', async () => {
  const { db, queue, owe, load } = await openScene()
  await owe(['R:1', 'R:2'])
  const { all } = db
  db.all = (async (...given: Parameters<typeof all>) => {
    const rows = await all.apply(db, given)
    queue.forget(new Set([1]))
    return rows
  }) as typeof all
  await load()
  db.all = all
  expect([queue.room('R:1'), queue.held]).toEqual([undefined, 1])
})
