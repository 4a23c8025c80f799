import { describe, expect, test } from 'vitest'
import { ChatOrders } from './chat-orders.ts'

/** Reads these portions and counts how often it was asked to. */
const table = (...portions: number[][]) => {
  const asked = { times: 0 }
  return {
    asked,
    read: async function* () {
      asked.times += 1
      yield* portions
    },
  }
}

const numbers = async (orders: ChatOrders, tag: string | null, read = table().read): Promise<number[]> =>
  (await orders.of('w', tag, read)).slice(0, 100)

describe('ChatOrders', () => {
  test('ST-62 a reading that fails is told to all who wait for it, and tried again by the next', async () => {
    const orders = new ChatOrders()
    const broken = async function* (): AsyncGenerator<number[]> {
      yield [1]
      throw new RangeError('disk')
    }
    const asked = await Promise.allSettled([orders.of('w', null, broken), orders.of('w', null, broken)])
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await numbers(orders, null, table([1, 2]).read)).toEqual([1, 2])
  })

  test('ST-63 a list is read once, however many ask at once or later', async () => {
    const orders = new ChatOrders()
    const { read, asked } = table([1, 2], [3])
    await Promise.all([orders.of('w', null, read), orders.of('w', null, read)])
    expect(await numbers(orders, null, read)).toEqual([1, 2, 3])
    expect(asked.times).toBe(1)
  })

  test('ST-64 commits during the reading are in the list, whether the reading saw them or not', async () => {
    const orders = new ChatOrders()
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const list = numbers(orders, null, async function* () {
      yield [1, 2, 3]
      await gates[0]!.promise
      yield [7, 8]
      await gates[1]!.promise
    })
    orders.changed('w', [null], 2, false)
    orders.changed('w', [null], 7, true)
    gates[0]!.resolve()
    orders.changed('w', [null], 9, true)
    orders.changed('w', [null], 9, false)
    orders.changed('w', [null], 3, false)
    orders.changed('w', [null], 3, true)
    orders.changed('other', [null], 99, true)
    orders.changed('w', ['tag'], 98, true)
    gates[1]!.resolve()
    expect(await list).toEqual([1, 3, 7, 8])
  })

  test('ST-65 beyond its bound the list that was asked for longest ago is forgotten, and read anew', async () => {
    const orders = new ChatOrders(5)
    const [a, b, c] = [table([1, 2]), table([3, 4]), table([5, 6])]
    await numbers(orders, 'a', a.read)
    await numbers(orders, 'b', b.read)
    await numbers(orders, 'a', a.read)
    await numbers(orders, 'c', c.read)
    await numbers(orders, 'a', a.read)
    await numbers(orders, 'b', b.read)
    expect([a.asked.times, b.asked.times, c.asked.times]).toEqual([1, 2, 1])
  })

  test('ST-66 a list that alone is beyond the bound is kept nevertheless', async () => {
    const orders = new ChatOrders(1)
    const big = table([1, 2, 3])
    await numbers(orders, null, big.read)
    expect(await numbers(orders, null, big.read)).toEqual([1, 2, 3])
    expect(big.asked.times).toBe(1)
  })

  test('ST-67 empty lists are not kept, so that invented tags fill no memory', async () => {
    const orders = new ChatOrders()
    const { read, asked } = table([])
    await numbers(orders, 'invented', read)
    orders.changed('w', ['invented'], 5, true)
    expect(await numbers(orders, 'invented', table([5]).read)).toEqual([5])
    expect(asked.times).toBe(1)
  })
})
