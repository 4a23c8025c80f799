import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, test } from 'vitest'
import {
  rotateCallbackSecret,
  setCallbackUrl,
  setReceiverHeader,
} from '../store/outbox/callback-addresses.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { systemRandom } from '../system/random.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const HEADER = { name: 'X-Api-Key', value: 'canary-1' }

async function scene() {
  const lines: string[] = []
  const note = (...line: unknown[]) => void lines.push(JSON.stringify(line))
  const log = { debug: note, info: note, warn: note, error: note }
  const customer = await openCustomer()
  closers.push(customer.close)
  const outbox = await openOutbox({ url: customer.url, log })
  closers.push(outbox.close)
  await setReceiverHeader(outbox.db, outbox.keyring, outbox.workspaceId, HEADER)
  return { customer, outbox, lines }
}

test('CB-13 the receiver is sent its header with each try of each callback, signed as ever, and nothing else', async () => {
  const { customer, outbox, lines } = await scene()
  outbox.clock.advance(Date.now() - outbox.clock.now())
  customer.answerWith([503])
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  await outbox.pass(SECOND_MS)
  expect(customer.heard.map(({ headers }) => headers['x-api-key'])).toEqual(['canary-1', 'canary-1'])
  const [{ headers, body }] = customer.heard as [(typeof customer.heard)[number]]
  new Webhook(outbox.secret).verify(body.toString(), headers as Record<string, string>)
  expect(Object.keys(headers).toSorted()).toEqual([
    'connection',
    'content-length',
    'content-type',
    'host',
    'user-agent',
    'webhook-id',
    'webhook-signature',
    'webhook-timestamp',
    'x-api-key',
  ])
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.join()).not.toContain('canary')
})

test('CB-13 a signing secret that is replaced leaves the header as it is; one that is taken away is sent no more', async () => {
  const { customer, outbox } = await scene()
  const { db, keyring, workspaceId, clock } = outbox
  const overlap = { at: clock.now(), overlapMs: MINUTE_MS }
  await rotateCallbackSecret(db, keyring, systemRandom, workspaceId, overlap)
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  await setReceiverHeader(db, keyring, workspaceId, null)
  await outbox.owe('R:1', 2)
  await outbox.courier.idle()
  expect(customer.heard.map(({ headers }) => headers['x-api-key'])).toEqual(['canary-1', undefined])
  expect(String(customer.heard[1]!.headers['webhook-signature']).split(' ')).toHaveLength(2)
})

test('CB-13 a header goes to its own host only, and one workspace’s not to another’s receiver', async () => {
  const { outbox } = await scene()
  const { db, keyring, workspaceId, clock } = outbox
  const other = await openCustomer()
  closers.push(other.close)
  const tenant = await outbox.tenant(other.url)
  await tenant.owe('R:1', 1)
  await setCallbackUrl(db, keyring, systemRandom, workspaceId, other.url, clock.now())
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  expect(other.heard.map(({ headers }) => headers['x-api-key'])).toEqual([undefined, undefined])
})

test('CB-13 the store holds neither name nor value of the header', async () => {
  const { outbox } = await scene()
  const rows = await outbox.db.all(outbox.db.query.selectFrom('callback_address').selectAll().compile())
  const kept = rows
    .map(row =>
      Object.values(row)
        .map(value => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
        .join(),
    )
    .join()
  expect(kept).not.toMatch(/canary|X-Api-Key/i)
})
