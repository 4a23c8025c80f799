import { grpc, puppet } from '@juzi/wechaty-grpc'
import { eventually } from '@qunhub/testing/eventually.ts'
import { botRow, claimed, openNotedRoster } from '@qunhub/testing/trials/bot-trial.ts'
import { expect, onTestFinished, test } from 'vitest'

type EventCall = grpc.ServerWritableStream<puppet.EventRequest, puppet.EventResponse>

/** A puppet server that numbers one event of each stream, ends it, and remembers after which number a stream was asked for. */
async function openNumbering(numbers: readonly number[]) {
  const askedAfter: number[] = []
  const server = new grpc.Server()
  server.addService(puppet.PuppetService, {
    event(call: EventCall) {
      askedAfter.push(call.request.getSeq())
      const response = new puppet.EventResponse()
      response.setType(puppet.EventType.EVENT_TYPE_HEARTBEAT)
      response.setPayload('{}')
      response.setSeq(numbers[askedAfter.length - 1] ?? 0)
      call.write(response)
      call.end()
    },
  } as unknown as grpc.UntypedServiceImplementation)
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  onTestFinished(() => server.forceShutdown())
  return { endpoint: `127.0.0.1:${port}`, askedAfter }
}

test('BOT-166 a stream is asked for after the number of the last event that was heard; a puppet that does not count changes nothing about it', async () => {
  const { endpoint, askedAfter } = await openNumbering([41, 0, 43])
  const { roster } = openNotedRoster(endpoint)
  onTestFinished(() => roster.stop())
  const bot = roster.add(claimed(botRow(endpoint, 'puppet_numbers')))
  await eventually('four streams', () => askedAfter.length >= 4)
  expect(askedAfter.slice(0, 4)).toEqual([0, 41, 41, 43])
  expect(bot.lastSeq).toBe(43)
})
