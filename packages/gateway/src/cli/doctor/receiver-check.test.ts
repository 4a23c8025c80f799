import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { type Customer, openCustomer } from '@qunhub/testing/receivers/customer.ts'
import {
  EXPIRED,
  OF_ANOTHER_HOST,
  OWN_AUTHORITY,
  VOUCHED_FOR,
} from '@qunhub/testing/receivers/own-authority.ts'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Finding } from '../show/report.ts'

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`

let desk: Desk
let secretFile: string
beforeEach(async () => {
  desk = await openDesk()
  secretFile = `${desk.dataDir}-secret.txt`
  await writeFile(secretFile, `${SECRET}\n`)
})
afterEach(() => desk.close())

async function receiver(secret: () => string): Promise<Customer> {
  const customer = await openCustomer(({ body, headers }) => {
    try {
      new Webhook(secret()).verify(body, headers as Record<string, string>)
      return 204
    } catch {
      return 401
    }
  })
  desk.atEnd(customer.close)
  return customer
}

/** The verdicts by what was looked at. */
async function doctor(args: string, env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await desk.cli(`doctor ${args} --json`, env)
  if (stderr !== '') throw new Error(stderr)
  const findings: Finding[] = JSON.parse(stdout).findings
  return {
    exitCode,
    findings,
    verdicts: Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict])),
  }
}

test('CLI-121 a receiver that verifies is well: it refuses what nobody signed and takes what is signed, and hears of no room', async () => {
  const customer = await receiver(() => SECRET)
  const { exitCode, verdicts } = await doctor(`${customer.url}/hook --secret-file ${secretFile}`)
  expect(verdicts).toEqual({
    dns: 'passed',
    connect: 'passed',
    tls: 'warned',
    unsigned: 'passed',
    signed: 'passed',
    latency: 'passed',
  })
  expect(exitCode).toBe(0)
  expect(customer.heard.map(({ path }) => path)).toEqual(['/hook/callback/test', '/hook/callback/test'])
  expect(customer.heard[0]!.headers['webhook-signature']).toBeUndefined()
  for (const { json } of customer.heard) expect(json).toMatchObject({ test: true, group: '0'.repeat(24) })
})

test('CLI-121 one that takes what nobody signed is told of, and one that refuses the right signature', async () => {
  const careless = await openCustomer()
  desk.atEnd(careless.close)
  const taken = await doctor(`${careless.url} --secret-file ${secretFile}`)
  expect(taken).toMatchObject({ exitCode: 1, verdicts: { unsigned: 'failed', signed: 'passed' } })
  const other = await receiver(() => `whsec_${Buffer.alloc(32, 9).toString('base64')}`)
  const refused = await doctor(`${other.url} --secret-file ${secretFile}`)
  expect(refused).toMatchObject({ exitCode: 1, verdicts: { unsigned: 'passed', signed: 'failed' } })
  for (const { next, verdict } of [...taken.findings, ...refused.findings])
    if (verdict === 'failed')
      expect(next).toMatchObject({ chinese: expect.stringMatching(/\p{Script=Han}/u) })
})

test('CLI-121 of the callback base of a workspace the secret and the header are known; of any other it is said how to give one', async () => {
  let secret = SECRET
  const customer = await receiver(() => secret)
  expect(await doctor(customer.url)).toMatchObject({ exitCode: 0, verdicts: { signed: 'skipped' } })
  await desk.cli('workspace add 甲')
  secret = (await desk.json('set-callback-url', `callback set-url ${customer.url}/`)).secret!
  const known = await doctor(`${customer.url}/`)
  expect(known).toMatchObject({ exitCode: 0, verdicts: { unsigned: 'passed', signed: 'passed' } })
})

test('CLI-121 CB-11 nothing is sent to an address that callbacks may not go to, and nobody who listens is told', async () => {
  const customer = await receiver(() => SECRET)
  const refused = await doctor(customer.url, { QUNHUB_CALLBACK_ALLOW_CIDRS: '' })
  expect(refused).toMatchObject({ exitCode: 1, verdicts: { dns: 'failed' } })
  expect(JSON.stringify(refused.findings)).toContain('QUNHUB_CALLBACK_ALLOW_CIDRS')
  expect(customer.connections).toBe(0)
  await customer.close()
  expect(await doctor(customer.url)).toMatchObject({ exitCode: 1, verdicts: { connect: 'failed' } })
})

test.each<[string, TlsOptions, string, RegExp]>([
  ['of an authority that nobody knows', VOUCHED_FOR, '', /不受信任/],
  ['of another host', OF_ANOTHER_HOST, OWN_AUTHORITY, /不属于该域名/],
  ['that has expired', EXPIRED, OWN_AUTHORITY, /已过期/],
])(
  'CLI-121 a certificate %s is told of, with its cause, and nothing is posted',
  async (_what, options, ca, cause) => {
    let heard = 0
    const server = createTlsServer(options, socket => socket.on('data', () => heard++).on('error', () => {}))
    server.on('tlsClientError', () => {})
    await once(server.listen(0, '127.0.0.1'), 'listening')
    desk.atEnd(async () => void server.close())
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { exitCode, findings } = await doctor(url, ca ? { QUNHUB_CALLBACK_CA: ca } : {})
    expect(exitCode).toBe(1)
    expect(findings.at(-1)).toMatchObject({
      check: 'tls',
      verdict: 'failed',
      seen: { chinese: expect.stringMatching(cause) },
    })
    expect(heard).toBe(0)
  },
)

test.each(['crm.example.com', 'ftp://crm.example.com', 'https://crm.example.com/#a'])(
  'CLI-121 what is no address of a receiver is wrong usage: %s',
  async url => expect(await desk.cli(`doctor ${url}`)).toMatchObject({ exitCode: 2, stdout: '' }),
)
