import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { webhookHeaders } from './sign.ts'

const secretOf = (byte: number, length = 32): string =>
  `whsec_${Buffer.alloc(length, byte).toString('base64')}`
const unsigned = {
  webhookId: 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
  at: Date.now(),
  body: Buffer.from('{"topic":"大街小巷"}'),
}

describe('the signature, checked by an independent implementation of Standard Webhooks', () => {
  test.each([24, 32, 64])('CB-9 a callback signed with a secret of %i bytes is accepted', length => {
    const headers = webhookHeaders(unsigned, [secretOf(7, length)])
    expect(new Webhook(secretOf(7, length)).verify(unsigned.body, headers)).toEqual({ topic: '大街小巷' })
  })

  test('CB-9 a body that was changed on the way is refused', () => {
    const headers = webhookHeaders(unsigned, [secretOf(7)])
    expect(() => new Webhook(secretOf(7)).verify('{"topic":"小巷"}', headers)).toThrow(
      'No matching signature',
    )
  })

  test('CB-9 while a secret is replaced the callback is accepted with the old one and with the new one', () => {
    const headers = webhookHeaders(unsigned, [secretOf(2), secretOf(1)])
    expect(headers['webhook-signature']).toMatch(/^v1,[^ ]+ v1,[^ ]+$/)
    for (const byte of [1, 2])
      expect(new Webhook(secretOf(byte)).verify(unsigned.body, headers)).toBeDefined()
    expect(() => new Webhook(secretOf(3)).verify(unsigned.body, headers)).toThrow('No matching signature')
  })

  test('CB-9 the timestamp is that of the attempt, in whole seconds', () => {
    expect(webhookHeaders({ ...unsigned, at: 1_795_420_800_999 }, [secretOf(1)])['webhook-timestamp']).toBe(
      '1795420800',
    )
  })

  test('CB-9 three headers are added and no more', () => {
    expect(Object.keys(webhookHeaders(unsigned, [secretOf(1)]))).toEqual([
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
    ])
  })
})
