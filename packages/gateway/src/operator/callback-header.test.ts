import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSecrets } from '../store/outbox/receiver-secrets.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
  await office.workspaceNamed('甲')
})
afterEach(() => office.close())

const BASE = 'https://crm.example.com/hook?x=1'

/** What the store has of it, opened. */
async function keptHeader() {
  const { db, keyring } = office.deps
  const row = await db.first(db.query.selectFrom('callback_address').select('secrets_sealed').compile())
  return openSecrets(keyring, row!.secrets_sealed).header
}

test('CB-13 one header is kept for the receiver, and only its name is ever told', async () => {
  expect(await office.ask('set-callback-header', { header: 'X-Api-Key', value: 'canary-1' })).toMatchObject({
    refused: 'callback-url-unset',
  })
  await office.value('set-callback-url', { url: BASE })
  const told = [
    await office.ask('set-callback-header', { header: 'X-Api-Key', value: 'canary-1' }),
    await office.ask('show-callback-address', {}),
    await office.ask('show-callback-secret', {}),
    await office.ask('rotate-callback-secret', {}),
    await office.ask('set-callback-header', { header: 'X-Api-Key', value: 'canary-2' }),
    await office.ask('set-callback-url', { url: BASE }),
  ]
  expect(told[1]).toMatchObject({ value: { header: 'X-Api-Key' } })
  expect(JSON.stringify(told)).not.toContain('canary')
  expect(await keptHeader()).toEqual({ name: 'X-Api-Key', value: 'canary-2' })
  expect(await office.value('clear-callback-header', {})).toMatchObject({ cleared: true })
  expect(await office.value('clear-callback-header', {})).toMatchObject({ cleared: false })
  expect(await office.value('show-callback-address', {})).toMatchObject({ header: null })
})

test('CB-13 the header stays on its host: another one is never shown it, and it is said that it is gone', async () => {
  await office.value('set-callback-url', { url: BASE })
  await office.value('set-callback-header', { header: 'X-Api-Key', value: 'canary' })
  expect(await office.value('set-callback-url', { url: 'https://crm.example.com/other' })).toMatchObject({
    header: 'X-Api-Key',
  })
  expect(await office.value('set-callback-url', { url: 'https://elsewhere.example/hook' })).toEqual({
    workspaceId: expect.any(String),
    url: 'https://elsewhere.example/hook',
    secret: null,
    formerHeader: 'X-Api-Key',
  })
  expect(await keptHeader()).toBeNull()
})

test.each([
  ['https://user:password@crm.example.com/hook', 'user:password', 'https://crm.example.com/hook'],
  ['https://us%40er:p%40ss%2Fw%3A%25@crm.example.com/hook?x=1', 'us@er:p@ss/w:%', BASE],
  ['https://user@crm.example.com/all', 'user:', 'https://crm.example.com/all'],
  ['https://:key@crm.example.com', ':key', 'https://crm.example.com'],
  ['https://用户:口令@crm.example.com/', '用户:口令', 'https://crm.example.com/'],
])('CB-13 a user and a password in the base become its header: %s', async (given, credentials, url) => {
  const set = await office.value('set-callback-url', { url: given })
  expect(set).toMatchObject({ url, header: 'Authorization' })
  expect(await keptHeader()).toEqual({
    name: 'Authorization',
    value: `Basic ${Buffer.from(credentials).toString('base64')}`,
  })
})

test.each([
  'Host',
  'content-type',
  'Content-Length',
  'Content-Encoding',
  'CONNECTION',
  'Keep-Alive',
  'transfer-encoding',
  'TE',
  'Trailer',
  'Upgrade',
  'Expect',
  'Proxy-Authorization',
  'User-Agent',
  'webhook-id',
  'Webhook-Signature',
  'webhook-anything',
  '',
  'X Key',
  'X-Key:',
  'X-Key\r\nX-Other',
  '请求头',
  'a'.repeat(101),
])('CB-13 a name that HTTP or the callback needs, or that is none, is refused: %j', async header => {
  await office.value('set-callback-url', { url: BASE })
  const reply = await office.ask('set-callback-header', { header, value: 'canary' })
  expect(reply).toMatchObject({ ok: false, refused: 'malformed', message: expect.stringContaining('header') })
  expect(JSON.stringify(reply)).not.toContain('canary')
  expect(await keptHeader()).toBeNull()
})

test.each([
  '',
  ' ',
  'canary\r\nX-Other: 1',
  'canary\nX',
  'canary\r',
  'canary\0',
  'canary\u001B[31m',
  '口令canary',
  'a'.repeat(4097),
])('CB-13 a value that is no plain line is refused, and not repeated: %j', async value => {
  await office.value('set-callback-url', { url: BASE })
  const reply = await office.ask('set-callback-header', { header: 'X-Api-Key', value })
  expect(reply).toMatchObject({ ok: false, refused: 'malformed', message: expect.stringContaining('value') })
  expect(JSON.stringify(reply)).not.toContain('canary')
  expect(await keptHeader()).toBeNull()
})
