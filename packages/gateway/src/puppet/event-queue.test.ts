import { ContactWxid, RoomWxid } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { silentLog } from '../system/log.ts'
import { createEventQueue, HINTS_MAX, TASKS_MAX, TaskDropped } from './event-queue.ts'
import type { BotHint } from './puppet-events.ts'

const roomHint = (room: string, why: 'join' | 'leave' = 'join'): BotHint => ({
  kind: 'room-changed',
  roomWxid: RoomWxid.parse(room),
  why,
})

/** A queue that is busy until `finish`, and what it did after that. */
function busyQueue() {
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const queue = createEventQueue(
    async hint => {
      done.push(hint.kind === 'room-changed' ? `${hint.why} ${hint.roomWxid}` : hint.kind)
    },
    () => {
      queue.run(async () => void done.push('sync')).catch(() => {})
    },
    silentLog,
  )
  const first = queue.run(() => gate.promise)
  const finish = () => {
    gate.resolve()
    return queue.idle()
  }
  return { queue, done, first, finish }
}

/** A queue in which a catch-up runs that news may overtake, until `catchUp` is resolved. */
function overtakenQueue() {
  const done: string[] = []
  const catchUp = Promise.withResolvers<void>()
  const queue = createEventQueue(
    async hint => void done.push(hint.kind === 'room-changed' ? `${hint.why} ${hint.roomWxid}` : hint.kind),
    () => {},
    silentLog,
  )
  const running = queue.run(
    () => catchUp.promise,
    () => true,
  )
  return { queue, done, running, catchUp }
}

describe('the queue of a bot', () => {
  test('BOT-40 tasks and hints are done in the order in which they came', async () => {
    const { queue, done, finish } = busyQueue()
    queue.hint(roomHint('R:1'))
    const task = queue.run(async () => void done.push('task'))
    queue.hint({ kind: 'contact-changed', contactWxid: ContactWxid.parse('788') })
    queue.hint({ kind: 'room-invite', invitationId: 'card' })
    await finish()
    await task
    expect(done).toEqual(['join R:1', 'task', 'contact-changed', 'room-invite'])
  })

  test('BOT-277 what has just happened goes before a catch-up that runs, a late room does not, and no two hints run at once', async () => {
    const done: string[] = []
    const gates = [1, 2].map(() => Promise.withResolvers<void>())
    let isOvertaken = true
    const queue = createEventQueue(
      async hint => {
        const note = hint.kind === 'room-changed' ? `${hint.why} ${hint.roomWxid}` : hint.kind
        done.push(note)
        if (note === 'join R:2') await gates[1]!.promise
      },
      () => {},
      silentLog,
    )
    const settle = () => new Promise(resolve => setImmediate(resolve))
    const catchUp = queue.run(
      () => gates[0]!.promise,
      () => isOvertaken,
    )
    const another = queue.run(
      async () => void done.push('another sync'),
      () => isOvertaken,
    )
    queue.hint({ ...roomHint('R:1'), why: 'late' } as BotHint)
    queue.hint(roomHint('R:2'))
    queue.hint(roomHint('R:3'))
    await settle()
    expect(done).toEqual(['join R:2'])
    // It is being followed, so whoever comes upon the room knows less.
    expect(queue.hasHintOf(RoomWxid.parse('R:2'))).toBe(true)
    gates[1]!.resolve()
    await settle()
    expect(done).toEqual(['join R:2', 'join R:3'])
    expect(queue.hasHintOf(RoomWxid.parse('R:2'))).toBe(false)
    isOvertaken = false
    queue.hint(roomHint('R:4'))
    await settle()
    gates[0]!.resolve()
    await Promise.all([catchUp, another])
    await queue.idle()
    expect(done).toEqual(['join R:2', 'join R:3', 'another sync', 'late R:1', 'join R:4'])
  })

  test('BOT-277 nothing goes before a task that waits and is not to be overtaken, but what stands in front of it does', async () => {
    const { queue, done, running, catchUp } = overtakenQueue()
    const hint = (room: string) => queue.hint(roomHint(room))
    hint('R:1')
    const returned = queue.run(async () => void done.push('returned'))
    hint('R:2')
    await new Promise(resolve => setImmediate(resolve))
    expect(done).toEqual(['join R:1'])
    catchUp.resolve()
    await Promise.all([running, returned])
    await queue.idle()
    expect(done).toEqual(['join R:1', 'returned', 'join R:2'])
  })

  test('BOT-277 a late room of which an event tells while it waits is news, also where nothing else comes', async () => {
    const { queue, done, running, catchUp } = overtakenQueue()
    queue.hint({ ...roomHint('R:1'), why: 'late' } as BotHint)
    await new Promise(resolve => setImmediate(resolve))
    expect(done).toEqual([])
    queue.hint(roomHint('R:1'))
    await new Promise(resolve => setImmediate(resolve))
    expect(done).toEqual(['join R:1'])
    catchUp.resolve()
    await running
    await queue.idle()
    expect(done).toEqual(['join R:1'])
  })

  test('BOT-41 a room that changes again while it waits is looked at once, for the newest reason', async () => {
    const { queue, done, finish } = busyQueue()
    queue.hint(roomHint('R:1'))
    queue.hint(roomHint('R:2'))
    queue.hint(roomHint('R:1', 'leave'))
    await finish()
    expect(done).toEqual(['leave R:1', 'join R:2'])
  })

  test('BOT-217 who is said to have joined a room that waits is not forgotten because something else happened after it', async () => {
    const followed: BotHint[] = []
    const gate = Promise.withResolvers<void>()
    const queue = createEventQueue(
      async hint => void followed.push(hint),
      () => {},
      silentLog,
    )
    const busy = queue.run(() => gate.promise)
    queue.hint({ ...roomHint('R:1'), joined: ['788'] } as BotHint)
    queue.hint({ ...roomHint('R:1'), joined: ['789', '788'] } as BotHint)
    queue.hint(roomHint('R:1', 'leave'))
    gate.resolve()
    await busy
    await queue.idle()
    expect(followed).toEqual([{ ...roomHint('R:1', 'leave'), joined: ['788', '789'] }])
  })

  test('BOT-41 an event is newer than a look that waits, a late room more than what a request has found', async () => {
    const { queue, done, finish } = busyQueue()
    const inTurn = (room: string, whys: readonly ('join' | 'late' | 'asked')[]) => {
      for (const why of whys) queue.hint({ ...roomHint(room), why } as BotHint)
    }
    inTurn('R:1', ['asked', 'late', 'asked'])
    inTurn('R:2', ['late', 'join', 'asked', 'late'])
    inTurn('R:3', ['asked', 'join'])
    await finish()
    expect(done).toEqual(['late R:1', 'join R:2', 'join R:3'])
  })

  test('BOT-42 more hints than the queue holds are dropped, one sync stands in, and tasks stay', async () => {
    const { queue, done, finish } = busyQueue()
    const task = queue.run(async () => void done.push('task'))
    for (let room = 0; room <= HINTS_MAX; room += 1) queue.hint(roomHint(`R:${room}`))
    queue.hint(roomHint('R:later'))
    await finish()
    await task
    expect(done).toEqual(['task', 'sync', 'join R:later'])
  })

  test('BOT-43 a task too many is refused instead of queued', async () => {
    const { queue, finish } = busyQueue()
    const waiting = Array.from({ length: TASKS_MAX }, () => queue.run(async () => {}))
    await expect(queue.run(async () => {})).rejects.toThrow(TaskDropped)
    await finish()
    await Promise.all(waiting)
  })

  test('BOT-44 a task that fails is its caller’s, and the queue goes on', async () => {
    const { queue, done, first, finish } = busyQueue()
    const failing = queue.run(async () => {
      throw new RangeError('no')
    })
    queue.hint(roomHint('R:1'))
    const told = expect(failing).rejects.toThrow(RangeError)
    await finish()
    await told
    await first
    expect(done).toEqual(['join R:1'])
  })

  test('BOT-45 a cleared queue drops what waits and tells whoever asked; what comes later is done', async () => {
    const { queue, done, finish } = busyQueue()
    const dropped = queue.run(async () => void done.push('dropped'))
    queue.hint(roomHint('R:1'))
    queue.clear()
    await expect(dropped).rejects.toThrow(TaskDropped)
    queue.hint(roomHint('R:1', 'leave'))
    await finish()
    expect(done).toEqual(['leave R:1'])
  })

  test('BOT-46 what is queued at the very moment the queue runs dry is done too', async () => {
    const { queue, done, first, finish } = busyQueue()
    const chain = first
      .then(() => queue.run(async () => void done.push('second')))
      .then(() => queue.hint(roomHint('R:1')))
    await finish()
    await chain
    await queue.idle()
    expect(done).toEqual(['second', 'join R:1'])
  })
})
