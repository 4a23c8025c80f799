import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import {
  BodyEaten,
  type Callback,
  type ChatroomBody,
  createReceiver,
  HandlerTooSlow,
  type ReceiverOptions,
  type RoomJoinedBody,
  type SeenStore,
  seenInMemory,
  type UnknownCallback,
} from '../src/receiver/index.ts'
import { type FakeOptions, signFake } from '../src/testing/index.ts'
import { JOINED, secretOf } from './callback-samples.ts'

const SECRET = secretOf(1)
const settled = () => new Promise<void>(turned => setImmediate(turned))

/** A receiver with a moved clock, what it complained of, and somebody who posts callbacks to it. */
function receiving(options: Partial<ReceiverOptions> = {}) {
  const clock = new ManualClock()
  const complaints: unknown[] = []
  const unknown: UnknownCallback[] = []
  const receiver = createReceiver({
    secrets: SECRET,
    clock,
    onError: failure => complaints.push(failure),
    onUnknown: callback => unknown.push(callback),
    ...options,
  })
  const request = async (
    asked: FakeOptions & {
      kind?: string
      secret?: string
      headers?: Record<string, string>
      body?: string
    } = {},
  ) => {
    const { kind = 'chatroom/joined', secret = SECRET, ...own } = asked
    const fake = await signFake<string>(kind, JOINED, secret, { signedAt: clock.now(), ...own })
    return new Request(`https://shop.example/hooks/qunhub${fake.path}?key=1`, {
      method: 'POST',
      headers: { ...fake.headers, ...asked.headers },
      body: asked.body ?? fake.body,
    })
  }
  const post = async (asked: Parameters<typeof request>[0] = {}) => receiver.fetch(await request(asked))
  return { receiver, clock, complaints, unknown, request, post }
}

describe('who is not believed', () => {
  test('RC-2 a body that was changed, another secret, and headers that are missing: 401, and no handler hears', async () => {
    const heard: unknown[] = []
    const { receiver, post, request } = receiving()
    receiver.on('chatroom/joined', callback => heard.push(callback))
    const answers = [
      await post({ body: JSON.stringify({ ...JOINED, topic: '小巷' }) }),
      await post({ body: `${JSON.stringify(JOINED)} ` }),
      await post({ secret: secretOf(2) }),
      await post({ headers: { 'webhook-id': 'msg_other' } }),
      await post({ headers: { 'webhook-signature': '' } }),
      await post({ headers: { 'webhook-signature': 'v1,' } }),
      await post({ headers: { 'webhook-signature': 'v2,AAAA v1,AAAA' } }),
      await post({ headers: { 'webhook-timestamp': 'now' } }),
      await post({ headers: { 'webhook-id': 'm'.repeat(300) } }),
      await receiver.fetch(
        new Request('https://shop.example/chatroom/joined', { method: 'POST', body: '{}' }),
      ),
    ]
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
    expect(await answers[0]!.text()).toMatch(/签名不符.*raw body/)
    expect(heard).toEqual([])
    expect((await receiver.fetch(await request())).status).toBe(204)
  })

  test('RC-3 a timestamp more than five minutes off, either way, is a replay', async () => {
    const { clock, post } = receiving()
    const off = (ms: number) => post({ signedAt: clock.now() + ms })
    for (const ms of [-301_000, 301_000]) expect((await off(ms)).status).toBe(401)
    for (const ms of [-300_000, 300_000]) expect((await off(ms)).status).toBe(204)
  })

  test('RC-5 a receiver without a secret, or with one that is none, is not made, and the secret is not told', () => {
    const wrong = ['', 'whsec_', 'whsec_***', 'c2VjcmV0', `whsec_${btoa('short')}`]
    for (const secret of wrong) expect(() => createReceiver({ secrets: secret })).toThrow(TypeError)
    expect(() => createReceiver({ secrets: [] })).toThrow('at least one')
    expect(() => createReceiver({ secrets: 'hush-hush' })).not.toThrow('hush')
  })

  test('RC-12 anything but a POST is 405, and a body over 4 MiB 413, which are final', async () => {
    const { receiver, post } = receiving()
    const got = await receiver.fetch(new Request('https://shop.example/chatroom/joined'))
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await post({ body: 'x'.repeat(4 * 1024 * 1024 + 1) })).status).toBe(413)
  })
})

describe('secrets', () => {
  test('RC-4 each of several is enough, and each of several signatures', async () => {
    const { post } = receiving({ secrets: [secretOf(1), secretOf(2)] })
    for (const byte of [1, 2]) expect((await post({ secret: secretOf(byte) })).status).toBe(204)
    expect((await post({ secret: secretOf(3) })).status).toBe(401)
    const { clock, post: one } = receiving()
    const facts = { webhookId: 'msg_1', signedAt: clock.now() }
    const own = (await signFake('chatroom/joined', JOINED, SECRET, facts)).headers['webhook-signature']
    const other = (await signFake('chatroom/joined', JOINED, secretOf(2), facts)).headers['webhook-signature']
    expect((await one({ ...facts, headers: { 'webhook-signature': `${other} ${own}` } })).status).toBe(204)
  })

  test('RC-4 a function is asked for each callback, so that a secret is replaced without a restart', async () => {
    let secrets = [secretOf(1)]
    const { post, complaints } = receiving({ secrets: async () => secrets })
    expect((await post({ secret: secretOf(1) })).status).toBe(204)
    secrets = [secretOf(2)]
    expect((await post({ secret: secretOf(1) })).status).toBe(401)
    expect((await post({ secret: secretOf(2) })).status).toBe(204)
    secrets = []
    expect((await post({ secret: secretOf(2) })).status).toBe(500)
    expect(complaints).toMatchObject([{ message: expect.stringContaining('at least one') }])
  })
})

describe('kinds', () => {
  test('RC-6 the last two segments of the path are the kind, and the handler of it hears the callback, typed', async () => {
    const heard: Callback[] = []
    const { receiver, post, clock } = receiving()
    receiver
      .on('chatroom/joined', callback => {
        expectTypeOf(callback.body).toEqualTypeOf<ChatroomBody>()
        heard.push(callback)
      })
      .on('room/joined', ({ body }) => expectTypeOf(body).toEqualTypeOf<RoomJoinedBody>())
    expect((await post({ webhookId: 'msg_7' })).status).toBe(204)
    const signedAt = Math.floor(clock.now() / 1000) * 1000
    expect(heard).toEqual([{ kind: 'chatroom/joined', webhookId: 'msg_7', signedAt, body: JOINED }])
    expect(() => receiver.on('chatroom/joined', () => {})).toThrow('there is a handler already')
  })

  test('RC-7 a kind without a handler is answered 2xx, and onUnknown hears of it', async () => {
    const { post, unknown } = receiving()
    for (const kind of ['room/sealed', 'chatroom/loaded']) expect((await post({ kind })).status).toBe(204)
    expect(unknown.map(({ kind }) => kind)).toEqual(['room/sealed', 'chatroom/loaded'])
    expect((await receiving({ onUnknown: undefined }).post()).status).toBe(204)
  })
})

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
    const { receiver, clock, complaints, post } = receiving()
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
    expect((await post({ webhookId: 'msg_1' })).status).toBe(503)
    finish()
    await settled()
    expect((await post({ webhookId: 'msg_1' })).status).toBe(204)
    expect(runs).toBe(1)
  })

  test('RC-9 a body that does not come whole within 4 s is given up, and no handler runs for it later', async () => {
    const { receiver, clock, request } = receiving()
    const heard: unknown[] = []
    receiver.on('chatroom/joined', callback => heard.push(callback))
    const whole = await request()
    let send = (_bytes: Uint8Array) => {}
    const body = new Promise<Uint8Array>(done => (send = done))
    const { method, url, headers } = whole
    const taking = receiver.take({ method, url, header: name => headers.get(name), body: () => body })
    clock.advance(4000)
    expect((await taking).status).toBe(500)
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

  test('RC-10 a handler that hangs holds its callback for 20 s, and what it says after that counts no more', async () => {
    const { receiver, clock, post } = receiving()
    const ends: (() => void)[] = []
    receiver.on(
      'chatroom/joined',
      () => new Promise((_done, fail) => ends.push(() => fail(new Error('late')))),
    )
    void post({ webhookId: 'msg_1' })
    while (ends.length < 1) await settled()
    clock.advance(19_999)
    expect((await post({ webhookId: 'msg_1' })).status).toBe(503)
    clock.advance(1)
    void post({ webhookId: 'msg_1' })
    while (ends.length < 2) await settled()
    ends[0]!()
    await settled()
    expect((await post({ webhookId: 'msg_1' })).status).toBe(503)
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

test('RC-13 a Request whose body was read before is answered with a sentence that says what to do', async () => {
  const { receiver, request, complaints } = receiving()
  const read = await request()
  await read.json()
  const answer = await receiver.fetch(read)
  expect(answer.status).toBe(500)
  expect(await answer.text()).toMatch(/请求体已被解析.*request\.clone\(\)/)
  expect(complaints).toEqual([expect.any(BodyEaten)])
})
