import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, test } from 'vitest'
import { webhookHeaders } from '../../gateway/src/callback/sign.ts'
import { createReceiver } from '../src/receiver/index.ts'
import { signFake } from '../src/testing/index.ts'
import { JOINED, secretOf } from './callback-samples.ts'

const SECRET = secretOf(9)
const libraries = [
  ['standardwebhooks', new StandardWebhook(SECRET)],
  ['svix', new SvixWebhook(SECRET)],
] as const

describe.each(libraries)('beside %s', (_name, library) => {
  test('RC-1 what it signs is accepted', async () => {
    const heard: string[] = []
    const receiver = createReceiver({ secrets: SECRET }).on('chatroom/joined', ({ body }) => {
      heard.push(body.topic)
    })
    const body = JSON.stringify(JOINED)
    const signedAt = new Date()
    const answer = await receiver.fetch(
      new Request('https://shop.example/chatroom/joined', {
        method: 'POST',
        body,
        headers: {
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
          'webhook-signature': library.sign('msg_1', signedAt, body),
        },
      }),
    )
    expect(answer.status).toBe(204)
    expect(heard).toEqual([JOINED.topic])
  })

  test('CL-16 what signFake signs it accepts, and with another secret not', async () => {
    const { headers, body } = await signFake('chatroom/joined', JOINED, SECRET)
    expect(() => library.verify(body, { ...headers })).not.toThrow()
    expect(JSON.parse(body)).toEqual(JOINED)
    const forged = await signFake('chatroom/joined', JOINED, secretOf(8))
    expect(() => library.verify(forged.body, { ...forged.headers })).toThrow()
  })
})

test('CL-16 signFake signs byte for byte as the gateway does', async () => {
  const facts = { webhookId: 'msg_1', signedAt: 1_795_420_800_999 }
  const { headers, body } = await signFake('chatroom/joined', JOINED, SECRET, facts)
  const signed = webhookHeaders({ webhookId: 'msg_1', at: facts.signedAt, body: Buffer.from(body) }, [SECRET])
  expect(headers).toMatchObject(signed)
})
