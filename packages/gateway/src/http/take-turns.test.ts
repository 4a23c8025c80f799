import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createArrivals } from './arrivals.ts'
import { createGoingOn, createTurns, takeTurns, type WithoutTurn, waitedForTurn } from './take-turns.ts'

/** Whatever is begun takes as long as the test says. */
function desk(ms = 0) {
  let next: (() => void) | null = null
  let now = 0
  const done: string[] = []
  const turns = createTurns(
    call => {
      next = call
    },
    4,
    () => now,
  )
  return {
    ...{ turns, done },
    ask: (whose: string, name: string) =>
      turns.ask(whose, () => {
        now += ms
        done.push(name)
      }),
    tick() {
      const call = next
      next = null
      call?.()
    },
  }
}

test('G-21 of many requests that come at once four are begun in a tick of the event loop', () => {
  const { ask, done, tick } = desk()
  for (let n = 0; n < 10; n++) ask('heavy', `heavy ${n}`)
  expect(done).toHaveLength(4)
  tick()
  expect(done).toHaveLength(8)
  tick()
  expect(done).toEqual(Array.from({ length: 10 }, (_, n) => `heavy ${n}`))
  tick()
  ask('heavy', 'later')
  expect(done.at(-1)).toBe('later')
})

test('G-21 those who wait take turns: a neighbour’s request is begun before all of another’s', () => {
  const { ask, done, tick } = desk()
  for (let n = 0; n < 100; n++) ask('heavy', `heavy ${n}`)
  ask('light', 'light')
  tick()
  expect(done.indexOf('light')).toBeLessThan(8)
})

test('G-21 of what takes long one a tick is begun, and who comes beside it waits for none of them', async () => {
  const { ask, done, tick } = desk(2)
  for (let n = 0; n < 10; n++) ask('heavy', `heavy ${n}`)
  await yieldToLoop()
  for (let n = 0; n < 3; n++) {
    const before = done.length
    tick()
    expect(done).toHaveLength(before + 1)
    await yieldToLoop()
    ask('light', `light ${n}`)
    expect(done.at(-1)).toBe(`light ${n}`)
  }
})

test('G-21 what fails as it is begun takes nobody else’s turn', () => {
  const { turns, ask, done, tick } = desk()
  const fail = () =>
    turns.ask('heavy', () => {
      throw new Error('begun')
    })
  for (let n = 0; n < 4; n++) expect(fail).toThrow('begun')
  ask('light', 'light')
  tick()
  expect(done).toEqual(['light'])
})

test('G-21 of those whom the store tells something at once a few go on in a tick', async () => {
  const goOn = createGoingOn()
  let gone = 0
  const all = Array.from({ length: 300 }, () => goOn('heavy').then(() => gone++))
  let before = 0
  while (gone < 300) {
    await yieldToLoop()
    // Of two ticks, for it is not said which of two calls of a tick comes first.
    expect(gone - before).toBeLessThanOrEqual(64)
    before = gone
  }
  await Promise.all(all)
})

/** A server whose requests come when the test says so. */
function served(isWithoutTurn?: WithoutTurn) {
  const server = new EventEmitter() as Server
  const begun: string[] = []
  const left: number[] = []
  server.on('request', (request: IncomingMessage) => begun.push(request.url!))
  // Time stands still: nobody has waited for too long.
  const turns = createTurns(setImmediate, 4, () => 0)
  takeTurns(server, createArrivals({ elapsed: () => 0 }), ms => left.push(ms), isWithoutTurn, turns)
  const connect = () => ({ remoteAddress: '127.0.0.1' }) as Socket
  const come = (url: string, { isPipelined = false, socket = connect() } = {}) => {
    const request = { url, headers: {}, socket } as IncomingMessage
    const response = { destroyed: false, socket: isPipelined ? null : {} } as {
      destroyed: boolean
    } & ServerResponse
    server.emit('request', request, response)
    return { request, response }
  }
  const open = (socket = connect()) => {
    server.emit('connection', socket)
    return socket
  }
  return { begun, left, come, open }
}

test('G-21 what is pipelined behind another request does not wait, so that nothing piles up unread; nor do probes', () => {
  const { begun, come } = served()
  for (let n = 0; n < 10; n++) come(`/list/${n}`)
  for (let n = 0; n < 10; n++) come(`/piped/${n}`, { isPipelined: true })
  come('/qunhub/ready')
  expect(begun.filter(url => url.startsWith('/list'))).toHaveLength(4)
  expect(begun.filter(url => url.startsWith('/piped'))).toHaveLength(10)
  expect(begun).toContain('/qunhub/ready')
})

test('G-21 who has left before his turn is not served, and counted as cut off; who stays knows how long he waited', async () => {
  const { begun, left, come } = served()
  const all = Array.from({ length: 6 }, (_, n) => come(`/list/${n}`))
  ;(all[5]!.response as { destroyed: boolean }).destroyed = true
  expect(left).toEqual([])
  await yieldToLoop()
  expect(begun).toHaveLength(5)
  expect(left).toHaveLength(1)
  expect(waitedForTurn(all[4]!.request)).toBeGreaterThan(0)
  expect(waitedForTurn(all[0]!.request)).toBeLessThan(waitedForTurn(all[4]!.request))
})

test('G-21 of those who come in at once none is served before all are there; who was there before does not wait for them', async () => {
  const { begun, come, open } = served()
  const known = open()
  await yieldToLoop()
  await yieldToLoop()
  come('/known/1', { socket: known })
  for (let n = 0; n < 20; n++) {
    // The event loop takes one connection a tick.
    come(`/new/${n}`, { socket: open() })
    come(`/known/${n + 2}`, { socket: known })
    expect(begun.filter(url => url.startsWith('/new'))).toEqual([])
    await yieldToLoop()
  }
  expect(begun.filter(url => url.startsWith('/known'))).toHaveLength(21)
  for (let n = 0; n < 6; n++) await yieldToLoop()
  expect(begun.filter(url => url.startsWith('/new'))).toHaveLength(20)
})

test('G-21 what is looked after without a turn has one when it needs it after all, behind those who are waiting', async () => {
  const takings: (() => void)[] = []
  const { begun, come } = served(({ url }, _response, takeTurn) => {
    if (url !== '/known') return false
    takings.push(takeTurn)
    return true
  })
  for (let n = 0; n < 6; n++) come('/known')
  expect([takings.length, begun]).toEqual([6, []])
  for (const takeTurn of takings) takeTurn()
  come('/other')
  expect(begun).toHaveLength(4)
  await yieldToLoop()
  expect(begun).toHaveLength(7)
})
