import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../src/clock.ts'
import { type ClientOptions, createClient, NoAnswer, TooBusy, UnexpectedAnswer } from '../src/index.ts'
import { type Scripted, scriptedFetch } from './scripted-fetch.ts'

const ADD = { botUserId: 'xiaobei', contactWxid: 'lin', roomWxid: 'R:1' }
const EXIT = { wecomUserId: 'xiaobei', roomWxid: 'R:1' }
const MADE = { errcode: 0, errmsg: 'ok', data: { chatId: 'c', roomWxid: 'R:1' } }
const rows = { code: 0, data: [], page: { current: 1, total: 0 } }
const later = (status: number, seconds: string): Scripted => ({
  status,
  headers: { 'retry-after': seconds, 'x-request-id': 'req-7' },
  body: 'later',
})
const refusedConnection = () => new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })

/** A client on a network that does as the script says, with a clock that is moved as soon as it waits. */
function scripted(answers: Scripted[], options: Partial<ClientOptions> = {}) {
  const clock = new ManualClock()
  const network = scriptedFetch(...answers)
  const { fetch } = network
  const client = createClient({
    baseUrl: 'http://g',
    token: 't-1',
    fetch,
    clock,
    random: () => 1,
    ...options,
  })
  const waits: number[] = []
  /** Moves on to the next timer whenever the call has come to a halt, and notes what it waited between tries. */
  const run = async <T>(calling: Promise<T>): Promise<T> => {
    let isOver = false
    calling.then(
      () => (isOver = true),
      () => (isOver = true),
    )
    for (;;) {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      await new Promise(setImmediate)
      if (isOver) return calling
      const next = clock.nextIn()
      if (next === undefined) continue
      waits.push(next)
      clock.advance(next)
    }
  }
  return { client, clock, run, waits, sent: network.sent }
}

describe('who says later', () => {
  test.each([429, 503])(
    'CL-6 %i waits as long as it says, and up to a tenth more by chance',
    async status => {
      const { client, run, waits, sent } = scripted([later(status, '3'), later(status, '10')])
      expect(await run(client.room.addMember(ADD))).toMatchObject({ ok: true })
      expect(waits).toEqual([3300, 11_000])
      expect(sent).toHaveLength(3)
      const soonest = scripted([later(status, '3')], { random: () => 0 })
      await soonest.run(soonest.client.room.exit(EXIT))
      expect(soonest.waits).toEqual([3000])
    },
  )

  test('CL-6 a date counts as well as seconds', async () => {
    const { client, run, waits } = scripted([later(503, 'Mon, 23 Nov 2026 08:00:20 GMT')], {
      random: () => 0,
    })
    await run(client.room.listByMHTag())
    expect(waits).toEqual([20_000])
  })

  test.each(['-5', '1.5', 'soon', '2026-11-23', 'Mon, 23 Nov 2026 07:00:00 GMT', '0'])(
    'CL-6 what is no wait at all is never sooner than another failure: Retry-After %s',
    async said => {
      const { client, run, waits } = scripted([later(429, said), later(429, said)])
      expect(await run(client.room.exit(EXIT))).toMatchObject({ ok: true })
      expect(waits).toEqual([250, 500])
    },
  )

  test('CL-6 a wait that is longer than the bound is not begun: the call says when to come again', async () => {
    const { client, run, sent } = scripted([later(503, '61')])
    const failure = await run(client.room.addMember(ADD)).catch(error => error)
    expect(failure).toBeInstanceOf(TooBusy)
    expect(failure).toMatchObject({ status: 503, retryAfterMs: 61_000, tries: 1, requestId: 'req-7' })
    expect(sent).toHaveLength(1)
    const forEver = scripted([later(503, '12345678901')])
    await expect(forEver.run(forEver.client.room.addMember(ADD))).rejects.toMatchObject({ tries: 1 })
  })

  test('CL-6 after four tries it is told, with the number of tries', async () => {
    const { client, run, sent } = scripted(Array.from({ length: 9 }, () => later(429, '1')))
    const failure = await run(client.room.exit(EXIT)).catch(error => error)
    expect(failure).toBeInstanceOf(TooBusy)
    expect(failure).toMatchObject({ status: 429, tries: 4, path: '/room/exit' })
    expect(sent).toHaveLength(4)
  })
})

describe('other failures', () => {
  test.each([
    ['a broken connection', refusedConnection(), NoAnswer],
    ['HTTP 502', { status: 502, body: '<html>' }, UnexpectedAnswer],
    ['a 503 that says no time, as proxies give it', { status: 503, body: '' }, TooBusy],
  ])(
    'CL-7 after %s addMember and exit are not sent again: nobody knows what was done',
    async (_what, scene, kind) => {
      for (const verb of ['addMember', 'exit'] as const) {
        const { client, run, sent } = scripted([scene])
        const calling: Promise<unknown> = client.room[verb]({ ...ADD, ...EXIT })
        const failure = await run(calling).catch(error => error)
        expect(failure).toBeInstanceOf(kind)
        expect(failure).toMatchObject({ tries: 1, path: `/room/${verb}` })
        expect(sent).toHaveLength(1)
      }
    },
  )

  test('CL-7 a list is read again after a quarter, a half and a whole second, spread by chance', async () => {
    const broken = [refusedConnection(), { status: 500, body: '{"code":500}' }, refusedConnection()]
    const { client, run, waits, sent } = scripted([...broken, { body: rows }])
    expect(await run(client.room.listByMHTag())).toMatchObject({ ok: true, data: [] })
    expect(waits).toEqual([250, 500, 1000])
    expect(sent).toHaveLength(4)
    const spread = scripted([refusedConnection(), { body: rows }], { random: () => 0 })
    await spread.run(spread.client.room.listByMHTag())
    expect(spread.waits).toEqual([125])
  })

  test('CL-8 create is sent again with the key of its first try, and the next create has another', async () => {
    const { client, run, sent } = scripted([refusedConnection(), { body: MADE }, { body: MADE }])
    expect(await run(client.room.create({ botUserId: 'xiaobei' }))).toMatchObject({
      ok: true,
      data: MADE.data,
    })
    await run(client.room.create({ botUserId: 'xiaobei' }))
    const keys = sent.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys[0]).toMatch(/^[\x21-\x7e]{1,255}$/)
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
  })

  test('CL-5 a failure has its cause, the path without a query, the tries, and not the token', async () => {
    const { client, run } = scripted(Array.from({ length: 4 }, refusedConnection), { tokenIn: 'page' })
    const failure = await run(client.room.listByMember({ contactWxid: 'lin' })).catch(error => error)
    expect(failure).toBeInstanceOf(NoAnswer)
    expect(failure).toMatchObject({ path: '/room/listByMember', tries: 4, timedOut: false, name: 'NoAnswer' })
    expect(failure.cause).toMatchObject({ message: 'fetch failed' })
    expect(`${failure.message} ${failure.stack}`).not.toContain('t-1')
  })

  test('CL-5 what is no answer of the page is told with its status and its text', async () => {
    const { client, run } = scripted([{ body: '<html>欢迎</html>' }, { status: 404, body: { code: 404 } }])
    for (const status of [200, 404]) {
      const failure = await run(client.room.exit(EXIT)).catch(error => error)
      expect(failure).toBeInstanceOf(UnexpectedAnswer)
      expect(failure.status).toBe(status)
    }
  })

  test('CL-5 what a proxy shows of the request is told without the token', async () => {
    const { client, run } = scripted([{ status: 404, body: '<pre>GET /?token=t-1</pre>' }])
    const failure = await run(client.room.exit(EXIT)).catch(error => error)
    expect(failure).toBeInstanceOf(UnexpectedAnswer)
    expect(failure.message).toContain('<pre>GET')
    expect(`${failure.message} ${failure.text}`).not.toContain('t-1')
  })

  test('CL-5 an address with a password, a query or a #, and what no header takes, is told at once and not shown', async () => {
    const wrong: Partial<ClientOptions>[] = [
      ...['http://u:hush@g', 'http://g/?token=hush', 'http://g/#hush', 'hush', 'ftp://hush'].map(baseUrl => ({
        baseUrl,
      })),
      ...['', 'hush hush', 'hush\n', '密hush'].map(token => ({ token })),
    ]
    for (const options of wrong) {
      expect(() => scripted([], options)).toThrow(TypeError)
      expect(() => scripted([], options)).not.toThrow('hush')
    }
    for (const idempotencyKey of ['', 'hush\nhush']) {
      const { client, sent } = scripted([])
      await expect(client.room.create({ botUserId: 'xiaobei' }, { idempotencyKey })).rejects.toThrow(
        TypeError,
      )
      expect(sent).toEqual([])
    }
  })

  test('CL-4 a number that there is no word for is unknown, and no failure', async () => {
    const { client, run } = scripted([{ body: { code: -99, message: '新的' } }])
    expect(await run(client.room.exit(EXIT))).toMatchObject({
      refused: 'unknown',
      code: -99,
      message: '新的',
    })
  })
})

describe('patience', () => {
  test('CL-10 a try that takes too long is given up, and says so', async () => {
    const { client, run, waits } = scripted(['hang'], { timeoutMs: 5000 })
    const failure = await run(client.room.addMember(ADD)).catch(error => error)
    expect(failure).toBeInstanceOf(NoAnswer)
    expect(failure.timedOut).toBe(true)
    expect(waits).toEqual([5000])
  })

  test('CL-10 what is left undefined has its default, and what is no number is told at once', async () => {
    const nothing = {
      ...{ retry: { triesMax: undefined, waitMaxMs: undefined }, pace: { calls: undefined } },
      timeoutMs: undefined,
    } as unknown as ClientOptions
    const { client, run, sent } = scripted(Array.from({ length: 9 }, refusedConnection), nothing)
    await expect(run(client.room.listByMHTag())).rejects.toMatchObject({ tries: 4 })
    expect(sent).toHaveLength(4)
    for (const options of [
      { timeoutMs: Number.NaN },
      { retry: { triesMax: Number.NaN } },
      { pace: { calls: -1 } },
    ])
      expect(() => scripted([], options)).toThrow(RangeError)
  })

  test('CL-10 a wait without an end is no timer that is over at once', async () => {
    let isOver = false
    const callOff = systemClock.after(Number.POSITIVE_INFINITY, () => (isOver = true))
    await new Promise(done => setTimeout(done, 10))
    callOff()
    expect(isOver).toBe(false)
  })

  test('CL-9 whoever gives up is let go at once: before it is sent, under way, and between two tries', async () => {
    const reason = new Error('not any more')
    for (const scene of [[], ['hang' as const], [later(503, '30')]]) {
      const giving = new AbortController()
      const { client, sent } = scripted(scene)
      if (scene.length === 0) giving.abort(reason)
      const calling = client.room.exit(EXIT, { signal: giving.signal })
      calling.catch(() => {})
      await new Promise(setImmediate)
      giving.abort(reason)
      await expect(calling).rejects.toBe(reason)
      expect(sent).toHaveLength(scene.length)
    }
  })
})
