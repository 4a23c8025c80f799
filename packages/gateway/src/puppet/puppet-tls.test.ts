import { grpc, puppet } from '@juzi/wechaty-grpc'
import { eventually } from '@qunhub/testing/eventually.ts'
import { UNTRUSTED } from '@qunhub/testing/receivers/untrusted-certificate.ts'
import { botRow, claimed, openNotedRoster } from '@qunhub/testing/trials/bot-trial.ts'
import { afterEach, expect, test } from 'vitest'

const TOKEN = 'puppet_tls_token'
const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

/** A puppet service behind TLS, with a certificate for 127.0.0.1. It notes who asked for events, and with which tokens. */
async function openTlsPuppet(address = '127.0.0.1') {
  const asked: { authorization: string; host: string }[] = []
  const server = new grpc.Server()
  const handlers = Object.fromEntries(
    Object.keys(puppet.PuppetService).map(name => [
      name,
      (_call: unknown, answer: grpc.sendUnaryData<null>) => answer({ code: 12 }),
    ]),
  )
  server.addService(puppet.PuppetService, {
    ...handlers,
    event(call: grpc.ServerWritableStream<puppet.EventRequest, puppet.EventResponse>) {
      asked.push({ authorization: String(call.metadata.get('authorization')[0]), host: call.getHost() })
      const event = new puppet.EventResponse()
      event.setType(puppet.EventType.EVENT_TYPE_HEARTBEAT)
      event.setPayload('{}')
      call.write(event)
    },
  } as unknown as grpc.UntypedServiceImplementation)
  const { key, cert } = UNTRUSTED
  const credentials = grpc.ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) },
  ])
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${address}:0`, credentials, (failure, bound) =>
      failure ? reject(failure) : resolve(bound),
    ),
  )
  closers.push(() => server.forceShutdown())
  return { port, asked }
}

function host(endpoint: string, puppetCa?: string) {
  const noted = openNotedRoster(endpoint, { ...(puppetCa && { puppetCa }) })
  closers.push(() => noted.roster.stop())
  const row = botRow(endpoint, TOKEN)
  return {
    ...noted,
    hosted: noted.roster.add(claimed({ ...row, address: { endpoint, token: TOKEN, tls: true } })),
  }
}

test('BOT-133 a certificate that nobody vouches for is refused, and no token is sent', async () => {
  const { port, asked } = await openTlsPuppet()
  const { hosted } = host(`127.0.0.1:${port}`)
  await eventually('it is lost', () => hosted.session.state === 'reconnecting')
  expect(hosted.session).toMatchObject({ reason: expect.stringContaining('certificate') })
  expect(asked).toEqual([])
})

test.each([
  ['name', 'localhost', '127.0.0.1'],
  ['address', '127.0.0.2', '127.0.0.2'],
])(
  'BOT-133 a certificate of another host is refused, whoever vouches for it (%s)',
  async (_what, name, at) => {
    const { port, asked } = await openTlsPuppet(at)
    const { hosted } = host(`${name}:${port}`, UNTRUSTED.cert)
    await eventually('it is lost', () => hosted.session.state === 'reconnecting')
    expect(hosted.session).toMatchObject({ reason: expect.stringContaining('certificate') })
    expect(asked).toEqual([])
  },
)

test('BOT-134 a certificate of the host for which an own CA vouches is taken; the token travels in a header of the call', async () => {
  const { port, asked } = await openTlsPuppet()
  host(`127.0.0.1:${port}`, UNTRUSTED.cert)
  await eventually('it asks for events', () => asked.length === 1)
  expect(asked[0]).toMatchObject({ authorization: `Wechaty ${TOKEN}` })
})
