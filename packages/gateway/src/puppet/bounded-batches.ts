/** What a sync reads most, batches of payloads and lists of ids, is read by a reader of our own; and a batch only as far as so many payloads. */
import { grpc, puppet } from '@juzi/wechaty-grpc'
import { madeOnce } from '../system/made-once.ts'
import { PayloadReader } from './payload-reader.ts'

/** What a batch is asked for at most. */
export const PAYLOADS_PER_BATCH_MAX = 500
/** A puppet may name somebody twice, and say something of the whole. */
const FIELDS_MAX = 2 * PAYLOADS_PER_BATCH_MAX

/** A class of the generated code. */
interface MessageClass<Answer> {
  new (): Answer
  deserializeBinaryFromReader(message: Answer, reader: PayloadReader): Answer
}

/** The method, with an answer that our reader reads. */
const readBy = <Answer>(
  method: grpc.MethodDefinition<unknown, Answer>,
  fieldsMax?: number,
): grpc.MethodDefinition<unknown, Answer> => {
  const { responseType } = method as unknown as { responseType: MessageClass<Answer> }
  return {
    ...method,
    responseDeserialize: bytes =>
      responseType.deserializeBinaryFromReader(new responseType(), new PayloadReader(bytes, fieldsMax)),
  }
}

/** The client of the protocol, but for these. A gateway without bots reads no gRPC. */
export const boundedPuppetClient = madeOnce((): typeof puppet.PuppetClient => {
  const service = puppet.PuppetService as unknown as grpc.ServiceDefinition<Record<string, never>>
  const { batchContactPayload, batchRoomMemberPayload, contactList, roomList, roomMemberList } = service
  return grpc.makeGenericClientConstructor(
    {
      ...service,
      batchContactPayload: readBy(batchContactPayload!, FIELDS_MAX),
      batchRoomMemberPayload: readBy(batchRoomMemberPayload!, FIELDS_MAX),
      contactList: readBy(contactList!),
      roomList: readBy(roomList!),
      roomMemberList: readBy(roomMemberList!),
    },
    'Puppet',
  ) as unknown as typeof puppet.PuppetClient
})
