import { type Outbox, openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { type Answer, type Customer, type Heard, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, test } from 'vitest'
import { EXHAUSTIONS_MAX, OPEN_MS } from '../model/breaker.ts'
import { resumeAddress } from '../store/outbox/breaker-row.ts'
import { describeAddress, rotateCallbackSecret } from '../store/outbox/callback-addresses.ts'
import { replayCallback } from '../store/outbox/replay-callback.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { systemRandom } from '../system/random.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function scene(answer: (heard: Heard) => Answer): Promise<{ customer: Customer; outbox: Outbox }> {
  const customer = await openCustomer(answer)
  closers.push(customer.close)
  const outbox = await openOutbox({ url: customer.url })
  closers.push(outbox.close)
  return { customer, outbox }
}

/** All five retries and a little more: 1 + 2 + 4 + 8 + 16 s. */
async function useUpRetries(outbox: Outbox): Promise<void> {
  await outbox.courier.idle()
  for (const seconds of [1, 2, 4, 8, 16]) await outbox.pass(seconds * SECOND_MS + 1)
}

const oweRooms = async (outbox: Outbox, from: number, to: number) => {
  for (let n = from; n <= to; n++) await outbox.owe(`R:${n}`, n)
}
const numbers = (heard: readonly Heard[]) => heard.map(({ json }) => (json as { n: number }).n)
const statesOf = async (outbox: Outbox) => {
  const counts: Record<string, number> = {}
  for (const { state } of await outbox.list()) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

describe('an address that takes nothing', () => {
  test('CB-7 after ten exhausted callbacks nothing is sent for 30 minutes, and nothing is dropped', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    const before = customer.heard.length
    expect(await statesOf(outbox)).toEqual({ due: EXHAUSTIONS_MAX })

    await oweRooms(outbox, 11, 40)
    for (let minutes = 0; minutes < 29; minutes++) await outbox.pass(MINUTE_MS)
    expect(customer.heard).toHaveLength(before)
    expect(await statesOf(outbox)).toEqual({ due: EXHAUSTIONS_MAX + 30 })
  })

  test('CB-7 nine exhausted callbacks hold nothing up', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX - 1)
    await useUpRetries(outbox)
    customer.answerWith([])
    const before = customer.heard.length
    await outbox.owe('R:99', 99)
    await outbox.courier.idle()
    expect(numbers(customer.heard.slice(before))[0]).toBe(99)
    // And what waited for the address arrives with it (CB-8).
    expect(await statesOf(outbox)).toEqual({ delivered: EXHAUSTIONS_MAX })
  })

  test('CB-7 those that used up their retries before a clock was set back do not count again until it has caught up', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX - 1)
    await useUpRetries(outbox)
    outbox.clock.step(-HOUR_MS)
    await outbox.pass(10 * MINUTE_MS)
    await outbox.owe('R:10', 10)
    await useUpRetries(outbox)
    customer.answerWith([])
    const before = customer.heard.length
    await outbox.owe('R:99', 99)
    await outbox.courier.idle()
    expect(numbers(customer.heard.slice(before))[0]).toBe(99)
    expect(await statesOf(outbox)).toEqual({ delivered: EXHAUSTIONS_MAX + 1 })
  })

  test('CB-7 a clock that is set back by seconds takes none of the ten away', async () => {
    const { outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX - 1)
    await useUpRetries(outbox)
    outbox.clock.step(-50 * SECOND_MS)
    await outbox.owe('R:10', 10)
    await useUpRetries(outbox)
    expect((await describeAddress(outbox.db, outbox.workspaceId))?.breaker).toBe('open')
  })

  test('CB-7 a room whose callback opened the breaker does not go on with its next one', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX - 1)
    await useUpRetries(outbox)
    await outbox.owe('R:1', 10)
    await outbox.owe('R:1', 11)
    await useUpRetries(outbox)
    expect(numbers(customer.heard)).toContain(10)
    expect(numbers(customer.heard)).not.toContain(11)
  })

  test('CB-7 a probe that fails waits another 30 minutes and loses no retry; the next one is another room’s', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    for (const room of [11, 12, 13]) {
      await outbox.owe(`R:${room}`, room)
      outbox.clock.advance(1)
    }
    const probed: number[][] = []
    for (let probes = 1; probes <= EXHAUSTIONS_MAX + 4; probes++) {
      const before = customer.heard.length
      await outbox.pass(OPEN_MS)
      probed.push(numbers(customer.heard.slice(before)))
    }
    // Those that opened it are the oldest.
    expect(probed).toEqual([...Array.from({ length: 13 }, (_, n) => [n + 1]), [1]])
    const held = await outbox.list({ state: 'due' })
    expect(held.map(({ attempt }) => attempt)).toEqual([0, 0, 0, ...Array(EXHAUSTIONS_MAX).fill(6)])
  })

  test('CB-7 one callback that a recovered receiver always answers with 500 does not keep the address shut', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    for (const room of [11, 12, 13]) {
      await outbox.owe(`R:${room}`, room)
      outbox.clock.advance(1)
    }
    customer.answerWith(({ json }) => ((json as { n: number }).n === 11 ? 500 : 200))
    await outbox.pass(OPEN_MS)
    await outbox.pass(OPEN_MS)
    await useUpRetries(outbox)
    expect(await statesOf(outbox)).toEqual({ parked: 1, delivered: EXHAUSTIONS_MAX + 2 })
  })

  test('CB-7 a probe that is answered 404 decides nothing: its callback is parked, and the next one is the probe at once', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    for (const room of [11, 12, 13]) {
      await outbox.owe(`R:${room}`, room)
      outbox.clock.advance(1)
    }
    const before = customer.heard.length
    customer.answerWith(({ json }) => ((json as { n: number }).n === 13 ? 503 : 404))
    await outbox.pass(OPEN_MS)
    expect(numbers(customer.heard.slice(before))).toEqual(Array.from({ length: 13 }, (_, n) => n + 1))
    expect(await statesOf(outbox)).toEqual({ parked: EXHAUSTIONS_MAX + 2, due: 1 })
    await outbox.pass(OPEN_MS - MINUTE_MS)
    expect(customer.heard).toHaveLength(before + 13)
  })

  test('CB-7 a process that ends and starts again keeps to the 30 minutes', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    await oweRooms(outbox, 11, 11)
    const before = customer.heard.length
    await outbox.restart()
    await outbox.pass(29 * MINUTE_MS)
    expect(customer.heard).toHaveLength(before)
  })

  test('CB-7 when the probe is taken, everything held arrives, in the order of each room', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    for (let n = 1; n <= 100; n++) {
      await outbox.owe(`room ${n % 7}`, n)
      outbox.clock.advance(1)
    }
    const before = customer.heard.length
    customer.answerWith([])
    await outbox.pass(OPEN_MS)
    const arrived = customer.heard.slice(before)
    expect(arrived[0]!.json).toEqual({ room: 'R:1', n: 1 })
    const heard = arrived.filter(({ json }) => (json as { room: string }).room.startsWith('room'))
    expect(numbers(heard).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    for (let room = 0; room < 7; room++) {
      const ofRoom = numbers(heard).filter(n => n % 7 === room)
      expect(ofRoom).toEqual(ofRoom.toSorted((a, b) => a - b))
    }
    expect(await statesOf(outbox)).toEqual({ delivered: EXHAUSTIONS_MAX + 100 })
  })

  test('CB-7 an operator who resumes need not wait', async () => {
    const { customer, outbox } = await scene(() => 503)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    await oweRooms(outbox, 11, 12)
    customer.answerWith([])
    const before = customer.heard.length
    expect(await resumeAddress(outbox.db, outbox.workspaceId)).toBe(true)
    await outbox.pass(500)
    const heard = numbers(customer.heard.slice(before))
    expect(heard[0]).toBe(1)
    expect(heard.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
  })

  test('CB-7 refusals that are final do not count: 404 parks each callback and holds up none', async () => {
    const { customer, outbox } = await scene(({ path }) => (path.endsWith('/loaded') ? 200 : 404))
    await outbox.owe('R:0', 0, 'chatroom/loaded')
    await outbox.courier.idle()
    await oweRooms(outbox, 1, 3 * EXHAUSTIONS_MAX)
    await outbox.courier.idle()
    expect(customer.heard).toHaveLength(3 * EXHAUSTIONS_MAX + 1)
    expect(await statesOf(outbox)).toEqual({ parked: 3 * EXHAUSTIONS_MAX, delivered: 1 })
  })

  test('CB-7 404 from a base that has accepted nothing yet does not count either, however often it is tried', async () => {
    const { customer, outbox } = await scene(() => 404)
    await oweRooms(outbox, 1, 2 * EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    expect(await statesOf(outbox)).toEqual({ parked: 2 * EXHAUSTIONS_MAX })
    customer.answerWith([])
    await outbox.owe('R:99', 99)
    await outbox.courier.idle()
    expect(numbers(customer.heard).at(-1)).toBe(99)
  })

  test('CB-7 404 for a kind that the base has accepted counts as any other failure, and what comes then is held', async () => {
    const { customer, outbox } = await scene(() => 200)
    await outbox.owe('R:0', 0)
    await outbox.courier.idle()
    customer.answerWith(() => 404)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    await outbox.owe('R:99', 99)
    await outbox.courier.idle()
    expect(await statesOf(outbox)).toEqual({ delivered: 1, due: EXHAUSTIONS_MAX + 1 })
    // Not there at the time of the probe: held again, and not lost.
    await outbox.pass(OPEN_MS)
    expect(await statesOf(outbox)).toMatchObject({ due: EXHAUSTIONS_MAX + 1 })
    customer.answerWith([])
    await outbox.pass(OPEN_MS)
    expect(await statesOf(outbox)).toEqual({ delivered: EXHAUSTIONS_MAX + 2 })
  })

  test('CB-7 rooms whose body is too large for the receiver (413) cost one try each, and the others go on', async () => {
    const { customer, outbox } = await scene(({ json }) => ((json as { n: number }).n < 99 ? 413 : 200))
    await oweRooms(outbox, 1, 2 * EXHAUSTIONS_MAX)
    await outbox.courier.idle()
    await outbox.owe('R:99', 99)
    await outbox.courier.idle()
    expect(customer.heard).toHaveLength(2 * EXHAUSTIONS_MAX + 1)
    expect(await statesOf(outbox)).toEqual({ parked: 2 * EXHAUSTIONS_MAX, delivered: 1 })
    expect(await describeAddress(outbox.db, outbox.workspaceId)).toMatchObject({ breaker: 'closed' })
  })

  test('CB-7 replayed callbacks that nobody takes do not count', async () => {
    const { customer, outbox } = await scene(() => 410)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await outbox.courier.idle()
    customer.answerWith(() => 503)
    for (const { id } of await outbox.list())
      await replayCallback(outbox.db, outbox.workspaceId, id, outbox.clock.now())
    outbox.courier.wake()
    await useUpRetries(outbox)
    customer.answerWith([])
    const before = customer.heard.length
    await outbox.owe('R:99', 99)
    await outbox.courier.idle()
    expect(numbers(customer.heard.slice(before))).toEqual([99])
  })

  test('CB-10 an address that is held holds up no other', async () => {
    const { outbox } = await scene(() => 503)
    const other = await openCustomer()
    closers.push(other.close)
    const tenant = await outbox.tenant(other.url)
    await oweRooms(outbox, 1, EXHAUSTIONS_MAX)
    await useUpRetries(outbox)
    await oweRooms(outbox, 11, 20)
    await tenant.owe('R:1', 1)
    await outbox.courier.idle()
    expect(numbers(other.heard)).toEqual([1])
  })
})

describe('a secret that is replaced', () => {
  const verifies = (secret: string, { headers, body }: Heard): boolean => {
    try {
      new Webhook(secret).verify(body.toString(), headers as Record<string, string>)
      return true
    } catch {
      return false
    }
  }

  test('CB-9 during the overlap callbacks are signed with both, in one header; afterwards with the new one', async () => {
    const customer = await openCustomer()
    closers.push(customer.close)
    const outbox = await openOutbox({ url: customer.url })
    closers.push(outbox.close)
    // The independent verifier compares the time of a signature with the real clock.
    outbox.clock.advance(Date.now() - outbox.clock.now())
    const rotated = await rotateCallbackSecret(outbox.db, outbox.keyring, systemRandom, outbox.workspaceId, {
      at: outbox.clock.now(),
      overlapMs: 2 * SECOND_MS,
    })
    const [former, secret] = [outbox.secret, rotated!.secret]
    expect(secret).not.toBe(former)
    await outbox.owe('R:1', 1)
    await outbox.courier.idle()
    await outbox.pass(2 * SECOND_MS)
    await outbox.owe('R:1', 2)
    await outbox.courier.idle()
    const [during, after] = customer.heard
    expect([former, secret].map(key => verifies(key, during!))).toEqual([true, true])
    expect(String(during!.headers['webhook-signature']).split(' ')).toHaveLength(2)
    expect([former, secret].map(key => verifies(key, after!))).toEqual([false, true])
  })

  test('CB-9 0 callbacks are rejected by receivers that change at any moment of the overlap, under load', async () => {
    let rejected = 0
    let accepted: string[] = []
    const customer = await openCustomer(heard => {
      if (accepted.some(secret => verifies(secret, heard))) return 200
      rejected++
      return 401
    })
    closers.push(customer.close)
    const outbox = await openOutbox({ url: customer.url })
    closers.push(outbox.close)
    outbox.clock.advance(Date.now() - outbox.clock.now())
    accepted = [outbox.secret]
    const owing = (async () => {
      for (let n = 1; n <= 300; n++) await outbox.owe(`R:${n % 20}`, n)
    })()
    for (let tick = 0; tick < 3; tick++) {
      await customer.nextHeard(20)
      const { secret } = (await rotateCallbackSecret(
        outbox.db,
        outbox.keyring,
        systemRandom,
        outbox.workspaceId,
        { at: outbox.clock.now(), overlapMs: 24 * HOUR_MS },
      ))!
      await customer.nextHeard(20)
      // The receiver knows the new one from here on, and the old one no longer.
      accepted = [secret]
    }
    await owing
    await outbox.courier.idle()
    expect(rejected).toBe(0)
    expect(customer.heard).toHaveLength(300)
  })
})
