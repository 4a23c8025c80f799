import { grpc, puppet } from '@juzi/wechaty-grpc'
import { expect, onTestFinished, test } from 'vitest'
import { hasMoreFields, PAYLOADS_PER_BATCH_MAX } from './bounded-batches.ts'
import { openPuppetClient } from './puppet-client.ts'

const batchOf = (count: number, name = '') => {
  const batch = new puppet.BatchContactPayloadResponse()
  batch.setContactPayloadsList(
    Array.from({ length: count }, (_, n) => {
      const payload = new puppet.ContactPayloadResponse()
      payload.setId(String(n))
      payload.setName(name)
      return payload
    }),
  )
  return batch
}

test.each([0, 1, 127, 128, 1000])(
  'BOT-231 the payloads of a batch are counted without parsing: %i',
  count => {
    // A length of one byte, of two and of three.
    for (const name of ['', '群'.repeat(100), '群'.repeat(10_000)]) {
      const bytes = batchOf(count, name).serializeBinary()
      expect(hasMoreFields(bytes, count)).toBe(false)
      if (count > 0) expect(hasMoreFields(bytes, count - 1)).toBe(true)
    }
  },
)

test('BOT-231 bytes that are no message are counted to their end, for the parser to refuse', () => {
  for (const bytes of [[255, 255, 255], [0x0a, 255, 255], [0x0a, 5, 1], [0x0b], [0x08], [0x09, 1], [0x0d]])
    expect(hasMoreFields(Uint8Array.from(bytes), 1000)).toBe(false)
})

test('BOT-231 a batch of far more than was asked for is refused unread, and one of as many is taken', async () => {
  const server = new grpc.Server()
  let answer = batchOf(PAYLOADS_PER_BATCH_MAX)
  server.addService(puppet.PuppetService as never, {
    batchContactPayload: (_call: unknown, reply: (error: null, batch: object) => void) => reply(null, answer),
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  const address = { endpoint: `127.0.0.1:${port}`, token: 'puppet_token', tls: false }
  // Making and sending a hundred thousand takes its time on a busy machine.
  const client = openPuppetClient(address, { deadlineMs: 60_000 })
  onTestFinished(() => {
    client.close()
    server.forceShutdown()
  })
  expect(await client.batchContactPayload(['1'])).toHaveLength(PAYLOADS_PER_BATCH_MAX)
  answer = batchOf(100_000)
  await expect(client.batchContactPayload(['1'])).rejects.toMatchObject({ name: 'PuppetExcess' })
})
