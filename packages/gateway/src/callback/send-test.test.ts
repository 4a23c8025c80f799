import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { loopbackGuard } from '@qunhub/testing/receivers/loopback.ts'
import { callbacks, testCallback, type WorkspaceId } from '@qunhub/wire'
import { receiverAdvice } from '@qunhub/wire/words'
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import { createAddressGuard } from '../model/address-guard.ts'
import type { Receiver } from '../model/receiver.ts'
import { resolveName } from '../model/resolve-name.ts'
import { systemRandom } from '../system/random.ts'
import { CALLBACK_DEADLINE_MS } from './deliver.ts'
import { openTestSender } from './send-test.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

async function scene(guard = loopbackGuard) {
  const clock = new ManualClock(Date.now())
  const customer = await openCustomer()
  closers.push(customer.close)
  const tests = openTestSender({ clock, random: systemRandom, guard })
  closers.push(tests.close)
  const receiver: Receiver = {
    workspaceId: 'a'.repeat(24) as WorkspaceId,
    baseUrl: `${customer.url}/hook/?key=1`,
    secrets: [SECRET],
    header: { name: 'X-Api-Key', value: 'canary' },
  }
  return { clock, customer, tests, receiver }
}

test('CB-20 a test is signed as a callback is, has a kind of its own, and tells of no room', async () => {
  const { clock, customer, tests, receiver } = await scene()
  const answer = await tests.send(receiver)
  const [heard] = customer.heard
  expect(heard!.path).toBe('/hook/callback/test?key=1')
  expect(heard!.headers).toMatchObject({ 'x-api-key': 'canary', ...answer!.signature })
  new Webhook(SECRET).verify(heard!.body.toString(), heard!.headers as Record<string, string>)
  expect(heard!.json).toEqual({
    test: true,
    message: expect.any(String),
    group: receiver.workspaceId,
    timestamp: String(clock.now()),
  })
  expect(callbacks.map(({ kind }) => kind)).not.toContain(testCallback.kind)
  for (const { body } of callbacks) expect(body.safeParse(heard!.json).success).toBe(false)
  expect(answer).toMatchObject({ status: 200, url: `${customer.url}/hook/callback/test?key=1` })
  expect(JSON.stringify(answer)).not.toContain('canary')
})

test('CB-20 it is tried once, and what was answered is told', async () => {
  const { customer, tests, receiver } = await scene()
  customer.answerWith([{ status: 500, body: 'no such table' }])
  expect(await tests.send(receiver)).toMatchObject({ status: 500, answer: 'no such table' })
  expect(customer.heard).toHaveLength(1)
})

test('CB-20 CB-11 an address that callbacks may not go to is sent none', async () => {
  const { customer, tests, receiver } = await scene(createAddressGuard([], resolveName))
  expect(await tests.send(receiver)).toMatchObject({ status: null, errorClass: 'address-refused' })
  expect(customer.connections).toBe(0)
})

test('CB-20 it waits no longer than for a callback, and meanwhile the workspace has no other', async () => {
  const { clock, customer, tests, receiver } = await scene()
  customer.answerWith(['hang'])
  const first = tests.send(receiver)
  await eventually('the test is heard', () => customer.heard.length === 1)
  expect(await tests.send(receiver)).toBeNull()
  clock.advance(CALLBACK_DEADLINE_MS)
  expect(await first).toMatchObject({ status: null, errorClass: 'timeout', ms: CALLBACK_DEADLINE_MS })
  expect(await tests.send(receiver)).toMatchObject({ status: 200 })
})

test.each([301, 400, 401, 403, 404, 405, 410, 413, 415, 418, 429, 500, 503, 999])(
  'CB-20 of %i it is said in both languages what to do',
  status => {
    expect(receiverAdvice({ status, errorClass: null })).toMatch(/^.*\p{Script=Han}.* \/ [\x20-\x7e]+$/u)
  },
)

test.each(['timeout', 'dns', 'connect', 'tls', 'reset', 'bad-response', 'address-refused'])(
  'CB-20 of no answer (%s) it is said what to do, and of a 2xx nothing',
  errorClass => {
    expect(receiverAdvice({ status: null, errorClass })).toMatch(/^.*\p{Script=Han}.* \/ [\x20-\x7e]+$/u)
    expect(receiverAdvice({ status: 204, errorClass: null })).toBeNull()
  },
)
