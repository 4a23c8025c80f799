import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { type Customer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { loopbackGuard } from '@qunhub/testing/receivers/loopback.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { CALLBACK_DEADLINE_MS, type Deliverer, openDeliverer } from './deliver.ts'
import type { Outcome } from './outcome.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

function deliverer(): {
  deliver: Deliverer['deliver']
  post: (url: string) => Promise<Outcome>
  clock: ManualClock
} {
  const clock = new ManualClock()
  const { deliver, close } = openDeliverer({ clock, guard: loopbackGuard })
  closers.push(close)
  return {
    deliver,
    clock,
    post: url => deliver({ url: new URL(url), headers: { 'webhook-id': 'msg_1' }, body: Buffer.from('{}') }),
  }
}

async function customerWho(answers?: Parameters<typeof openCustomer>[0]): Promise<Customer> {
  const customer = await openCustomer(answers)
  closers.push(customer.close)
  return customer
}

/** A receiver below HTTP. */
async function listener(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    onSocket(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('receivers that do not answer', () => {
  test('CB-6 nobody listens: connect', async () => {
    const customer = await openCustomer()
    await customer.close()
    expect(await deliverer().post(customer.url)).toMatchObject({ kind: 'failed', errorClass: 'connect' })
  })

  test('CB-6 a name that does not exist: dns', async () => {
    // A label longer than names can have never leaves this machine.
    expect(await deliverer().post(`http://${'a'.repeat(64)}.invalid/`)).toMatchObject({ errorClass: 'dns' })
  })

  test('CB-6 a handshake that fails: tls', async () => {
    const customer = await customerWho()
    const url = customer.url.replace('http:', 'https:')
    expect(await deliverer().post(url)).toMatchObject({ errorClass: 'tls' })
  })

  test('CB-6 a receiver that hangs up in the handshake: tls', async () => {
    const host = await listener(socket => socket.once('data', () => socket.destroy()))
    expect(await deliverer().post(`https://${host}/`)).toMatchObject({ errorClass: 'tls' })
  })

  test('CB-6 a receiver that hangs up before it answers: reset', async () => {
    const customer = await customerWho([request => request.socket.destroy()])
    expect(await deliverer().post(customer.url)).toMatchObject({ kind: 'failed', errorClass: 'reset' })
    expect(customer.heard).toHaveLength(1)
  })

  test('CB-6 a receiver that hangs up within the request: reset', async () => {
    const host = await listener(socket => socket.once('data', () => socket.resetAndDestroy()))
    const { deliver } = deliverer()
    const outcome = await deliver({
      url: new URL(`http://${host}/`),
      headers: {},
      body: Buffer.alloc(4 * 1024 * 1024),
    })
    expect(outcome).toMatchObject({ errorClass: 'reset' })
  })

  test('CB-6 an answer that is no HTTP: bad-response', async () => {
    const host = await listener(socket => socket.once('data', () => socket.end('220 mail.example ESMTP\r\n')))
    expect(await deliverer().post(`http://${host}/`)).toMatchObject({ errorClass: 'bad-response' })
  })

  test('CB-6 headers without end: bad-response', async () => {
    const host = await listener(socket =>
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(64 * 1024)}`)),
    )
    expect(await deliverer().post(`http://${host}/`)).toMatchObject({ errorClass: 'bad-response' })
  })
})

describe('the deadline of five seconds', () => {
  const expires = async (url: string, begun: () => unknown) => {
    const { post, clock } = deliverer()
    const outcome = post(url)
    await eventually('the attempt to be under way', begun)
    clock.advance(CALLBACK_DEADLINE_MS - 1)
    const early = await Promise.race([outcome, new Promise(resolve => setImmediate(resolve, 'waits'))])
    clock.advance(1)
    return [early, await outcome]
  }
  const timeout = ['waits', { kind: 'failed', errorClass: 'timeout', ms: CALLBACK_DEADLINE_MS }]

  test('CB-6 a receiver that never answers', async () => {
    const customer = await customerWho(['hang'])
    expect(await expires(customer.url, () => customer.heard.length)).toEqual(timeout)
  })

  test('CB-6 a handshake that never ends', async () => {
    let connected = false
    const host = await listener(() => {
      connected = true
    })
    expect(await expires(`https://${host}/`, () => connected)).toEqual(timeout)
  })

  test('CB-6 a body that drips, even behind a 200', async () => {
    let drops = 0
    const customer = await customerWho([
      (_request, response) => {
        const dripping = setInterval(() => drops++ < 10_000 && response.write('.'), 5)
        response.on('close', () => clearInterval(dripping))
      },
    ])
    expect(await expires(customer.url, () => drops > 3)).toEqual(timeout)
  })

  test('CB-6 endless 1xx answers', async () => {
    let sent = 0
    const host = await listener(socket =>
      socket.once('data', () => {
        const sending = setInterval(
          () => sent++ < 10_000 && socket.write('HTTP/1.1 102 Processing\r\n\r\n'),
          5,
        )
        socket.on('close', () => clearInterval(sending))
      }),
    )
    expect(await expires(`http://${host}/`, () => sent > 3)).toEqual(timeout)
  })

  test('CB-6 what expired while the connection was being made is not sent afterwards', async () => {
    const customer = await customerWho()
    const { post, clock } = deliverer()
    const outcome = post(customer.url)
    clock.advance(CALLBACK_DEADLINE_MS)
    expect(await outcome).toMatchObject({ errorClass: 'timeout' })
    await post(customer.url)
    expect(customer.heard).toHaveLength(1)
  })

  test('CB-6 an answered callback leaves no timer behind', async () => {
    const customer = await customerWho()
    const { post, clock } = deliverer()
    await post(customer.url)
    expect(clock.nextIn()).toBeUndefined()
  })
})

describe('receivers that answer', () => {
  test('CB-6 redirects are not followed', async () => {
    const elsewhere = await customerWho()
    const customer = await customerWho([{ status: 307, headers: { location: elsewhere.url } }])
    expect(await deliverer().post(customer.url)).toMatchObject({ kind: 'answered', status: 307 })
    expect(elsewhere.heard).toEqual([])
  })

  test.each([200, 201, 202, 204])('CB-5 %i with garbage or without a body', async status => {
    const body = status === 204 ? '' : Buffer.from([0xff, 0x00, 0xfe, 0x7b])
    const customer = await customerWho([{ status, headers: { 'content-type': 'application/json' }, body }])
    expect(await deliverer().post(customer.url)).toMatchObject({ kind: 'answered', status })
  })

  test.each([1, 2, 3, 7, 11, 12, 13, 26, 31])(
    'CB-6 a 100 that nobody asked for is no answer, wherever the network cuts it: every %i bytes, on one connection again and again',
    async size => {
      let connections = 0
      const answer = Buffer.from(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Yes\r\ncontent-length: 12\r\n\r\nHTTP/1.1 100',
      )
      const host = await listener(socket => {
        connections++
        socket.setNoDelay()
        socket.on('data', async request => {
          if (!request.toString().startsWith('POST ')) return
          for (let from = 0; from < answer.length; from += size) {
            socket.write(answer.subarray(from, from + size))
            await new Promise(resolve => setImmediate(resolve))
          }
        })
      })
      const { post } = deliverer()
      for (let n = 0; n < 3; n++)
        expect(await post(`http://${host}/`)).toMatchObject({ status: 201, snippet: 'HTTP/1.1 100' })
      expect(connections).toBeLessThanOrEqual(2)
    },
  )

  test('CB-6 a 100 before a large body has gone out is no answer either', async () => {
    const host = await listener(socket => {
      let heard = 0
      socket.once('data', () => socket.write('HTTP/1.1 100 Continue\r\n\r\n'))
      socket.on('data', chunk => {
        heard += chunk.length
        if (heard > 1024 * 1024) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      })
    })
    const large = { url: new URL(`http://${host}/`), headers: {}, body: Buffer.alloc(1024 * 1024, 'a') }
    expect(await deliverer().deliver(large)).toMatchObject({ status: 204 })
  })

  test('CB-5 a 200 whose body breaks off is a 200', async () => {
    const customer = await customerWho([
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('half', () => response.destroy())
      },
    ])
    expect(await deliverer().post(customer.url)).toMatchObject({
      kind: 'answered',
      status: 200,
      snippet: 'half',
    })
  })

  test('CB-6 of an endless answer 16 KiB are read, 1 KiB is kept, and the connection is cut', async () => {
    let written = 0
    let cut = false
    const customer = await customerWho([
      (_request, response) => {
        const pump = () => {
          while (!response.destroyed && response.write('群'.repeat(10_000))) written += 30_000
        }
        response.on('drain', pump).on('close', () => {
          cut = true
        })
        pump()
      },
    ])
    const outcome = await deliverer().post(customer.url)
    expect(outcome).toMatchObject({ kind: 'answered', status: 200, snippet: '群'.repeat(341) })
    await eventually('the connection to be cut', () => cut)
    expect(written).toBeLessThan(32 * 1024 * 1024)
  })

  test('CB-6 the snippet is clean text', async () => {
    const customer = await customerWho([{ status: 500, body: Buffer.from('a\0b\xff', 'latin1') }])
    expect(await deliverer().post(customer.url)).toMatchObject({ snippet: 'a\uFFFDb\uFFFD' })
  })

  test('CB-6 Retry-After is understood', async () => {
    const customer = await customerWho([{ status: 503, headers: { 'retry-after': '7' } }])
    expect(await deliverer().post(customer.url)).toMatchObject({ status: 503, retryAfterMs: 7000 })
  })

  test('CB-9 nothing of ours is added to the headers', async () => {
    const customer = await customerWho()
    await deliverer().post(`${customer.url}/in?key=1`)
    const [{ headers, path }] = (await customer.nextHeard(1)) as [Customer['heard'][0]]
    expect(path).toBe('/in?key=1')
    expect(Object.keys(headers).toSorted()).toEqual(['connection', 'content-length', 'host', 'webhook-id'])
  })

  test('CB-10 a connection is used again', async () => {
    const customer = await customerWho()
    const { post } = deliverer()
    for (let n = 0; n < 20; n++) await post(customer.url)
    // Not one: a connection rests for a tick of the event loop after an answer, and the next post does not wait for it.
    expect(customer.connections).toBeLessThanOrEqual(2)
  })
})

describe('a kept-alive connection that the receiver closes under our hands', () => {
  /** The client uses a connection again only after it has rested for a tick of the event loop. */
  const rest = async () => {
    for (let tick = 0; tick < 3; tick++) await new Promise(resolve => setImmediate(resolve))
  }

  test('CB-6 the callback is sent again at once over another one', async () => {
    const customer = await customerWho([200, request => request.socket.destroy(), 201])
    const { post } = deliverer()
    await post(customer.url)
    await rest()
    expect(await post(customer.url)).toMatchObject({ kind: 'answered', status: 201 })
    expect(customer.heard).toHaveLength(3)
  })

  test('CB-6 but only once', async () => {
    const customer = await customerWho()
    const { post } = deliverer()
    // Several connections, so that the second try meets an old one as well.
    await Promise.all(['1', '2', '3', '4'].map(n => post(`${customer.url}/${n}`)))
    await rest()
    customer.answerWith(() => request => request.socket.destroy())
    expect(await post(customer.url)).toMatchObject({ kind: 'failed', errorClass: 'reset' })
    expect(customer.heard).toHaveLength(6)
  })

  test('CB-6 not when an answer had begun', async () => {
    const customer = await customerWho([
      200,
      request => {
        request.socket.end('HTTP/1.1 2')
      },
    ])
    const { post } = deliverer()
    await post(customer.url)
    await rest()
    expect(await post(customer.url)).toMatchObject({ kind: 'failed' })
    expect(customer.heard).toHaveLength(2)
  })
})
