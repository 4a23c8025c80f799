import { grpc, puppet } from '@juzi/wechaty-grpc'
import type { PuppetAddress } from '../model/bot.ts'
import { SECOND_MS } from '../model/clock.ts'
import { openChannel } from './puppet-channel.ts'
import { PuppetRefused, PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'

export const CALL_DEADLINE_MS = 8 * SECOND_MS

type PayloadType = puppet.PayloadTypeMap[keyof puppet.PayloadTypeMap]

/**
 * One connection to one puppet: the calls that Qunhub makes. Each has a deadline and throws PuppetTimeout,
 * PuppetRefused or PuppetUnavailable.
 */
export interface PuppetClient {
  /** The event stream. `cancel()` frees the puppet's single slot; `destroy()` would keep it taken for ever. */
  events(since: {
    readonly seq: number
    readonly accountId: string
  }): grpc.ClientReadableStream<puppet.EventResponse>
  start(): Promise<void>
  ding(): Promise<void>
  dirtyPayload(type: PayloadType, id: string): Promise<void>
  contactList(): Promise<string[]>
  contactPayload(wxid: string): Promise<puppet.ContactPayloadResponse>
  batchContactPayload(wxids: readonly string[]): Promise<puppet.ContactPayloadResponse[]>
  roomList(): Promise<string[]>
  roomPayload(room: string): Promise<puppet.RoomPayloadResponse>
  roomMemberList(room: string): Promise<string[]>
  roomMemberPayload(room: string, wxid: string): Promise<puppet.RoomMemberPayloadResponse>
  batchRoomMemberPayload(room: string, wxids: readonly string[]): Promise<puppet.RoomMemberPayloadResponse[]>
  /** Resolves both for "joined" and for "card sent". */
  roomAdd(room: string, contact: string, inviteOnly: boolean): Promise<void>
  roomCreate(contacts: readonly string[], topic: string): Promise<string>
  roomQuit(room: string): Promise<void>
  messageSendText(conversation: string, text: string): Promise<void>
  close(): void
}

export function openPuppetClient(address: PuppetAddress, deadlineMs: number): PuppetClient {
  const stub = openChannel(address)
  const call = <Ask, Answer>(method: UnaryCall<Ask, Answer>, ask: Ask): Promise<Answer> =>
    new Promise((resolve, reject) => {
      // gRPC keeps its own time: a deadline is an instant of the real clock, whatever clock the tests move.
      const deadline = Date.now() + deadlineMs
      method.call(stub, ask, new grpc.Metadata(), { deadline }, (error, answer) => {
        if (error) reject(toFailure(error))
        else if (answer === undefined) reject(new PuppetRefused('the puppet answered with nothing'))
        else resolve(answer)
      })
    })

  return {
    events: ({ seq, accountId }) =>
      stub.event(
        filled(new puppet.EventRequest(), ask => {
          if (seq > 0) ask.setSeq(seq)
          if (accountId) ask.setAccountId(accountId)
        }),
      ),
    start: async () => void (await call(stub.start, new puppet.StartRequest())),
    ding: async () =>
      void (await call(
        stub.ding,
        filled(new puppet.DingRequest(), ask => ask.setData('qunhub')),
      )),
    dirtyPayload: async (type, id) =>
      void (await call(
        stub.dirtyPayload,
        filled(new puppet.DirtyPayloadRequest(), ask => {
          ask.setType(type)
          ask.setId(id)
        }),
      )),
    contactList: async () => (await call(stub.contactList, new puppet.ContactListRequest())).getIdsList(),
    contactPayload: wxid =>
      call(
        stub.contactPayload,
        filled(new puppet.ContactPayloadRequest(), ask => ask.setId(wxid)),
      ),
    batchContactPayload: async wxids =>
      (
        await call(
          stub.batchContactPayload,
          filled(new puppet.BatchContactPayloadRequest(), ask => ask.setIdsList([...wxids])),
        )
      ).getContactPayloadsList(),
    roomList: async () => (await call(stub.roomList, new puppet.RoomListRequest())).getIdsList(),
    roomPayload: room =>
      call(
        stub.roomPayload,
        filled(new puppet.RoomPayloadRequest(), ask => ask.setId(room)),
      ),
    roomMemberList: async room =>
      (
        await call(
          stub.roomMemberList,
          filled(new puppet.RoomMemberListRequest(), ask => ask.setId(room)),
        )
      ).getMemberIdsList(),
    roomMemberPayload: (room, wxid) =>
      call(
        stub.roomMemberPayload,
        filled(new puppet.RoomMemberPayloadRequest(), ask => {
          ask.setId(room)
          ask.setMemberId(wxid)
        }),
      ),
    batchRoomMemberPayload: async (room, wxids) =>
      (
        await call(
          stub.batchRoomMemberPayload,
          filled(new puppet.BatchRoomMemberPayloadRequest(), ask => {
            ask.setId(room)
            ask.setMemberIdsList([...wxids])
          }),
        )
      ).getMemberPayloadsList(),
    roomAdd: async (room, contact, inviteOnly) =>
      void (await call(
        stub.roomAdd,
        filled(new puppet.RoomAddRequest(), ask => {
          ask.setId(room)
          ask.setContactId(contact)
          ask.setInviteOnly(inviteOnly)
        }),
      )),
    roomCreate: async (contacts, topic) =>
      (
        await call(
          stub.roomCreate,
          filled(new puppet.RoomCreateRequest(), ask => {
            ask.setContactIdsList([...contacts])
            ask.setTopic(topic)
          }),
        )
      ).getId(),
    roomQuit: async room =>
      void (await call(
        stub.roomQuit,
        filled(new puppet.RoomQuitRequest(), ask => ask.setId(room)),
      )),
    messageSendText: async (conversation, text) =>
      void (await call(
        stub.messageSendText,
        filled(new puppet.MessageSendTextRequest(), ask => {
          ask.setConversationId(conversation)
          ask.setText(text)
        }),
      )),
    close: () => stub.close(),
  }
}

type UnaryCall<Ask, Answer> = (
  ask: Ask,
  metadata: grpc.Metadata,
  options: Partial<grpc.CallOptions>,
  answered: grpc.requestCallback<Answer>,
) => grpc.ClientUnaryCall

function filled<Ask>(ask: Ask, fill: (ask: Ask) => void): Ask {
  fill(ask)
  return ask
}

function toFailure(error: grpc.ServiceError): Error {
  switch (error.code) {
    case grpc.status.DEADLINE_EXCEEDED:
      return new PuppetTimeout('the puppet did not answer in time', { cause: error })
    case grpc.status.UNAVAILABLE:
    case grpc.status.CANCELLED:
      return new PuppetUnavailable('the puppet cannot be reached', { cause: error })
    default:
      return new PuppetRefused('the puppet refused', { cause: error })
  }
}
