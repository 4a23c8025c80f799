import { grpc, puppet } from '@juzi/wechaty-grpc'
import { expect, onTestFinished, test } from 'vitest'
import { PAYLOADS_PER_BATCH_MAX } from './bounded-batches.ts'
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

/** A puppet that answers with these bytes, whoever is asked for. */
async function answeringWith(bytes: { now: Uint8Array }) {
  const { batchContactPayload } = puppet.PuppetService
  const server = new grpc.Server()
  server.addService(
    { batchContactPayload: { ...batchContactPayload, responseSerialize: (said: Buffer) => said } } as never,
    {
      batchContactPayload: (_call: unknown, reply: (error: null, said: Buffer) => void) =>
        reply(null, Buffer.from(bytes.now)),
    },
  )
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
  return client
}

test('BOT-231 a batch of far more than was asked for is refused unread, and one of as many is taken', async () => {
  const bytes = { now: batchOf(PAYLOADS_PER_BATCH_MAX).serializeBinary() }
  const client = await answeringWith(bytes)
  expect(await client.batchContactPayload(['1'])).toHaveLength(PAYLOADS_PER_BATCH_MAX)
  bytes.now = batchOf(100_000).serializeBinary()
  await expect(client.batchContactPayload(['1'])).rejects.toMatchObject({ name: 'PuppetExcess' })
})

test('BOT-285 a batch that is cut off counts as refused, so they are asked for one by one', async () => {
  const client = await answeringWith({ now: batchOf(3, '群').serializeBinary().subarray(0, -1) })
  await expect(client.batchContactPayload(['1'])).rejects.toMatchObject({ name: 'PuppetRefused' })
})
