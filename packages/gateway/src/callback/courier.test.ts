import { afterEach, describe, expect, test } from 'vitest'
import { type Customer, openCustomer } from '../../testing/customer.ts'
import { openOutbox, type Outbox, type OutboxOptions } from '../../testing/open-outbox.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const part of opened.splice(0).toReversed()) await part.close()
})

const customerWho = async (answers?: Parameters<typeof openCustomer>[0]): Promise<Customer> => {
  const customer = await openCustomer(answers)
  opened.push(customer)
  return customer
}
const outbox = async (options: OutboxOptions): Promise<Outbox> => {
  const house = await openOutbox(options)
  opened.push(house)
  return house
}

describe('the smoke', () => {
  test('CB-8 callbacks of a room arrive in order', async () => {
    const customer = await customerWho()
    const { owe, courier, list } = await outbox({ url: customer.url })
    for (const n of [1, 2, 3]) await owe('R:1', n)
    await courier.idle()
    expect(customer.heard.map(heard => heard.json)).toEqual([1, 2, 3].map(n => ({ room: 'R:1', n })))
    expect((await list()).map(callback => callback.state)).toEqual(['delivered', 'delivered', 'delivered'])
  })
})
