/**
 * A batch is counted before it is parsed. Parsing makes some three hundred bytes of objects out of a payload of two: eight
 * MiB of empty contacts took 11 s and 1.1 GiB, during which the process did nothing else. Counting reads two numbers a payload.
 */
import { grpc, puppet } from '@juzi/wechaty-grpc'
import { madeOnce } from '../system/made-once.ts'

/** What a batch is asked for at most. */
export const PAYLOADS_PER_BATCH_MAX = 500
/** A puppet may name somebody twice, and say something of the whole. */
const FIELDS_MAX = 2 * PAYLOADS_PER_BATCH_MAX
/** Stands in the status of a call whose answer was not parsed. */
export const TOO_MANY_PAYLOADS = 'TOO_MANY_PAYLOADS'

const bounded = <Answer>(
  method: grpc.MethodDefinition<object, Answer>,
): grpc.MethodDefinition<object, Answer> => ({
  ...method,
  responseDeserialize(bytes) {
    if (hasMoreFields(bytes, FIELDS_MAX)) throw new Error(TOO_MANY_PAYLOADS)
    return method.responseDeserialize(bytes)
  },
})

/** The client of the protocol, but for its batches. A gateway without bots reads no gRPC. */
export const boundedPuppetClient = madeOnce((): typeof puppet.PuppetClient => {
  const { PuppetService } = puppet
  const service = {
    ...(PuppetService as unknown as grpc.ServiceDefinition),
    batchContactPayload: bounded(PuppetService.batchContactPayload as never),
    batchRoomMemberPayload: bounded(PuppetService.batchRoomMemberPayload as never),
  }
  return grpc.makeGenericClientConstructor(service, 'Puppet') as unknown as typeof puppet.PuppetClient
})

/** Whether a protobuf message has more than `max` fields of its own, those within its fields not counted. */
export function hasMoreFields(bytes: Uint8Array, max: number): boolean {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    return value
  }
  let fields = 0
  while (at < bytes.length) {
    if (++fields > max) return true
    switch (varint() % 8) {
      case WIRE_TYPES.varint:
        varint()
        break
      case WIRE_TYPES.eightBytes:
        at += 8
        break
      case WIRE_TYPES.lengthFirst: {
        const length = varint()
        at += length
        break
      }
      case WIRE_TYPES.fourBytes:
        at += 4
        break
      default:
        // Groups and nonsense: the parser says what is wrong with it.
        return false
    }
  }
  return false
}

const WIRE_TYPES = { varint: 0, eightBytes: 1, lengthFirst: 2, fourBytes: 5 } as const
