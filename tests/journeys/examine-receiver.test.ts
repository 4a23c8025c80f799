import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { type Answer, type Customer, type Heard, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'

let house: House
let secret: string
beforeAll(async () => {
  house = await openHouse()
  secret = (await house.operate('show-callback-secret', {})).secret
})
afterAll(() => house.close())

const isSigned = ({ body, headers }: Heard): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

async function receiver(answer: (heard: Heard) => Answer): Promise<Customer> {
  const customer = await openCustomer(answer)
  onTestFinished(() => customer.close())
  return customer
}

async function examine(url?: string) {
  const { isWell, steps } = await house.operate('examine-receiver', url === undefined ? {} : { url })
  return {
    isWell,
    outcomes: steps.map(({ step, verdict }) => `${step} ${verdict}`),
    last: steps.at(-1)?.said,
  }
}

test('CB-21 a good receiver refuses what nobody signed, and takes what is signed, again, and late; what it hears is no event', async () => {
  const good = await receiver(heard => (isSigned(heard) ? 204 : 401))
  expect(await examine(`${good.url}/hook`)).toMatchObject({
    isWell: true,
    outcomes: [
      ...['name passed', 'connection passed', 'unsigned passed', 'signed passed'],
      ...['latency passed', 'duplicate passed', 'order passed'],
    ],
  })
  const [unsigned, first, again, newer, older] = good.heard
  expect(unsigned?.headers['webhook-signature']).toBeUndefined()
  expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  const toldAt = (heard?: Heard) => Number((heard?.json as { timestamp: string } | undefined)?.timestamp)
  expect(toldAt(older)).toBeLessThan(toldAt(newer))
  for (const { path, json } of good.heard) {
    expect(path).toBe('/hook/callback/test')
    expect(json).toMatchObject({ test: true })
  }
  // The address of the workspace is another one, and stays.
  expect((await house.operate('show-callback-address', {})).url).not.toContain('/hook')
})

test('CB-21 the present address is examined where none is given; one that does not verify, or takes nothing twice, is told of', async () => {
  expect((await examine()).outcomes).toContain('unsigned failed')
  const ids = new Set<unknown>()
  const strict = await receiver(heard => {
    const id = heard.headers['webhook-id']
    const isKnown = ids.has(id)
    ids.add(id)
    return !isSigned(heard) ? 401 : isKnown ? 409 : 200
  })
  expect(await examine(strict.url)).toMatchObject({
    isWell: false,
    outcomes: expect.arrayContaining(['signed passed', 'duplicate failed', 'order passed']),
  })
})

test('CB-21 it ends where nothing more can be seen, and goes nowhere that callbacks do not go', async () => {
  const closed = await openCustomer()
  await closed.close()
  expect(await examine(closed.url)).toMatchObject({ outcomes: ['name passed', 'connection failed'] })
  expect(await examine('http://169.254.169.254/latest')).toMatchObject({
    ...{ isWell: false, outcomes: ['name failed'] },
    last: expect.stringContaining('QUNHUB_CALLBACK_ALLOW_CIDRS'),
  })
  const refusing = await receiver(() => 401)
  expect((await examine(refusing.url)).outcomes.slice(-2)).toEqual(['unsigned passed', 'signed failed'])
})

test('CB-21 a workspace without an address is examined with one that is given, as far as there is a secret', async () => {
  const { id: workspace } = await house.operate('add-workspace', { name: '新的' })
  const reply = await runVerb('examine-receiver', { workspace }, house.gateway.operator)
  expect(reply).toMatchObject({ ok: false, refused: 'callback-url-unset' })
  const fresh = await receiver(() => 401)
  const { steps } = await house.operate('examine-receiver', { workspace, url: fresh.url })
  expect(steps.at(-1)).toMatchObject({ step: 'signed', verdict: 'unseen' })
})
