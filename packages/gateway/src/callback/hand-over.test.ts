import { type AddressInfo, createServer } from 'node:net'
import { inspect } from 'node:util'
import { type Outbox, openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { type Customer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, onTestFinished, test } from 'vitest'
import { EXHAUSTIONS_MAX, OPEN_MS } from '../model/breaker.ts'
import { setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import type { Log } from '../system/log.ts'
import { systemRandom } from '../system/random.ts'
import { silentMeter } from './callback-meter.ts'
import { CALLBACK_DEADLINE_MS } from './deliver.ts'
import { FAULT_WAIT_MS, FAULTS_MAX } from './what-becomes.ts'

interface Line {
  readonly level: keyof Log
  readonly facts: object
  readonly sentence: string
}

/** The log of an outbox whose base has canaries in its path and in its query; a room's name stands in every body. */
async function openLogged(base: string): Promise<{ outbox: Outbox; lines: Line[]; settled: string[] }> {
  const lines: Line[] = []
  const settled: string[] = []
  const meter = {
    ...silentMeter,
    settled: (kind: string, settle: string) => void settled.push(`${kind} ${settle}`),
  }
  const hear = (level: keyof Log) => (facts: object, sentence: string) =>
    void lines.push({ level, facts, sentence })
  const log: Log = { debug: hear('debug'), info: hear('info'), warn: hear('warn'), error: hear('error') }
  const outbox = await openOutbox({ url: `${base}/canary-path?token=canary-query`, log, meter })
  onTestFinished(() => outbox.close())
  return { outbox, lines, settled }
}

async function customerWho(answers?: Parameters<typeof openCustomer>[0]): Promise<Customer> {
  const customer = await openCustomer(answers)
  onTestFinished(() => customer.close())
  return customer
}

/** A base where nobody listens. */
async function deserted(): Promise<string> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

/** Everything that any logger could print of them: causes, hidden properties, however deep. */
const everythingIn = (lines: readonly Line[]): string =>
  inspect(lines, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null })

const expectNoSecretIn = (lines: readonly Line[], { secret }: Outbox): void => {
  const text = everythingIn(lines)
  for (const hidden of ['canary', secret, secret.replace('whsec_', ''), 'v1,', '?'])
    expect(text).not.toContain(hidden)
}

test('G-9 an attempt is one line: which callback, whose, the how-manieth attempt, what came of it, how long it took', async () => {
  const customer = await customerWho([
    { status: 503, body: 'canary-answer', headers: { 'x-echo': 'canary-header' } },
    'hang',
    { status: 200, body: 'canary-answer' },
  ])
  const { outbox, lines } = await openLogged(customer.url)
  await outbox.owe('R:canary-room', 1)
  await outbox.courier.idle()
  outbox.clock.advance(1000)
  await customer.nextHeard(2)
  await outbox.pass(CALLBACK_DEADLINE_MS)
  await outbox.pass(2000)

  const { workspaceId } = outbox
  const [{ webhookId } = { webhookId: '' }] = await outbox.list()
  expect(customer.heard.map(({ headers }) => headers['webhook-id'])).toEqual(Array(3).fill(webhookId))
  const always = { workspaceId, webhookId, kind: 'chatroom/joined', origin: customer.url }
  expect(lines).toEqual([
    {
      level: 'warn',
      facts: { ...always, attempt: 1, outcome: 'answered', status: 503, settle: 'retry', ms: 0 },
      sentence: 'a callback was not delivered',
    },
    {
      level: 'warn',
      facts: {
        ...always,
        attempt: 2,
        outcome: 'failed',
        errorClass: 'timeout',
        settle: 'retry',
        ms: CALLBACK_DEADLINE_MS,
      },
      sentence: 'a callback was not delivered',
    },
    {
      level: 'info',
      facts: { ...always, attempt: 3, outcome: 'answered', status: 200, settle: 'delivered', ms: 0 },
      sentence: 'a callback was delivered',
    },
  ])
  expectNoSecretIn(lines, outbox)
})

test('G-9 neither does a line about an attempt that never reached anybody hold a path, a query, a body or a secret', async () => {
  const { outbox, lines } = await openLogged(await deserted())
  await outbox.owe('R:canary-room', 1)
  await outbox.courier.idle()
  await setCallbackUrl(
    outbox.db,
    outbox.keyring,
    systemRandom,
    outbox.workspaceId,
    // Of documentation: the guard of tests allows loopback alone beside the public addresses.
    'http://192.0.2.1/canary-path?token=canary-query',
    outbox.clock.now(),
  )
  await outbox.pass(1000)
  expect(lines).toMatchObject([
    { facts: { attempt: 1, outcome: 'failed', errorClass: 'connect' } },
    { facts: { attempt: 2, outcome: 'failed', errorClass: 'address-refused', origin: 'http://192.0.2.1' } },
  ])
  expectNoSecretIn(lines, outbox)
})

test('G-9 nor does a line about a fault of ours, which is no attempt', async () => {
  const customer = await customerWho()
  const { outbox, lines } = await openLogged(customer.url)
  await breakSecrets(outbox)
  await outbox.owe('R:canary-room', 1)
  await outbox.courier.idle()
  expect(customer.heard).toEqual([])
  const { workspaceId } = outbox
  const [{ webhookId } = { webhookId: '' }] = await outbox.list()
  const facts = { workspaceId, webhookId, kind: 'chatroom/joined', err: expect.any(Error), waitMs: 60_000 }
  expect(lines).toEqual([{ level: 'error', facts, sentence: 'a fault of ours: the callback is put off' }])
  expectNoSecretIn(lines, outbox)
})

test('G-9 MET-13 a callback that is quarantined is told of once, when it is, and counted', async () => {
  const customer = await customerWho()
  const { outbox, lines, settled } = await openLogged(customer.url)
  await breakSecrets(outbox)
  await outbox.owe('R:canary-room', 1)
  await outbox.courier.idle()
  for (let fault = 2; fault < FAULTS_MAX; fault++) await outbox.pass(FAULT_WAIT_MS)
  expect(settled).toEqual([])
  await outbox.pass(FAULT_WAIT_MS)
  const quarantinedAt = outbox.clock.now()
  await outbox.pass(FAULT_WAIT_MS)
  const [{ webhookId } = { webhookId: '' }] = await outbox.list()
  expect(await outbox.list()).toMatchObject([{ state: 'quarantined', settledAt: quarantinedAt }])
  expect(lines.filter(({ sentence }) => sentence !== 'a fault of ours: the callback is put off')).toEqual([
    {
      level: 'error',
      facts: { workspaceId: outbox.workspaceId, webhookId, kind: 'chatroom/joined' },
      sentence: 'a callback is quarantined: for a fault of ours it could not be sent again and again',
    },
  ])
  expect(settled).toEqual(['chatroom/joined quarantined'])
  expectNoSecretIn(lines, outbox)
})

test('G-9 MET-13 a callback whose probe fails is told of and counted as held, for it loses no retry', async () => {
  const customer = await customerWho(() => 503)
  const { outbox, lines, settled } = await openLogged(customer.url)
  for (let n = 1; n <= EXHAUSTIONS_MAX; n++) await outbox.owe(`R:${n}`, n)
  await outbox.courier.idle()
  for (const seconds of [1, 2, 4, 8, 16]) await outbox.pass(seconds * 1000)
  await outbox.owe('R:probe', 11)
  await outbox.courier.idle()
  lines.length = 0
  settled.length = 0

  await outbox.pass(OPEN_MS)
  const attempt = { attempt: 6, outcome: 'answered', status: 503, settle: 'held' }
  expect(lines).toMatchObject([
    { level: 'warn', facts: attempt, sentence: 'a callback was not delivered' },
    { level: 'warn', sentence: expect.stringContaining('the breaker opened') },
  ])
  expect(settled).toEqual(['chatroom/joined held'])
  const attempts = (await outbox.list({ state: 'due' })).map(({ attempt }) => attempt)
  expect(attempts).toEqual([0, ...Array(EXHAUSTIONS_MAX).fill(6)])

  // What the receiver refuses for good is parked, on a probe as well.
  customer.answerWith(() => 404)
  await outbox.pass(OPEN_MS)
  expect(settled).toEqual([
    'chatroom/joined held',
    ...Array(EXHAUSTIONS_MAX + 1).fill('chatroom/joined parked'),
  ])
})

const breakSecrets = ({ db }: Outbox): Promise<number> =>
  db.write(tx =>
    tx.run(
      tx.query
        .updateTable('callback_address')
        .set({ secrets_sealed: Buffer.from('broken') })
        .compile(),
    ),
  )
