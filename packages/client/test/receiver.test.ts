import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  BodyEaten,
  type Callback,
  type ChatroomBody,
  createReceiver,
  type RoomJoinedBody,
} from '../src/receiver/index.ts'
import { signFake } from '../src/testing/index.ts'
import { JOINED, secretOf } from './callback-samples.ts'
import { receiving, SECRET } from './receiving.ts'

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
    const unset = undefined as unknown as string
    for (const secrets of [unset, [unset]])
      expect(() => createReceiver({ secrets })).toThrow('qunhub callback secret')
  })

  test('RC-2 the body of whoever has no headers, an old one, or says that it is too large, is not read', async () => {
    const { receiver, request, clock } = receiving()
    const asked = [
      { headers: { 'webhook-id': '' } },
      { signedAt: clock.now() - 301_000 },
      { headers: { 'content-length': '4194305' } },
    ]
    const statuses: number[] = []
    for (const one of asked) {
      const { method, url, headers } = await request(one)
      const body = () => Promise.reject(new Error('it was read'))
      statuses.push((await receiver.take({ method, url, header: name => headers.get(name), body })).status)
    }
    expect(statuses).toEqual([401, 401, 413])
  })

  test('RC-12 a body that turns out too large is not listened to any longer', async () => {
    const { receiver, request } = receiving()
    let isCancelled = false
    const body = new ReadableStream({
      pull: pipe => pipe.enqueue(new Uint8Array(1024 * 1024)),
      cancel: () => {
        isCancelled = true
      },
    })
    const { url, headers } = await request()
    const endless = new Request(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect((await receiver.fetch(endless)).status).toBe(413)
    expect(isCancelled).toBe(true)
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

test('RC-13 a Request whose body was read before is answered with a sentence that says what to do', async () => {
  const { receiver, request, complaints } = receiving()
  const read = await request()
  await read.json()
  const answer = await receiver.fetch(read)
  expect(answer.status).toBe(500)
  expect(await answer.text()).toMatch(/请求体已被解析.*request\.clone\(\)/)
  expect(complaints).toEqual([expect.any(BodyEaten)])
})
