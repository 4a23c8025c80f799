import { eventually } from '@qunhub/testing/eventually.ts'
import { type Outbox, type OutboxOptions, openOutbox, owed } from '@qunhub/testing/grounds/open-outbox.ts'
import { type Customer, type Heard, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { enterNode } from '../store/bots/nodes.ts'
import { enqueueCallback } from '../store/contract/scene.contract.ts'
import { StoreError } from '../store/database/store-error.ts'
import { setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import { replayCallback } from '../store/outbox/replay-callback.ts'
import { CALLBACK_DEADLINE_MS } from './deliver.ts'
import { RETRY_WAITS_MS } from './retry-schedule.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function customerWho(answers?: Parameters<typeof openCustomer>[0]): Promise<Customer> {
  const customer = await openCustomer(answers)
  closers.push(customer.close)
  return customer
}

async function outboxFor(options: OutboxOptions): Promise<Outbox> {
  const outbox = await openOutbox(options)
  closers.push(outbox.close)
  return outbox
}

/** `R:1 2` is the second callback of room R:1. */
const named = ({ json }: Heard): string => {
  const { room, n } = json as { room: string; n: number }
  return `${room} ${n}`
}
const told = (customer: Customer): string[] => customer.heard.map(named)
const states = async (outbox: Pick<Outbox, 'list'>): Promise<string[]> =>
  (await outbox.list()).map(callback => callback.state).toReversed()

/** The disk is full until it is mended. */
function breakWrites(outbox: Outbox): { mend(): void } {
  const { write } = outbox.db
  outbox.db.write = () => Promise.reject(new StoreError('the disk is full'))
  return {
    mend() {
      outbox.db.write = write
    },
  }
}

describe('what is owed', () => {
  test('CB-4 nothing is sent of a change that was undone', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    const undone = outbox.db.write(async tx => {
      await enqueueCallback(tx, outbox.workspaceId, owed('R:1', 1), outbox.clock.now())
      throw new Error('the room could not be saved')
    })
    await expect(undone).rejects.toThrow('the room could not be saved')
    await outbox.courier.idle()
    expect(customer.heard).toEqual([])
    expect(await outbox.list()).toEqual([])
  })

  test('CB-5 it goes to the sub-path of its kind under the base', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: `${customer.url}/hooks/?key=1` })
    await outbox.owe('R:1', 1, 'chatroom/joined')
    await outbox.owe('R:1', 2, 'chatroom/loaded')
    await outbox.courier.idle()
    expect(customer.heard.map(heard => heard.path)).toEqual([
      '/hooks/chatroom/joined?key=1',
      '/hooks/chatroom/loaded?key=1',
    ])
  })

  test('CB-5 what is owed already goes to the new address when it changes', async () => {
    const [old, fresh] = [await customerWho([500]), await customerWho()]
    const outbox = await outboxFor({ url: old.url })
    await outbox.owe('R:1', 1)
    await outbox.courier.idle()
    await setCallbackUrl(
      outbox.db,
      outbox.keyring,
      { bytes: Buffer.alloc, fraction: () => 0 },
      outbox.workspaceId,
      fresh.url,
      0,
    )
    await outbox.pass(1000)
    expect([told(old), told(fresh)]).toEqual([['R:1 1'], ['R:1 1']])
  })

  test('CB-9 it is signed so that an independent verifier accepts it, and carries no other header of ours', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    // Its verifier compares with the clock on the wall.
    outbox.clock.advance(Date.now() - outbox.clock.now())
    await outbox.owe('R:大街小巷', 1)
    const [heard] = (await customer.nextHeard(1)) as [Heard]
    const verified = new Webhook(outbox.secret).verify(heard.body, heard.headers as Record<string, string>)
    expect(verified).toEqual({ room: 'R:大街小巷', n: 1 })
    const { host, connection, 'content-length': length, ...ours } = heard.headers
    expect(ours).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': expect.stringMatching(/^Qunhub\/\d+\.\d+\.\d+$/),
      'webhook-id': expect.stringMatching(/^msg_[\w-]{24,}$/),
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'webhook-signature': expect.stringMatching(/^v1,/),
    })
  })

  test('CB-9 every retry and every replay has the same webhook-id and the same bytes', async () => {
    const customer = await customerWho([500, 503])
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await outbox.pass(0)
    await outbox.pass(1000)
    await outbox.pass(2000)
    const { id, state } = (await outbox.list())[0]!
    expect(state).toBe('delivered')
    expect(await replayCallback(outbox.db, outbox.workspaceId, id, outbox.clock.now())).toBe('replayed')
    await outbox.pass(0)

    expect(customer.heard).toHaveLength(4)
    expect(new Set(customer.heard.map(heard => heard.headers['webhook-id'])).size).toBe(1)
    expect(new Set(customer.heard.map(heard => heard.body.toString('hex'))).size).toBe(1)
    const times = customer.heard.map(heard => Number(heard.headers['webhook-timestamp']))
    expect(times.map(time => time - times[0]!)).toEqual([0, 1, 3, 3])
    expect((await outbox.attempts(id)).map(({ n, status }) => [n, status])).toEqual([
      [1, 500],
      [2, 503],
      [3, 200],
      [4, 200],
    ])
  })

  test('CB-9 a log line names the origin, and neither path, query, secret nor body', async () => {
    const lines: object[] = []
    const note = (facts: object, sentence: string) => lines.push({ ...facts, sentence })
    const customer = await customerWho([500])
    const log = { debug: note, info: note, warn: note, error: note }
    const outbox = await outboxFor({ url: `${customer.url}/canary-path?key=canary-query`, log })
    await outbox.owe('R:canary-body', 1)
    await outbox.pass(0)
    await outbox.pass(1000)
    expect(lines).toEqual([
      expect.objectContaining({
        attempt: 1,
        outcome: 'answered',
        status: 500,
        settle: 'retry',
        origin: customer.url,
      }),
      expect.objectContaining({
        attempt: 2,
        outcome: 'answered',
        status: 200,
        settle: 'delivered',
        kind: 'chatroom/joined',
      }),
    ])
    expect(JSON.stringify(lines)).not.toMatch(/canary|whsec_/)
    expect(JSON.stringify(lines)).not.toContain(outbox.secret)
  })
})

describe('retries', () => {
  test('CB-6 six attempts after 0, 1, 2, 4, 8 and 16 seconds, then it is parked and the room goes on', async () => {
    const customer = await customerWho(heard => (named(heard) === 'R:1 1' ? 500 : 200))
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await outbox.owe('R:1', 2)
    await outbox.pass(0)
    expect(told(customer)).toEqual(['R:1 1'])

    for (const [before, wait] of RETRY_WAITS_MS.entries()) {
      await outbox.pass(wait - 1)
      expect(customer.heard).toHaveLength(before + 1)
      await outbox.pass(1)
      expect(customer.heard.filter(heard => named(heard) === 'R:1 1')).toHaveLength(before + 2)
    }
    expect(told(customer)).toEqual([...Array(6).fill('R:1 1'), 'R:1 2'])
    expect(await states(outbox)).toEqual(['parked', 'delivered'])
    await outbox.pass(3_600_000)
    expect(customer.heard).toHaveLength(7)
  })

  test.each([405, 410, 413, 501])('CB-6 after %i it is parked at once and the room goes on', async status => {
    const customer = await customerWho([status])
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await outbox.owe('R:1', 2)
    await outbox.pass(0)
    expect(told(customer)).toEqual(['R:1 1', 'R:1 2'])
    expect(await states(outbox)).toEqual(['parked', 'delivered'])
  })

  test.each([302, 308, 400, 408, 425, 429, 500, 503])(
    'CB-6 after %i it is tried again a second later',
    async status => {
      const customer = await customerWho([status])
      const outbox = await outboxFor({ url: customer.url })
      await outbox.owe('R:1', 1)
      await outbox.pass(0)
      await outbox.pass(999)
      expect(customer.heard).toHaveLength(1)
      await outbox.pass(1)
      expect(customer.heard).toHaveLength(2)
      expect(await states(outbox)).toEqual(['delivered'])
    },
  )

  test('CB-6 Retry-After of a minute is honoured for twice the wait', async () => {
    const customer = await customerWho([{ status: 503, headers: { 'retry-after': '60' } }])
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await outbox.pass(0)
    await outbox.pass(1999)
    expect(customer.heard).toHaveLength(1)
    await outbox.pass(1)
    expect(customer.heard).toHaveLength(2)
  })

  test('CB-6 a receiver that hangs is given up after five seconds, and tried again a second later', async () => {
    const customer = await customerWho(['hang'])
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await customer.nextHeard(1)
    await outbox.pass(CALLBACK_DEADLINE_MS)
    expect(await outbox.list()).toMatchObject([
      { state: 'due', attempt: 1, lastStatus: null, lastError: 'timeout' },
    ])
    await outbox.pass(1000)
    expect(await outbox.list()).toMatchObject([
      { state: 'delivered', attempt: 2, lastStatus: 200, lastError: null },
    ])
  })

  test('CB-6 a receiver that is away is tried again', async () => {
    const customer = await customerWho()
    const gone = await openCustomer()
    await gone.close()
    const outbox = await outboxFor({ url: gone.url })
    await outbox.owe('R:1', 1)
    await outbox.pass(0)
    expect(await outbox.list()).toMatchObject([{ state: 'due', attempt: 1, lastError: 'connect' }])
    expect(customer.heard).toEqual([])
  })

  test('CB-8 what was parked can be replayed, with five retries anew', async () => {
    const customer = await customerWho([410, 500])
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await outbox.pass(0)
    const { id } = (await outbox.list({ state: 'parked' }))[0]!
    await replayCallback(outbox.db, outbox.workspaceId, id, outbox.clock.now())
    await outbox.pass(0)
    expect(await outbox.list()).toMatchObject([{ state: 'due', attempt: 1 }])
    await outbox.pass(1000)
    expect(await outbox.list()).toMatchObject([{ state: 'delivered', attempt: 2 }])
  })
})

describe('order', () => {
  test('CB-8 callbacks of a room arrive in the order of their commits', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    const expected = Array.from({ length: 40 }, (_, n) => n)
    await Promise.all(expected.map(n => outbox.owe('R:1', n)))
    await outbox.courier.idle()
    expect(told(customer)).toEqual(expected.map(n => `R:1 ${n}`))
  })

  test('CB-8 while a room waits for its retry, its later callbacks wait too and other rooms go on', async () => {
    const customer = await customerWho(heard =>
      named(heard) === 'R:1 1' && customer.heard.length < 3 ? 500 : 200,
    )
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await outbox.pass(0)
    await outbox.owe('R:1', 2)
    await outbox.owe('R:2', 1)
    await outbox.pass(0)
    expect(told(customer)).toEqual(['R:1 1', 'R:2 1'])
    await outbox.pass(1000)
    expect(told(customer)).toEqual(['R:1 1', 'R:2 1', 'R:1 1', 'R:1 2'])
  })

  test('CB-8 order per room survives a receiver that fails every third time', async () => {
    let calls = 0
    const customer = await customerWho(() => (calls++ % 3 === 1 ? 500 : 200))
    const outbox = await outboxFor({ url: customer.url })
    const rooms = Array.from({ length: 20 }, (_, room) => `R:${room}`)
    for (const n of [1, 2, 3, 4, 5]) await Promise.all(rooms.map(room => outbox.owe(room, n)))
    for (let second = 0; second < 120; second++) await outbox.pass(1000)

    expect(new Set(await states(outbox))).toEqual(new Set(['delivered']))
    for (const room of rooms) {
      const order = customer.heard
        .map(heard => heard.json as { room: string; n: number })
        .filter(json => json.room === room)
      expect(order.map(json => json.n)).toEqual(order.map(json => json.n).toSorted())
      expect(new Set(order.map(json => json.n)).size).toBe(5)
    }
  })

  test('CB-10 a room with many callbacks gives way to the others of its address', async () => {
    const customer = await customerWho(() => {
      outbox.clock.advance(1)
      return 200
    })
    const outbox = await outboxFor({ url: customer.url })
    await outbox.db.write(async tx => {
      await tx.run(tx.query.updateTable('callback_address').set({ concurrency: 1 }).compile())
      for (let n = 0; n < 100; n++)
        await enqueueCallback(tx, outbox.workspaceId, owed('R:busy', n), outbox.clock.now())
      await enqueueCallback(tx, outbox.workspaceId, owed('R:quiet', 1), outbox.clock.now())
    })
    await outbox.courier.idle()
    expect(customer.heard).toHaveLength(101)
    expect(told(customer).indexOf('R:quiet 1')).toBeLessThanOrEqual(16)
  })
})

describe('addresses', () => {
  test('CB-10 four are in flight to a slow address, and another address is not delayed', async () => {
    const [slow, quick] = [await customerWho(() => 'hang'), await customerWho()]
    const outbox = await outboxFor({ url: slow.url })
    const other = await outbox.tenant(quick.url)
    for (const room of ['R:1', 'R:2', 'R:3', 'R:4', 'R:5', 'R:6']) await outbox.owe(room, 1)
    await slow.nextHeard(4)
    for (const n of [1, 2, 3]) await other.owe(`R:${n}`, n)
    await quick.nextHeard(3)
    expect(slow.heard).toHaveLength(4)

    outbox.clock.advance(CALLBACK_DEADLINE_MS)
    await slow.nextHeard(2)
    expect(new Set(told(slow)).size).toBe(6)
  })

  test('CB-10 sixteen addresses that hang take every slot once, and then leave half of them to the others', async () => {
    const [slow, quick] = [await customerWho(() => 'hang'), await customerWho()]
    const outbox = await outboxFor({ url: quick.url })
    for (let n = 0; n < 16; n++) {
      const hanging = await outbox.tenant(`${slow.url}/${n}`)
      for (let room = 0; room < 8; room++) await hanging.owe(`R:${room}`, n)
    }
    await slow.nextHeard(64)
    await outbox.owe('R:1', 1)
    outbox.clock.advance(CALLBACK_DEADLINE_MS)
    await slow.nextHeard(32)
    await quick.nextHeard(1)
    for (const n of [2, 3, 4]) {
      await outbox.owe('R:1', n)
      await quick.nextHeard(1)
    }
    expect(slow.heard).toHaveLength(64 + 32)
  })

  test('CB-10 an address that hung beside many others has its slots again with the first answer', async () => {
    const answered: Heard[] = []
    let isWell = false
    const customer = await customerWho(heard => {
      if (!isWell || !heard.path.startsWith('/0/')) return 'hang'
      answered.push(heard)
      return 200
    })
    const outbox = await outboxFor({ url: customer.url })
    for (let n = 0; n < 32; n++) {
      const hanging = await outbox.tenant(`${customer.url}/${n}`)
      for (let room = 0; room < 8; room++) await hanging.owe(`R:${room}`, n)
    }
    await customer.nextHeard(64)
    outbox.clock.advance(CALLBACK_DEADLINE_MS)
    await customer.nextHeard(32)
    const failing = customer.heard.slice(64).filter(({ path }) => path.startsWith('/0/'))
    expect(failing.length).toBeLessThanOrEqual(4)
    isWell = true
    outbox.clock.advance(CALLBACK_DEADLINE_MS)
    // Those of its eight rooms that have just failed wait for a retry; for the others no more time passes.
    await eventually('its other rooms to be told', () => answered.length >= 8 - failing.length)
  })

  test('CB-7 CB-10 an address that hangs while every ten seconds another room has news opens its breaker', async () => {
    const outbox = await outboxFor({ url: (await customerWho(() => 'hang')).url })
    let quarters = 0
    const isOpen = async () => {
      if (quarters++ % 4 === 0) await outbox.owe(`R:${quarters}`, 1)
      outbox.clock.advance(2500)
      const [address] = await outbox.db.all<{ state: string }>({
        sql: 'select state from callback_address',
        parameters: [],
      })
      return address!.state === 'open' || quarters > 240
    }
    await eventually('the breaker to open, or ten minutes to pass', isOpen)
    expect(quarters).toBeLessThan(120)
  })

  test('CB-10 the same where both addresses are on one server', async () => {
    const customer = await customerWho(heard => (heard.path.startsWith('/slow') ? 'hang' : 200))
    const outbox = await outboxFor({ url: `${customer.url}/slow` })
    const other = await outbox.tenant(`${customer.url}/quick`)
    for (const room of ['R:1', 'R:2', 'R:3', 'R:4', 'R:5']) await outbox.owe(room, 1)
    await customer.nextHeard(4)
    for (const n of [1, 2, 3]) await other.owe('R:1', n)
    await customer.nextHeard(3)
    expect(customer.heard.map(heard => heard.path.split('/')[1])).toEqual([
      ...Array(4).fill('slow'),
      ...Array(3).fill('quick'),
    ])
  })

  test('CB-9 a secret that does not open costs no retry: the callback waits for somebody to repair it', async () => {
    const errors: object[] = []
    const silent = () => {}
    const customer = await customerWho()
    const log = { debug: silent, info: silent, warn: silent, error: (facts: object) => errors.push(facts) }
    const outbox = await outboxFor({ url: customer.url, log })
    const seal = (secrets: Uint8Array) =>
      outbox.db.write(tx =>
        tx.run(tx.query.updateTable('callback_address').set({ secrets_sealed: secrets }).compile()),
      )
    await seal(Buffer.alloc(60))
    await outbox.owe('R:1', 1)
    await outbox.pass(0)
    await outbox.owe('R:1', 2)
    await outbox.pass(59_999)
    expect(customer.heard).toEqual([])
    expect(errors).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ name: 'SealBroken' }) }),
    ])

    await seal(outbox.keyring.seal(outbox.secret))
    await outbox.pass(1)
    expect(told(customer)).toEqual(['R:1 1', 'R:1 2'])
    expect(await outbox.list()).toMatchObject([{ attempt: 1 }, { attempt: 1 }])
  })
})

describe('the courier wakes', () => {
  test('CB-12 for a callback that comes while the last of its room is in flight', async () => {
    const customer = await customerWho(async heard => {
      if (named(heard) === 'R:1 1')
        await outbox.db.write(tx => enqueueCallback(tx, outbox.workspaceId, owed('R:1', 2), 0))
      return 200
    })
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await customer.nextHeard(2)
    await outbox.courier.idle()
    expect(await states(outbox)).toEqual(['delivered', 'delivered'])
  })

  test('CB-12 for what is owed to one of many, without asking about the others', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    for (let n = 0; n < 20; n++) await outbox.tenant(customer.url)
    await outbox.courier.idle()
    const { all } = outbox.db
    let asked = 0
    outbox.db.all = ((...given: Parameters<typeof all>) => {
      asked++
      return all.apply(outbox.db, given)
    }) as typeof all
    await outbox.owe('R:1', 1)
    await customer.nextHeard(1)
    outbox.db.all = all
    expect(asked).toBeLessThan(8)
  })

  test('CB-12 for what nobody woke it for, also while another address is woken again and again', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    const busy = await outbox.tenant(customer.url)
    await outbox.courier.idle()
    await outbox.db.write(tx => enqueueCallback(tx, outbox.workspaceId, owed('R:1', 1), outbox.clock.now()))
    for (let n = 0; n < 6; n++) {
      outbox.clock.advance(100)
      outbox.courier.wake(busy.workspaceId)
      await new Promise(resolve => setImmediate(resolve))
    }
    await customer.nextHeard(1)
    expect(told(customer)).toEqual(['R:1 1'])
  })

  test('CB-12 by itself twice a second, for what nobody woke it for', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    await outbox.courier.idle()
    await outbox.db.write(tx => enqueueCallback(tx, outbox.workspaceId, owed('R:1', 1), outbox.clock.now()))
    outbox.clock.advance(500)
    await customer.nextHeard(1)
  })

  test('CB-12 again after the store could not be asked', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    await outbox.courier.idle()
    await outbox.db.write(tx => enqueueCallback(tx, outbox.workspaceId, owed('R:1', 1), outbox.clock.now()))
    const store = breakWrites(outbox)
    outbox.courier.wake()
    await new Promise(resolve => setImmediate(resolve))
    store.mend()
    outbox.clock.advance(500)
    await customer.nextHeard(1)
  })
})

describe('when something breaks', () => {
  test('CB-9 what was delivered is not sent again while the store cannot write that down', async () => {
    const customer = await customerWho(() => {
      store = breakWrites(outbox)
      return 200
    })
    let store = { mend() {} }
    let vain = 0
    const silent = () => {}
    const log = { debug: silent, info: silent, warn: silent, error: () => vain++ }
    const outbox = await outboxFor({ url: customer.url, log })
    await outbox.owe('R:1', 1)
    await eventually('the first try to write it down', () => vain === 1)
    for (let tries = 1; tries < 10; tries++) {
      outbox.clock.advance(5000)
      await eventually('another try', () => vain > tries)
    }
    expect(customer.heard).toHaveLength(1)
    expect(await states(outbox)).toEqual(['due'])

    store.mend()
    await outbox.pass(5000)
    expect(customer.heard).toHaveLength(1)
    expect(await states(outbox)).toEqual(['delivered'])
  })

  test('CB-12 a store that is away is looked for twice a second, not without pause', async () => {
    const customer = await customerWho()
    let vain = 0
    const silent = () => {}
    const log = { debug: silent, info: silent, warn: silent, error: () => vain++ }
    const outbox = await outboxFor({ url: customer.url, log })
    await outbox.courier.idle()
    const { all } = outbox.db
    outbox.db.all = () => Promise.reject(new StoreError('the store is away'))
    outbox.courier.wake()
    await eventually('the first look', () => vain > 0)
    for (let tick = 0; tick < 20; tick++) await new Promise(resolve => setImmediate(resolve))
    expect(vain).toBe(1)
    outbox.clock.advance(500)
    await eventually('the second look', () => vain === 2)
    outbox.db.all = all
  })

  test('CB-6 a retry that falls due while its first try is written down goes out at once', async () => {
    const customer = await customerWho([500])
    const outbox = await outboxFor(customer)
    const { write } = outbox.db
    let isMoved = false
    outbox.db.write = (async (...asked: Parameters<typeof write>) => {
      const written = await write.apply(outbox.db, asked)
      if (customer.heard.length === 1 && !isMoved) {
        isMoved = true
        outbox.clock.advance(2000)
      }
      return written
    }) as typeof write
    await outbox.owe('R:1', 1)
    await customer.nextHeard(2)
    expect(told(customer)).toEqual(['R:1 1', 'R:1 1'])
  })

  test('CB-12 what was in flight when the process ended is sent again, in order', async () => {
    const customer = await customerWho(() => {
      store = breakWrites(outbox)
      return 200
    })
    let store = { mend() {} }
    const outbox = await outboxFor({ url: customer.url })
    await outbox.db.write(async tx => {
      for (const n of [1, 2])
        await enqueueCallback(tx, outbox.workspaceId, owed('R:1', n), outbox.clock.now())
    })
    outbox.courier.wake()
    await customer.nextHeard(1)
    // It ends without having been able to write anything down: as far as the store knows, it was killed.
    await outbox.restart(() => {
      customer.answerWith([])
      store.mend()
    })
    await outbox.pass(500)
    expect(told(customer)).toEqual(['R:1 1', 'R:1 1', 'R:1 2'])
    expect(customer.heard[1]!.headers['webhook-id']).toBe(customer.heard[0]!.headers['webhook-id'])
    expect(await states(outbox)).toEqual(['delivered', 'delivered'])
  })

  test('CB-12 what a dead process ran is free at the start of the next one', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    await outbox.courier.stop()
    await enterNode(outbox.db, 'the dead', null)
    await outbox.db.write(async tx => {
      await tx.run(tx.query.updateTable('callback_address').set({ node_id: 'the dead' }).compile())
      await enqueueCallback(tx, outbox.workspaceId, owed('R:1', 1), outbox.clock.now())
    })
    await outbox.restart()
    await outbox.courier.idle()
    expect(told(customer)).toEqual(['R:1 1'])
  })
})

describe('the courier stops', () => {
  const underWay = ({ courier, addressId }: Outbox) => [...courier.underWay(addressId)]

  test('CB-12 at once when nothing is in flight, and claims nothing any more', async () => {
    const customer = await customerWho()
    const outbox = await outboxFor({ url: customer.url })
    await outbox.courier.idle()
    await outbox.courier.stop()
    await outbox.owe('R:1', 1)
    outbox.clock.advance(60_000)
    await outbox.courier.idle()
    expect(customer.heard).toEqual([])
    expect(outbox.clock.nextIn()).toBeUndefined()
  })

  test('CB-12 after what is in flight has ended, and leaves nothing under way', async () => {
    let answer = () => {}
    const customer = await customerWho([(_request, response) => (answer = () => response.end())])
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await outbox.owe('R:1', 2)
    await customer.nextHeard(1)
    const stopped = outbox.courier.stop()
    answer()
    await stopped
    expect(await states(outbox)).toEqual(['delivered', 'due'])
    expect(underWay(outbox)).toEqual([])
  })

  test('CB-12 within the deadline of what hangs, which counts as an attempt', async () => {
    const customer = await customerWho(['hang'])
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await customer.nextHeard(1)
    const stopped = outbox.courier.stop()
    outbox.clock.advance(CALLBACK_DEADLINE_MS)
    await stopped
    expect(await outbox.list()).toMatchObject([{ state: 'due', attempt: 1, lastError: 'timeout' }])
    expect(underWay(outbox)).toEqual([])
  })

  test('CB-12 within six seconds, even if the store cannot write', async () => {
    const customer = await customerWho(() => {
      breakWrites(outbox)
      return 200
    })
    const outbox = await outboxFor({ url: customer.url })
    await outbox.owe('R:1', 1)
    await customer.nextHeard(1)
    const stopped = outbox.courier.stop()
    outbox.clock.advance(6000)
    await stopped
    expect(outbox.clock.nextIn()).toBeUndefined()
  })
})
