import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { describe, expect, test } from 'vitest'
import { createClient, Refused, TooManyWaiting } from '../src/index.ts'
import { scriptedFetch } from './scripted-fetch.ts'

const settled = () => new Promise(setImmediate)
const page = (current: number, ids: string[], total: number) => ({
  body: { code: 0, data: ids.map(chatId => ({ chatId })), page: { current, total } },
})

describe('row by row', () => {
  test('CL-11 the next page is on its way while the rows of this one are used, and no more than that', async () => {
    const { fetch, sent } = scriptedFetch(page(1, ['a', 'b'], 5), page(2, ['c', 'd'], 5), page(3, ['e'], 5))
    const rooms = createClient({ baseUrl: 'http://g', token: 't', fetch }).rooms.byTag('tag', { pageSize: 2 })
    expect(sent).toHaveLength(0)
    expect((await rooms.next()).value).toMatchObject({ chatId: 'a' })
    await settled()
    expect(sent.map(({ url }) => url.searchParams.get('current'))).toEqual(['1', '2'])
    const rest: unknown[] = []
    for await (const { chatId } of rooms) rest.push(chatId)
    expect(rest).toEqual(['b', 'c', 'd', 'e'])
    expect(sent.map(({ url }) => url.search)).toEqual(
      [1, 2, 3].map(number => `?mhTagId=tag&current=${number}&pageSize=2`),
    )
  })

  test('CL-11 whoever stops calls off the page that is under way', async () => {
    const { fetch, sent } = scriptedFetch(page(1, ['a', 'b'], 4), 'hang')
    let cutOff = false
    const watched: typeof fetch = (url, init) => {
      init!.signal!.addEventListener('abort', () => (cutOff = true))
      return fetch(url, init)
    }
    const client = createClient({ baseUrl: 'http://g', token: 't', fetch: watched })
    for await (const _ of client.rooms.all({ pageSize: 2 })) break
    await settled()
    expect(sent).toHaveLength(2)
    expect(cutOff).toBe(true)
  })

  test('CL-11 a server whose pages are shorter than they were asked for loses no row', async () => {
    const { fetch, sent } = scriptedFetch(page(1, ['a', 'b'], 3), page(2, ['c'], 3))
    const found: unknown[] = []
    const client = createClient({ baseUrl: 'http://g', token: 't', fetch })
    for await (const { chatId } of client.rooms.all({ pageSize: 100 })) found.push(chatId)
    expect(found).toEqual(['a', 'b', 'c'])
    expect(sent).toHaveLength(2)
  })

  test('CL-11 a page has 1 to 100 rows: what is more the gateway would read as 100', async () => {
    const client = createClient({ baseUrl: 'http://g', token: 't', ...scriptedFetch() })
    for (const pageSize of [0, 101, 1.5, Number.NaN])
      await expect(client.rooms.all({ pageSize }).next()).rejects.toThrow(RangeError)
  })

  test('CL-11 a refusal is thrown with its word and the id of its request', async () => {
    const refused = { headers: { 'x-request-id': 'req-9' }, body: { code: -1, message: '不行' } }
    const client = createClient({ baseUrl: 'http://g', token: 't', ...scriptedFetch(refused) })
    const failure = await client.rooms
      .all()
      .next()
      .catch(error => error)
    expect(failure).toBeInstanceOf(Refused)
    expect(failure).toMatchObject({ requestId: 'req-9', refusal: { code: -1 } })
    expect(failure.message).not.toMatch(/tr(?:y|ies)/)
  })

  test('CL-11 a list that became shorter ends with its empty page', async () => {
    const { fetch, sent } = scriptedFetch(page(1, ['a', 'b'], 6), page(2, [], 2))
    const found: unknown[] = []
    const client = createClient({ baseUrl: 'http://g', token: 't', fetch })
    for await (const { chatId } of client.rooms.all({ pageSize: 2 })) found.push(chatId)
    expect(found).toEqual(['a', 'b'])
    expect(sent).toHaveLength(2)
  })
})

describe('the page’s limit, kept here', () => {
  const exit = { wecomUserId: 'xiaobei', roomWxid: 'R:1' }

  test('CL-12 at most 500 calls leave in any 30 s after an answer; the others go in their order', async () => {
    const clock = new ManualClock()
    const { fetch, sent } = scriptedFetch()
    const client = createClient({ baseUrl: 'http://g', token: 't', fetch, clock, pace: true })
    const calls = Array.from({ length: 502 }, (_, n) =>
      client.room.exit({ ...exit, roomWxid: `R:${n}` }).then(() => n),
    )
    await Promise.all(calls.slice(0, 500))
    clock.advance(29_999)
    await settled()
    expect(sent).toHaveLength(500)
    clock.advance(1)
    expect(await Promise.all(calls.slice(500))).toEqual([500, 501])
    expect(sent.slice(500).map(({ body }) => (body as { roomWxid: string }).roomWxid)).toEqual([
      'R:500',
      'R:501',
    ])
  })

  test('CL-12 it counts time that nobody sets forward or back', async () => {
    let elapsed = 0
    const clock = Object.assign(new ManualClock(), { elapsed: () => elapsed })
    const { fetch, sent } = scriptedFetch()
    const client = createClient({ baseUrl: 'http://g', token: 't', fetch, clock, pace: { calls: 1 } })
    await client.room.exit(exit)
    clock.step(3_600_000)
    void client.room.exit(exit)
    await settled()
    expect([sent.length, clock.nextIn()]).toEqual([1, 30_000])
    elapsed = 30_000
    clock.advance(30_000)
    await settled()
    expect(sent).toHaveLength(2)
  })

  test('CL-12 a call that has no answer yet holds its place', async () => {
    const clock = new ManualClock()
    const { fetch, sent } = scriptedFetch('hang')
    const pace = { calls: 1 }
    const client = createClient({ baseUrl: 'http://g', token: 't', fetch, clock, pace, timeoutMs: 40_000 })
    const first = client.room.exit(exit).catch(() => 'given up')
    const second = client.room.exit(exit)
    await settled()
    clock.advance(40_000)
    expect(await first).toBe('given up')
    clock.advance(29_999)
    await settled()
    expect(sent).toHaveLength(1)
    clock.advance(1)
    expect(await second).toMatchObject({ ok: true })
  })

  test('CL-12 nothing runs on when nobody waits, so that a program can end', async () => {
    const clock = new ManualClock()
    const client = createClient({ baseUrl: 'http://g', token: 't', ...scriptedFetch(), clock, pace: true })
    await client.room.exit(exit)
    expect(clock.nextIn()).toBeUndefined()
  })

  test('CL-12 the line has an end, and whoever gives up leaves it', async () => {
    const clock = new ManualClock()
    const { fetch, sent } = scriptedFetch()
    const pace = { calls: 1, waitingMax: 1 }
    const client = createClient({ baseUrl: 'http://g', token: 't', fetch, clock, pace })
    await client.room.exit(exit)
    const giving = new AbortController()
    const waiting = client.room.exit(exit, { signal: giving.signal })
    await expect(client.room.exit(exit)).rejects.toBeInstanceOf(TooManyWaiting)
    giving.abort(new Error('not any more'))
    await expect(waiting).rejects.toThrow('not any more')
    const next = client.room.exit(exit)
    clock.advance(30_000)
    expect(await next).toMatchObject({ ok: true })
    expect(sent).toHaveLength(2)
  })
})
