import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AddressGuard, createAddressGuard, isRange, type ResolveName } from '../model/address-guard.ts'
import { resolveName } from '../model/resolve-name.ts'
import { openDeliverer } from './deliver.ts'
import type { Outcome } from './outcome.ts'

/** Listeners on this machine to which nobody may be sent: they count who connects. */
interface Canary {
  readonly port: number
  heard: number
  close(): void
}

const canaries: Canary[] = []
const closers: (() => unknown)[] = []
let port: number

beforeAll(async () => {
  // One port on every address of this machine, of either kind.
  canaries.push(await canaryOn('::', 0))
  ;[{ port }] = canaries as [Canary]
})
afterAll(() => {
  for (const canary of canaries) canary.close()
})
beforeEach(() => {
  for (const canary of canaries) canary.heard = 0
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function canaryOn(host: string, port: number): Promise<Canary> {
  const server = createServer(socket => {
    canary.heard++
    socket.destroy()
  })
  await once(server.listen(port, host), 'listening')
  const canary: Canary = {
    port: (server.address() as AddressInfo).port,
    heard: 0,
    close: () => server.close(),
  }
  return canary
}

const heardByCanaries = (): number => canaries.reduce((sum, { heard }) => sum + heard, 0)

const at = (...addresses: string[]): ResolveName => {
  return async () => addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
}

const production = createAddressGuard([], resolveName)

async function post(url: string, guard: AddressGuard = production): Promise<Outcome> {
  const { deliver, close } = openDeliverer({ clock: new ManualClock(), guard })
  closers.push(close)
  return deliver({ url: new URL(url), headers: {}, body: Buffer.from('{}') })
}

const refusedAddress = { kind: 'failed', errorClass: 'address-refused' }

describe('where a callback may not go', () => {
  test('CB-11 the canary hears whoever is let through', async () => {
    const everywhere = createAddressGuard(['0.0.0.0/0', '::/0'], resolveName)
    for (const host of ['127.0.0.1', '[::1]', 'localhost', '0.0.0.0', '[::ffff:127.0.0.1]'])
      expect(await post(`http://${host}:${port}/`, everywhere), host).not.toMatchObject(refusedAddress)
    expect(heardByCanaries()).toBeGreaterThanOrEqual(5)
  })

  test.each([
    ...['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '017700000001'],
    ...['0177.0.0.1', '127.0.0.1.', '127.255.255.254', '0.0.0.0', '0', '0x0', '%31%32%37.0.0.1'],
    ...['１２７．０．０．１', '①②⑦.⓪.⓪.①', '127。0。0。1', 'LOCALHOST', 'localhost'],
    ...['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0::ffff:0:0]'],
    ...['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b:1::7f00:1]'],
    ...['[2002:7f00:1::]', '[2001:0:7f00:1::1]', '[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]'],
    ...['[ff02::1]', '[100::1]', '[2001:db8::1]', '[3fff::1]', '[5f00::1]', '[4000::1]', '[2001:2::1]'],
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1'],
    ...['100.100.100.200', '168.63.129.16', '192.0.0.192', '192.0.2.1', '198.18.0.1', '198.51.100.1'],
    ...['203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '0xa9fea9fe', '2852039166'],
    ...['[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[::ffff:10.0.0.1]'],
  ])('CB-11 http and https to %s: refused before anything is sent', async host => {
    for (const scheme of ['http', 'https'])
      expect(await post(`${scheme}://${host}:${port}/`)).toMatchObject(refusedAddress)
    expect(heardByCanaries()).toBe(0)
  })

  test.each([
    ['a private address', ['10.0.0.1']],
    ['a public and a private one', ['93.184.215.14', '127.0.0.1']],
    ['a private and a public one', ['127.0.0.1', '93.184.215.14']],
    ['a public IPv4 and a local IPv6 one', ['93.184.215.14', '::1']],
    ['IPv4 in IPv6’s clothes', ['::ffff:127.0.0.1']],
    ['a link-local one with its zone', ['fe80::1%lo']],
    ['something that is no address', ['example.com']],
  ])('CB-11 a name that resolves to %s is refused', async (_what, addresses) => {
    const guard = createAddressGuard([], at(...addresses))
    for (const scheme of ['http', 'https'])
      expect(await post(`${scheme}://shop.example:${port}/`, guard)).toMatchObject(refusedAddress)
    expect(heardByCanaries()).toBe(0)
  })

  test('CB-11 a name that was at an allowed address yesterday is looked at again at each connection', async () => {
    const answers = [at('93.184.215.14'), at('127.0.0.1')]
    const guard = createAddressGuard([], name => answers.shift()!(name))
    expect(await guard.addressesOf('shop.example')).toHaveLength(1)
    expect(await post(`http://shop.example:${port}/`, guard)).toMatchObject(refusedAddress)
    expect(heardByCanaries()).toBe(0)
  })

  test.each(['http', 'https'])(
    'CB-11 %s: who is connected to in the end counts, before the first byte',
    async scheme => {
      const bytes: number[] = []
      const server = createServer(socket => {
        socket.on('error', () => {})
        socket.on('data', chunk => bytes.push(chunk.length))
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      closers.push(() => server.close())
      // Lets the literal pass and then sees through the socket, as if another machine had answered.
      let asked = 0
      const guard: AddressGuard = { allows: () => ++asked === 0, addressesOf: at('127.0.0.1') }
      const { port } = server.address() as AddressInfo
      expect(await post(`${scheme}://127.0.0.1:${port}/`, guard)).toMatchObject(refusedAddress)
      expect(asked).toBe(1)
      expect(bytes).toEqual([])
    },
  )

  test('CB-10 a name server that hangs is asked once for a name, however many callbacks wait for it', async () => {
    let questions = 0
    const answer = Promise.withResolvers<void>()
    const guard = createAddressGuard([], async name => {
      questions++
      await answer.promise
      return at('93.184.215.14')(name)
    })
    const waiting = Array.from({ length: 8 }, () => guard.addressesOf('slow.example'))
    const another = guard.addressesOf('another.example')
    expect(questions).toBe(2)
    answer.resolve()
    await Promise.all([...waiting, another])
    await guard.addressesOf('slow.example')
    expect(questions).toBe(3)
  })

  test('CB-11 a redirect is an answer like any other, and is not followed', async () => {
    const customer = await openCustomer([
      (_request, answer) => answer.writeHead(307, { location: `http://127.0.0.2:${port}/` }).end(),
    ])
    closers.push(customer.close)
    const guard = createAddressGuard(['127.0.0.0/8'], resolveName)
    expect(await post(customer.url, guard)).toMatchObject({ kind: 'answered', status: 307 })
    expect(heardByCanaries()).toBe(0)
  })
})

describe('where a callback may go', () => {
  test.each(['93.184.215.14', '223.5.5.5', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '2408:4000::1'])(
    'CB-11 %s is public',
    ip => {
      expect(production.allows(ip)).toBe(true)
    },
  )

  test('CB-11 what the operator allows, and nothing beside it', async () => {
    const guard = createAddressGuard(['10.1.0.0/16', 'fd00:1::/32'], resolveName)
    expect(guard.allows('10.1.2.3')).toBe(true)
    expect(guard.allows('::ffff:10.1.2.3')).toBe(true)
    expect(guard.allows('fd00:1::2')).toBe(true)
    expect(guard.allows('10.2.0.1')).toBe(false)
    expect(guard.allows('fd00:2::1')).toBe(false)
    expect(guard.allows('127.0.0.1')).toBe(false)
  })

  test('CB-11 an allowed name on this machine is delivered to', async () => {
    const customer = await openCustomer()
    closers.push(customer.close)
    const guard = createAddressGuard(['127.0.0.1/32'], at('127.0.0.1'))
    expect(await post(customer.url.replace('127.0.0.1', 'shop.example'), guard)).toMatchObject({
      status: 200,
    })
    expect(customer.heard).toHaveLength(1)
  })

  test.each([
    '10.0.0.1',
    '10.0.0.0/33',
    '10/8',
    '0x0a.0.0.0/8',
    '::ffff:10.0.0.0/104',
    'shop.example/8',
    '/8',
    '',
  ])('CB-11 %j is no range', text => {
    expect(isRange(text)).toBe(false)
  })
})
