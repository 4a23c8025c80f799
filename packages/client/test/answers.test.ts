import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HandlerTooSlow, type SeenStore, seenInMemory } from '../src/receiver/index.ts'
import { receiving, settled } from './receiving.ts'

describe('when it is answered', () => {
  test('RC-8 only when the handler is done', async () => {
    const { receiver, post } = receiving()
    const ends: (() => void)[] = []
    receiver.on('chatroom/joined', () => new Promise<void>(done => ends.push(done)))
    let answered = 0
    const posting = post().then(({ status }) => {
      answered = status
    })
    while (ends.length === 0) await settled()
    await settled()
    expect(answered).toBe(0)
    ends[0]!()
    await posting
    expect(answered).toBe(204)
  })

  test('RC-8 a handler that fails is 500, so that the callback comes again, and onError hears why', async () => {
    const fault = new Error('the database is away')
    const faults = [
      () => Promise.reject(fault),
      () => {
        throw fault
      },
      () => {},
    ]
    const { receiver, post, complaints } = receiving()
    receiver.on('chatroom/joined', () => faults.shift()!())
    const statuses: number[] = []
    for (let tries = 0; tries < 3; tries++) statuses.push((await post({ webhookId: 'msg_1' })).status)
    expect(statuses).toEqual([500, 500, 204])
    expect(complaints).toEqual([fault, fault])
  })

  test('RC-9 at 4 s the answer is 500 while the handler goes on; the next try is put off, and the one after it is done', async () => {
    const complaints: unknown[] = []
    const told: unknown[] = []
    const { receiver, clock, post } = receiving({
      onError: (failure, callback) => {
        complaints.push(failure)
        told.push(callback)
      },
    })
    let runs = 0
    let finish = () => {}
    receiver.on('chatroom/joined', () => {
      runs++
      return new Promise<void>(done => (finish = done))
    })
    const first = post({ webhookId: 'msg_1' })
    while (runs === 0) await settled()
    clock.advance(3999)
    expect(await Promise.race([first, settled()])).toBeUndefined()
    clock.advance(1)
    expect((await first).status).toBe(500)
    expect(complaints).toEqual([expect.any(HandlerTooSlow)])
    expect(told).toEqual([expect.objectContaining({ kind: 'chatroom/joined', webhookId: 'msg_1' })])
    expect((await post({ webhookId: 'msg_1' })).status).toBe(503)
    finish()
    await settled()
    expect((await post({ webhookId: 'msg_1' })).status).toBe(204)
    expect(runs).toBe(1)
  })

  test('RC-9 a body that does not come whole within 4 s is given up, and no handler runs for it later', async () => {
    const { receiver, clock, request, complaints } = receiving()
    const heard: unknown[] = []
    receiver.on('chatroom/joined', callback => heard.push(callback))
    const whole = await request()
    let send = (_bytes: Uint8Array) => {}
    const body = new Promise<Uint8Array>(done => (send = done))
    const { method, url, headers } = whole
    const taking = receiver.take({ method, url, header: name => headers.get(name), body: () => body })
    clock.advance(4000)
    // Quietly: any stranger can send slowly.
    expect([(await taking).status, complaints]).toEqual([408, []])
    send(await whole.bytes())
    for (let turn = 0; turn < 5; turn++) await settled()
    expect(heard).toEqual([])
  })
})

test('RC-9 a claim that comes after the answer is given back, and no handler runs', async () => {
  const claims: ((claim: 'claimed') => void)[] = []
  const released: string[] = []
  const seen: SeenStore = {
    claim: () => new Promise(done => claims.push(done)),
    done: () => {},
    release: id => void released.push(id),
  }
  const { receiver, clock, post } = receiving({ seen })
  const heard: unknown[] = []
  receiver.on('chatroom/joined', callback => heard.push(callback))
  const posting = post({ webhookId: 'msg_1' })
  while (claims.length === 0) await settled()
  clock.advance(4000)
  expect((await posting).status).toBe(500)
  claims[0]!('claimed')
  await settled()
  expect([heard, released]).toEqual([[], ['msg_1']])
})

test('RC-8 an onError that fails itself keeps nobody from an answer', async () => {
  const said: unknown[] = []
  const { error } = console
  console.error = (...words: unknown[]) => void said.push(words[0])
  onTestFinished(() => {
    console.error = error
  })
  const { receiver, post } = receiving({
    onError: () => {
      throw new Error('no log either')
    },
  })
  receiver.on('chatroom/joined', () => Promise.reject(new Error('not now')))
  expect((await post()).status).toBe(500)
  expect(said).toEqual(['@qunhub/client: onError'])
})

test('RC-8 an onError that rejects ends nothing, and hears of it when the callback is given back', async () => {
  const said: unknown[] = []
  const { error } = console
  console.error = (...words: unknown[]) => void said.push(words[0])
  onTestFinished(() => {
    console.error = error
  })
  const order: string[] = []
  const seen: SeenStore = {
    claim: () => 'claimed',
    done: () => {},
    release: () => void order.push('released'),
  }
  const onError = async () => {
    order.push('told')
    throw new Error('no log either')
  }
  const { receiver, post } = receiving({ seen, onError })
  receiver.on('chatroom/joined', () => Promise.reject(new Error('not now')))
  expect((await post()).status).toBe(500)
  await settled()
  expect([order, said]).toEqual([['released', 'told'], ['@qunhub/client: onError']])
})

test('RC-11 a store that hangs after the handler: 2xx at 4 s, and onError hears', async () => {
  const seen: SeenStore = { claim: () => 'claimed', done: () => new Promise(() => {}), release: () => {} }
  const { receiver, clock, post, complaints } = receiving({ seen })
  let runs = 0
  receiver.on('chatroom/joined', () => void runs++)
  const posting = post()
  while (runs === 0) await settled()
  clock.advance(4000)
  expect((await posting).status).toBe(204)
  expect(complaints).toMatchObject([{ message: expect.stringContaining('seen.done') }])
})

describe('duplicates', () => {
  test('RC-10 one webhook-id is handled once, whatever its body and its signature; another one with the same body is another', async () => {
    let runs = 0
    const { receiver, clock, post } = receiving()
    receiver.on('chatroom/joined', () => void runs++)
    expect((await post({ webhookId: 'msg_1' })).status).toBe(204)
    clock.advance(16_000)
    expect((await post({ webhookId: 'msg_1' })).status).toBe(204)
    expect(runs).toBe(1)
    await post({ webhookId: 'msg_2' })
    expect(runs).toBe(2)
  })

  test('RC-10 two at once: one is handled, the other put off', async () => {
    const { receiver, post } = receiving()
    const ends: (() => void)[] = []
    receiver.on('chatroom/joined', () => new Promise<void>(done => ends.push(done)))
    const both = [post({ webhookId: 'msg_1' }), post({ webhookId: 'msg_1' })]
    expect((await Promise.race(both)).status).toBe(503)
    ends[0]!()
    expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([204, 503])
    expect(ends).toHaveLength(1)
  })

  test('RC-10 a handler that runs is not begun beside itself, however long it takes', async () => {
    const { receiver, clock, post } = receiving()
    const ends: (() => void)[] = []
    receiver.on(
      'chatroom/joined',
      () => new Promise((_done, fail) => ends.push(() => fail(new Error('late')))),
    )
    void post({ webhookId: 'msg_1' })
    while (ends.length < 1) await settled()
    for (const ms of [19_999, 1, 3_600_000]) {
      clock.advance(ms)
      expect((await post({ webhookId: 'msg_1' })).status).toBe(503)
    }
    ends[0]!()
    await settled()
    void post({ webhookId: 'msg_1' })
    while (ends.length < 2) await settled()
  })

  test('RC-10 of two processes the other one takes over after 20 s, and what the first says after that counts no more', async () => {
    const clock = new ManualClock()
    const seen = seenInMemory({ clock })
    const [first, second] = [receiving({ clock, seen }), receiving({ clock, seen })]
    const ends: (() => void)[] = []
    for (const { receiver } of [first, second])
      receiver.on(
        'chatroom/joined',
        () => new Promise((_done, fail) => ends.push(() => fail(new Error('late')))),
      )
    const asked = { webhookId: 'msg_1', signedAt: clock.now() }
    void first.post(asked)
    while (ends.length < 1) await settled()
    clock.advance(19_999)
    expect((await second.post(asked)).status).toBe(503)
    clock.advance(1)
    void second.post(asked)
    while (ends.length < 2) await settled()
    ends[0]!()
    await settled()
    expect(await seen.claim('msg_1', 1)).toBe('busy')
  })

  test('RC-10 the memory of it is bounded: the oldest goes first', () => {
    const seen = seenInMemory({ clock: new ManualClock(), idsMax: 2 })
    for (const id of ['a', 'b', 'c']) {
      expect(seen.claim(id, 1000)).toBe('claimed')
      seen.done(id)
    }
    expect(['b', 'c', 'a'].map(id => seen.claim(id, 1000))).toEqual(['done', 'done', 'claimed'])
  })

  test('RC-11 a store that does not answer: 500, and the handler is not asked; once it is handled, 2xx all the same', async () => {
    let fails: keyof SeenStore = 'claim'
    const gone = (during: keyof SeenStore): undefined => {
      if (fails === during) throw new Error(`${during}: no redis`)
    }
    const seen: SeenStore = {
      claim: async () => gone('claim') ?? ('claimed' as const),
      done: () => gone('done'),
      release: async () => gone('release'),
    }
    let runs = 0
    const { receiver, post, complaints } = receiving({ seen })
    receiver.on('chatroom/joined', () => void runs++)
    expect([(await post()).status, runs]).toEqual([500, 0])
    fails = 'done'
    expect([(await post()).status, runs]).toEqual([204, 1])
    expect(complaints).toMatchObject([{ message: 'claim: no redis' }, { message: 'done: no redis' }])
  })
})
