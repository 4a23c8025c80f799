import { type Outbox, openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { type Answer, type Heard, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { afterEach, expect, test } from 'vitest'
import { clearCallbackUrl, setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import { SECOND_MS } from '../system/clock.ts'
import { systemRandom } from '../system/random.ts'

/** A receiver that is being restarted is "not here" for a while: whoever stands in front of it answers 404. */
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function customerWho(answers?: readonly Answer[] | ((heard: Heard) => Answer)) {
  const customer = await openCustomer(answers)
  closers.push(customer.close)
  return customer
}

async function scene(answers?: Parameters<typeof customerWho>[0]) {
  const customer = await customerWho(answers)
  const outbox = await openOutbox({ url: `${customer.url}/hook` })
  closers.push(outbox.close)
  return { customer, outbox }
}

const states = async (outbox: Pick<Outbox, 'list'>) =>
  (await outbox.list()).map(({ state, attempt }) => `${state} ${attempt}`).toReversed()

const setUrl = ({ db, keyring, workspaceId, clock }: Outbox, url: string) =>
  setCallbackUrl(db, keyring, systemRandom, workspaceId, url, clock.now())

test('CB-6 404 for a kind that the base has accepted is tried again, in the order of the room', async () => {
  const { customer, outbox } = await scene([200, 404, 404])
  for (const n of [1, 2, 3]) await outbox.owe('R:1', n)
  await outbox.courier.idle()
  expect(await states(outbox)).toEqual(['delivered 1', 'due 1', 'due 0'])
  await outbox.pass(SECOND_MS)
  await outbox.pass(2 * SECOND_MS)
  expect(await states(outbox)).toEqual(['delivered 1', 'delivered 3', 'delivered 1'])
  expect(customer.heard.map(({ json }) => (json as { n: number }).n)).toEqual([1, 2, 2, 2, 3])
})

test('CB-6 404 for a kind that the base leaves out is final at once, while it takes others', async () => {
  const { outbox } = await scene(({ path }) => (path.endsWith('/chatroom/loaded') ? 404 : 200))
  await outbox.owe('R:1', 1)
  // Rooms are told side by side: before it has taken the first, a 404 would be tried again.
  await outbox.courier.idle()
  await outbox.owe('R:1', 2, 'chatroom/loaded')
  await outbox.owe('R:2', 3, 'chatroom/loaded')
  await outbox.courier.idle()
  expect((await states(outbox)).toSorted()).toEqual(['delivered 1', 'parked 1', 'parked 1'])
})

test('CB-6 a base that has accepted nothing yet may not be there yet: 404 is tried again', async () => {
  const { outbox } = await scene([404, 404])
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  await outbox.pass(SECOND_MS)
  await outbox.pass(2 * SECOND_MS)
  expect(await states(outbox)).toEqual(['delivered 3'])
})

test('CB-6 what is tried again becomes final as soon as the base has taken another kind', async () => {
  const { outbox } = await scene(({ path }) => (path.endsWith('/chatroom/loaded') ? 404 : 200))
  await outbox.owe('R:1', 1, 'chatroom/loaded')
  await outbox.courier.idle()
  expect(await states(outbox)).toEqual(['due 1'])
  await outbox.owe('R:2', 2)
  await outbox.courier.idle()
  await outbox.pass(SECOND_MS)
  expect(await states(outbox)).toEqual(['parked 2', 'delivered 1'])
})

test('CB-6 what a base has accepted is known after a restart of the gateway', async () => {
  const { customer, outbox } = await scene()
  await outbox.owe('R:1', 1)
  await outbox.owe('R:1', 2, 'chatroom/loaded')
  await outbox.courier.idle()
  await outbox.restart()
  customer.answerWith([404, 404])
  await outbox.owe('R:1', 3)
  await outbox.owe('R:2', 4, 'chatroom/loaded')
  await outbox.pass(0)
  await outbox.pass(SECOND_MS)
  expect(await states(outbox)).toEqual(['delivered 1', 'delivered 1', 'delivered 2', 'delivered 2'])
})

test('CB-6 another base has accepted nothing; the former one has not forgotten it', async () => {
  const { customer, outbox } = await scene()
  const former = `${customer.url}/hook`
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  const other = await customerWho(({ path }) => (path.endsWith('/chatroom/loaded') ? 200 : 404))
  await setUrl(outbox, `${other.url}/hook`)
  await outbox.owe('R:1', 2, 'chatroom/loaded')
  await outbox.owe('R:1', 3)
  await outbox.courier.idle()
  expect(await states(outbox)).toEqual(['delivered 1', 'delivered 1', 'parked 1'])

  customer.answerWith([404])
  await setUrl(outbox, former)
  await outbox.owe('R:1', 4)
  await outbox.courier.idle()
  await outbox.pass(SECOND_MS)
  expect((await states(outbox)).at(-1)).toBe('delivered 2')
})

test('CB-6 a base is the same with another key in its query, with a slash at its end, and after it was taken away', async () => {
  const { customer, outbox } = await scene()
  await outbox.owe('R:1', 1)
  await outbox.owe('R:1', 2, 'chatroom/loaded')
  await outbox.courier.idle()
  await clearCallbackUrl(outbox.db, outbox.workspaceId)
  await setUrl(outbox, `${customer.url}/hook/?key=2`)
  customer.answerWith([404])
  await outbox.owe('R:1', 3)
  await outbox.courier.idle()
  await outbox.pass(SECOND_MS)
  expect((await states(outbox)).at(-1)).toBe('delivered 2')
})

test('CB-6 what one workspace’s base has accepted says nothing of another’s', async () => {
  const { customer, outbox } = await scene()
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  const tenant = await outbox.tenant(`${customer.url}/hook`)
  await tenant.owe('R:1', 1, 'chatroom/loaded')
  await outbox.courier.idle()
  customer.answerWith([404])
  await tenant.owe('R:1', 2)
  await outbox.courier.idle()
  expect(await states(tenant)).toEqual(['delivered 1', 'parked 1'])
})
