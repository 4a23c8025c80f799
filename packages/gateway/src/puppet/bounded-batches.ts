/**
 * What a sync reads most, batches of payloads and lists of ids, gRPC leaves as bytes; when the call is over, a reader of our own
 * reads them, and a batch only as far as so many payloads.
 *
 * However soon a call is over, V8 meets its objects alive twice, and what they hold is copied each time and then counts as old: with an answer
 * that was read within the call that was 40 % of all that a sync had copied (decision 0090).
 */
import { grpc, puppet } from '@juzi/wechaty-grpc'
import { madeOnce } from '../system/made-once.ts'
import { PayloadReader } from './payload-reader.ts'

/** What a batch is asked for at most. */
export const PAYLOADS_PER_BATCH_MAX = 500
/** A puppet may name somebody twice, and say something of the whole. */
const FIELDS_MAX = 2 * PAYLOADS_PER_BATCH_MAX

/** A class of the generated code. */
interface MessageClass<Message> {
  new (): Message
  deserializeBinaryFromReader(message: Message, reader: PayloadReader): Message
}

/** An answer as it came, and how it is read. */
class Unread<Message> {
  readonly read: () => Message

  constructor(Kind: MessageClass<Message>, reader: PayloadReader) {
    this.read = () => Kind.deserializeBinaryFromReader(new Kind(), reader)
  }
}

/** To be called once. Throws PuppetRefused where the bytes are no such message, PuppetExcess where there is too much in it. */
export const readAnswer = <Message>(answer: Message): Message =>
  answer instanceof Unread ? (answer as Unread<Message>).read() : answer

const leftUnread = <Message>(method: object, Kind: MessageClass<Message>, fieldsMax?: number) =>
  ({
    ...method,
    responseDeserialize: (bytes: Buffer) => new Unread(Kind, new PayloadReader(bytes, fieldsMax)),
  }) as never

/** The client of the protocol, but for these, whose answers are unread. A gateway without bots reads no gRPC. */
export const boundedPuppetClient = madeOnce((): typeof puppet.PuppetClient => {
  const service = puppet.PuppetService
  const { BatchContactPayloadResponse, BatchRoomMemberPayloadResponse } = puppet
  return grpc.makeGenericClientConstructor(
    {
      ...(service as unknown as grpc.ServiceDefinition),
      batchContactPayload: leftUnread(service.batchContactPayload, BatchContactPayloadResponse, FIELDS_MAX),
      batchRoomMemberPayload: leftUnread(
        service.batchRoomMemberPayload,
        BatchRoomMemberPayloadResponse,
        FIELDS_MAX,
      ),
      contactList: leftUnread(service.contactList, puppet.ContactListResponse),
      roomList: leftUnread(service.roomList, puppet.RoomListResponse),
      roomMemberList: leftUnread(service.roomMemberList, puppet.RoomMemberListResponse),
    },
    'Puppet',
  ) as unknown as typeof puppet.PuppetClient
})
