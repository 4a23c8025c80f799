import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { BAD_RECEIVERS, type BadReceiver } from '@qunhub/testing/receivers/bad-receivers.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { loopbackGuard } from '@qunhub/testing/receivers/loopback.ts'
import { UNTRUSTED } from '@qunhub/testing/receivers/untrusted-certificate.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { CALLBACK_DEADLINE_MS, openDeliverer } from './deliver.ts'
import type { Outcome } from './outcome.ts'
import { IN_FLIGHT_MAX } from './share-slots.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

interface Listening {
  readonly url: URL
  readonly sockets: ReadonlySet<Socket>
  /** Bytes that it has been sent. */
  readonly heard: number
}

async function listen(meet: BadReceiver['meet'], scheme: 'http' | 'https' = 'http'): Promise<Listening> {
  const sockets = new Set<Socket>()
  let heard = 0
  const server: Server = createServer(socket => {
    sockets.add(socket)
    // Whoever hangs or is cut off is an error to somebody, and here it is expected.
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.on('data', chunk => {
      heard += chunk.length
    })
    meet(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    sockets,
    get heard() {
      return heard
    },
  }
}

function deliverer() {
  const clock = new ManualClock()
  const { deliver, close } = openDeliverer({ clock, guard: loopbackGuard })
  closers.push(close)
  const post = (url: URL, body: Uint8Array = Buffer.from('{}')): Promise<Outcome> =>
    deliver({ url, headers: { 'webhook-id': 'msg_1' }, body })
  return { post, clock, close }
}

/** Bodies of this size do not fit into what the system buffers. */
/** More than sockets of any system hold by themselves: with some settings Linux takes 37 MB before anybody has read. */
const LARGE = Buffer.alloc(64 * 1024 * 1024, 'a')
const TIMEOUT = { kind: 'failed', errorClass: 'timeout', ms: CALLBACK_DEADLINE_MS }

const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick++) await new Promise(resolve => setImmediate(resolve))
}

/** Moves the clock to the deadline when the attempt has `begun`, and not a millisecond earlier does it end. */
async function expire(outcome: Promise<Outcome>, clock: ManualClock, begun: () => unknown): Promise<Outcome> {
  await eventually('the attempt to be under way', begun)
  clock.advance(CALLBACK_DEADLINE_MS - 1)
  await ticks(20)
  expect(await Promise.race([outcome, 'waits'])).toBe('waits')
  clock.advance(1)
  return outcome
}

const isTimeout = ({ outcome }: BadReceiver): boolean =>
  outcome.kind === 'failed' && outcome.errorClass === 'timeout'

describe('a receiver that …', () => {
  test.each(BAD_RECEIVERS.map(receiver => [receiver.name, receiver] as const))(
    'CB-6 %s',
    async (_name, receiver) => {
      const listening = await listen(receiver.meet)
      const { post, clock } = deliverer()
      const outcome = post(listening.url)
      const begun = () => listening.sockets.size > 0
      const expected = isTimeout(receiver)
        ? { ...receiver.outcome, ms: CALLBACK_DEADLINE_MS }
        : receiver.outcome
      expect(await (isTimeout(receiver) ? expire(outcome, clock, begun) : outcome)).toMatchObject(expected)
    },
  )

  test('CB-6 never accepts: timeout', async () => {
    // Its queue of two is full, and it is not there to accept anybody.
    const absent = spawn(process.execPath, [
      '-e',
      `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
        require('node:fs').writeSync(1, String(server.address().port))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      })`,
    ])
    closers.push(() => absent.kill('SIGKILL'))
    const port = Number(await once(absent.stdout, 'data'))
    const queued: Socket[] = []
    for (let n = 0; n < 2; n++) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      closers.push(() => socket.destroy())
      await once(socket, 'connect')
      queued.push(socket)
    }
    const { post, clock } = deliverer()
    const outcome = post(new URL(`http://127.0.0.1:${port}/`))
    expect(await expire(outcome, clock, () => queued.length === 2)).toEqual(TIMEOUT)
  })

  test('CB-6 never reads a large body: timeout', async () => {
    const { url, sockets } = await listen(socket => socket.pause())
    const { post, clock } = deliverer()
    expect(await expire(post(url, LARGE), clock, () => sockets.size > 0)).toEqual(TIMEOUT)
  })

  test('CB-6 answers 413 before it has read the body: 413, and the connection is not used again', async () => {
    let connections = 0
    const { url } = await listen(socket => {
      connections++
      socket.once('data', () => {
        socket.pause()
        socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n')
      })
    })
    const { post } = deliverer()
    for (const n of [1, 2]) {
      expect(await post(url, LARGE)).toMatchObject({ kind: 'answered', status: 413 })
      expect(connections).toBe(n)
    }
  })

  test('CB-6 drips its TLS handshake: timeout', async () => {
    const listening = await listen(socket => {
      socket.once('data', () => {
        // The beginning of a record of 4 KB, and then byte after byte of it.
        socket.write(Buffer.from([22, 3, 3, 16, 0]))
        const dripping = setInterval(() => socket.write(Buffer.from([2])), 2)
        socket.on('close', () => clearInterval(dripping))
      })
    }, 'https')
    const { post, clock } = deliverer()
    expect(await expire(post(listening.url), clock, () => listening.heard > 0)).toEqual(TIMEOUT)
  })

  test('CB-6 has a certificate that nobody vouches for: tls, and it is told nothing', async () => {
    let told = 0
    const server = createTlsServer(UNTRUSTED, socket => {
      socket
        .on('error', () => {})
        .on('data', chunk => {
          told += chunk.length
        })
    })
    server.on('tlsClientError', () => {})
    await once(server.listen(0, '127.0.0.1'), 'listening')
    closers.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const { post } = deliverer()
    expect(await post(new URL(`https://127.0.0.1:${port}/`))).toMatchObject({ errorClass: 'tls' })
    expect(told).toBe(0)
  })

  test('CB-6 answers when it is too late: timeout, and its answer is not taken for the next one’s', async () => {
    const late: (() => void)[] = []
    const customer = await openCustomer([
      (_request, response) => late.push(() => response.writeHead(500).end()),
      201,
    ])
    closers.push(customer.close)
    const { post, clock } = deliverer()
    const url = new URL(customer.url)
    expect(await expire(post(url), clock, () => late.length === 1)).toEqual(TIMEOUT)
    const next = post(url)
    late[0]!()
    expect(await next).toMatchObject({ kind: 'answered', status: 201 })
  })

  test('CB-6 answers twice: the second answer is not taken for the next one’s', async () => {
    let requests = 0
    const twice = (status: number) => `HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`
    const { url } = await listen(socket =>
      socket.on('data', () => socket.write(++requests === 1 ? twice(200) + twice(500) : twice(202))),
    )
    const { post } = deliverer()
    expect(await post(url)).toMatchObject({ status: 200 })
    expect(await post(url)).toMatchObject({ status: 202 })
  })

  test('CB-6 folds, repeats and interrupts its head byte by byte: its status and its body are heard', async () => {
    const answer =
      'HTTP/1.1 100 \r\n\r\nHTTP/1.1 201 Created\r\nx: a\r\n b\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok'
    const { url } = await listen(socket =>
      socket.setNoDelay().on('data', async () => {
        for (const byte of answer) {
          socket.write(byte)
          await ticks(3)
        }
      }),
    )
    const { post } = deliverer()
    for (let time = 0; time < 2; time++)
      expect(await post(url)).toMatchObject({ kind: 'answered', status: 201, snippet: 'ok' })
  })

  test.each([
    ['a length of two numbers', 'content-length: 2\r\ncontent-length: 3\r\n\r\nok'],
    ['a header without a name', 'secret\r\ncontent-length: 0\r\n\r\n'],
  ])(
    'CB-6 answers with %s: the attempt says that this is no HTTP, in no word of the receiver',
    async (_name, head) => {
      const { url } = await listen(socket =>
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${head}`)),
      )
      const outcome = await deliverer().post(url)
      expect(outcome).toMatchObject({
        errorClass: 'bad-response',
        reason: expect.stringMatching(/^the answer is not HTTP\/1\.1 \(.+\)$/),
      })
      expect(JSON.stringify(outcome)).not.toContain('secret')
    },
  )

  test('CB-6 redirects to itself hears a callback once', async () => {
    const customer = await openCustomer(() => ({ status: 308, headers: { location: '/' } }))
    closers.push(customer.close)
    const { post } = deliverer()
    expect(await post(new URL(customer.url))).toMatchObject({ status: 308 })
    expect(customer.heard).toHaveLength(1)
  })
})

describe('all of them together', () => {
  const DELIVERIES = 2000
  const GROWTH_MAX_MIB = 8

  setFlagsFromString('--expose_gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const usedMib = async (): Promise<number> => {
    // What finalizers hold is free after the second time.
    for (let time = 0; time < 3; time++) {
      collectGarbage()
      await ticks(5)
    }
    const { heapUsed, external } = process.memoryUsage()
    return (heapUsed + external) / 1024 / 1024
  }
  const socketsOf = (all: readonly Listening[]): number =>
    all.reduce((sum, { sockets }) => sum + sockets.size, 0)

  test(`CB-10 ${DELIVERIES} deliveries to every bad receiver in turn: each as expected, memory flat, no socket left`, async () => {
    const all: Listening[] = []
    for (const { meet } of BAD_RECEIVERS) all.push(await listen(meet))
    const { post, clock, close } = deliverer()
    expect(BAD_RECEIVERS.length).toBeLessThanOrEqual(IN_FLIGHT_MAX)

    const round = async (): Promise<void> => {
      const outcomes = BAD_RECEIVERS.map((_, at) => post(all[at]!.url))
      await Promise.all(outcomes.filter((_, at) => !isTimeout(BAD_RECEIVERS[at]!)))
      clock.advance(CALLBACK_DEADLINE_MS)
      for (const [at, outcome] of (await Promise.all(outcomes)).entries())
        expect(outcome, BAD_RECEIVERS[at]!.name).toMatchObject(BAD_RECEIVERS[at]!.outcome)
    }
    const rounds = Math.ceil(DELIVERIES / BAD_RECEIVERS.length)
    for (let done = 0; done < rounds / 2; done++) await round()
    const halfway = await usedMib()
    for (let done = rounds / 2; done < rounds; done++) await round()
    const end = await usedMib()
    expect(end - halfway).toBeLessThan(GROWTH_MAX_MIB)

    await close()
    await eventually('every socket to be closed', () => {
      // Whoever does not read does not notice that the other side is gone; one may be accepted only now.
      for (const { sockets } of all) for (const socket of sockets) socket.resume()
      return socketsOf(all) === 0
    })
  })
})
