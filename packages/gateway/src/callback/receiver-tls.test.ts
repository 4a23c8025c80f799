import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { openOutbox } from '@qunhub/testing/grounds/open-outbox.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { loopbackGuard } from '@qunhub/testing/receivers/loopback.ts'
import {
  EXPIRED,
  NOT_YET_VALID,
  OF_ANOTHER_HOST,
  OWN_AUTHORITY,
  VOUCHED_FOR,
} from '@qunhub/testing/receivers/own-authority.ts'
import { UNTRUSTED } from '@qunhub/testing/receivers/untrusted-certificate.ts'
import { afterEach, expect, test } from 'vitest'
import { openDeliverer } from './deliver.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function listening(server: Server): Promise<string> {
  server.on('tlsClientError', () => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(() => server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A receiver behind TLS. It says 200 to whatever it hears. */
const receiver = (options: TlsOptions): Promise<string> =>
  listening(
    createTlsServer(options, socket =>
      socket
        .on('error', () => {})
        .on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')),
    ),
  )

function post(url: string, ca?: string) {
  const { deliver, close } = openDeliverer({ clock: new ManualClock(), guard: loopbackGuard, ca })
  closers.push(close)
  return deliver({ url: new URL(url), headers: {}, body: Buffer.from('{}') })
}

const OLD_TLS = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const

test.each<[what: string, options: TlsOptions, reason: string]>([
  ['signed by itself', UNTRUSTED, 'the certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'],
  [
    'of an authority that nobody knows',
    VOUCHED_FOR,
    'the certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
  ],
  [
    'of an authority that is sent along',
    { ...VOUCHED_FOR, cert: `${VOUCHED_FOR.cert}\n${OWN_AUTHORITY}` },
    'the certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN)',
  ],
])('CB-15 the reason of a handshake that failed is told: %s', async (_what, options, reason) => {
  expect(await post(await receiver(options))).toMatchObject({ kind: 'failed', errorClass: 'tls', reason })
})

test.each<[what: string, options: TlsOptions, reason: string]>([
  ['another name', OF_ANOTHER_HOST, 'the certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)'],
  ['expired', EXPIRED, 'the certificate has expired (CERT_HAS_EXPIRED)'],
  ['not valid yet', NOT_YET_VALID, 'the certificate is not valid yet (CERT_NOT_YET_VALID)'],
  ['TLS 1.1', { ...VOUCHED_FOR, ...OLD_TLS }, 'no version of TLS in common'],
  [
    'no cipher in common',
    { ...VOUCHED_FOR, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' },
    'the receiver refused the handshake',
  ],
  // By TLS 1.3 we may be refused when our side is over already; whether the reason or the hang-up comes first is chance.
  [
    'a certificate of ours is wanted, by TLS 1.2',
    { ...VOUCHED_FOR, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' },
    'the receiver refused the handshake',
  ],
])(
  'CB-15 the reason of a handshake that failed is told, whoever vouches for the certificate: %s',
  async (_what, options, reason) => {
    expect(await post(await receiver(options), OWN_AUTHORITY)).toMatchObject({
      kind: 'failed',
      errorClass: 'tls',
      reason: expect.stringContaining(reason),
    })
  },
)

test('CB-15 the reason of a handshake that failed is told: the port speaks no TLS', async () => {
  const customer = await openCustomer()
  closers.push(customer.close)
  expect(await post(customer.url.replace('http:', 'https:'))).toMatchObject({
    errorClass: 'tls',
    reason: expect.stringContaining('what answers there is not TLS'),
  })
})

test('CB-15 the reason of a handshake that failed is told: hung up', async () => {
  const url = await listening(createTcpServer(socket => socket.once('data', () => socket.destroy())))
  expect(await post(url)).toMatchObject({
    errorClass: 'tls',
    reason: 'the receiver hung up in the handshake (ECONNRESET)',
  })
})

test('CB-15 an own authority vouches for receivers beside those whom the machine trusts', async () => {
  const url = await receiver(VOUCHED_FOR)
  expect(await post(url, OWN_AUTHORITY)).toMatchObject({ kind: 'answered', status: 200 })
  expect(await post(await receiver(UNTRUSTED), OWN_AUTHORITY)).toMatchObject({ errorClass: 'tls' })
})

test('CB-15 why there was no answer is kept with the attempt, and logged; of an answer there is no reason', async () => {
  const lines: { facts: object; words: string }[] = []
  const note = (facts: object, words: string) => void lines.push({ facts, words })
  const log = { debug: note, info: note, warn: note, error: note }
  const outbox = await openOutbox({ url: await receiver(UNTRUSTED), log })
  closers.push(outbox.close)
  await outbox.owe('R:1', 1)
  await outbox.courier.idle()
  const reason = 'the certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)'
  expect(await outbox.attempts(1)).toMatchObject([{ errorClass: 'tls', reason, snippet: null }])
  expect(lines.find(({ words }) => words === 'a callback was not delivered')?.facts).toMatchObject({
    errorClass: 'tls',
    reason,
  })

  const customer = await openCustomer()
  closers.push(customer.close)
  const tenant = await outbox.tenant(customer.url)
  await tenant.owe('R:1', 1)
  await outbox.courier.idle()
  expect(await tenant.attempts(1)).toMatchObject([{ status: 200, reason: null }])
})
