import { grpc, puppet } from '@juzi/wechaty-grpc'
import { eventually } from './eventually.ts'

/** A puppet client without any cleverness: what is on the wire is what a test sees. */

const CALL_DEADLINE_MS = 20_000
/** For calls that are expected never to be answered. */
export const HOPELESS_DEADLINE_MS = 150

export interface HeardEvent {
  type: string
  seq: number
  // Payloads are JSON of the protocol's making; a test says itself what it expects.
  payload: Record<string, unknown>
}

type Unary = (
  request: object,
  metadata: grpc.Metadata,
  options: object,
  callback: (error: grpc.ServiceError | null, response: never) => void,
) => void

type PayloadType = puppet.PayloadTypeMap[keyof puppet.PayloadTypeMap]

export interface RawClient {
  ask<Response>(call: string, request: object, deadlineMs?: number): Promise<Response>
  listen(): EventLog
  close(): void
}

export interface EventLog {
  readonly heard: HeardEvent[]
  /** The gRPC status code the stream failed with, once it has. */
  readonly failure: number | null
  /** Waits for the first event of this type that fits. */
  event(type: string, fits?: (payload: Record<string, unknown>) => boolean): Promise<HeardEvent>
  failed(): Promise<number>
  cancel(): void
}

export function rawClient(endpoint: string, token: string, metadata: Record<string, string> = {}): RawClient {
  const client = new puppet.PuppetClient(endpoint, grpc.credentials.createInsecure(), {
    'grpc.default_authority': token,
    // Connections are shared by address otherwise, and a new client would inherit the back-off of a dead server.
    'grpc.use_local_subchannel_pool': 1,
  })
  const sent = new grpc.Metadata()
  for (const [key, value] of Object.entries(metadata)) sent.set(key, value)

  return {
    ask: (call, request, deadlineMs = CALL_DEADLINE_MS) =>
      new Promise((resolve, reject) => {
        const unary = (client as unknown as Record<string, Unary>)[call] as Unary
        unary.call(client, request, sent, { deadline: Date.now() + deadlineMs }, (error, response) => {
          if (error) reject(error)
          else resolve(response)
        })
      }),
    listen: () =>
      eventLog(
        client.event(new puppet.EventRequest(), sent) as grpc.ClientReadableStream<puppet.EventResponse>,
      ),
    close: () => client.close(),
  }
}

function eventLog(stream: grpc.ClientReadableStream<puppet.EventResponse>): EventLog {
  const heard: HeardEvent[] = []
  let failure: number | null = null
  stream.on('data', (response: puppet.EventResponse) => {
    heard.push({
      type: typeName(response.getType()),
      seq: response.getSeq(),
      payload: JSON.parse(response.getPayload()),
    })
  })
  stream.on('error', (error: grpc.ServiceError) => {
    failure = error.code
  })
  return {
    heard,
    get failure() {
      return failure
    },
    event: (type, fits = () => true) =>
      eventually(
        () => heard.find(event => event.type === type && fits(event.payload)),
        () => `${type}; heard ${JSON.stringify(heard)}`,
      ),
    failed: () =>
      eventually(
        () => failure ?? undefined,
        () => 'the stream to fail',
      ),
    cancel: () => stream.cancel(),
  }
}

function typeName(type: number): string {
  const name = Object.entries(puppet.EventType).find(([, number]) => number === type)?.[0] ?? String(type)
  return name.replace('EVENT_TYPE_', '').toLowerCase().replaceAll('_', '-')
}

/** Requests, made from plain fields by the setters the protocol has for them. */
export const ask = {
  ding: (data = 'x') => filled(new puppet.DingRequest(), request => request.setData(data)),
  version: () => new puppet.VersionRequest(),
  roomList: () => new puppet.RoomListRequest(),
  contactList: () => new puppet.ContactListRequest(),
  selfQrCode: () => new puppet.ContactSelfQRCodeRequest(),
  contactPayload: (id: string) => filled(new puppet.ContactPayloadRequest(), request => request.setId(id)),
  batchContactPayload: (ids: string[]) =>
    filled(new puppet.BatchContactPayloadRequest(), request => request.setIdsList(ids)),
  contactAlias: (id: string, alias?: string) =>
    filled(new puppet.ContactAliasRequest(), request => {
      request.setId(id)
      if (alias !== undefined) request.setAlias(alias)
    }),
  roomPayload: (id: string) => filled(new puppet.RoomPayloadRequest(), request => request.setId(id)),
  roomMemberList: (id: string) => filled(new puppet.RoomMemberListRequest(), request => request.setId(id)),
  batchRoomMemberPayload: (id: string, members: string[]) =>
    filled(new puppet.BatchRoomMemberPayloadRequest(), request => {
      request.setId(id)
      request.setMemberIdsList(members)
    }),
  roomMemberPayload: (id: string, member: string) =>
    filled(new puppet.RoomMemberPayloadRequest(), request => {
      request.setId(id)
      request.setMemberId(member)
    }),
  dirtyPayload: (type: PayloadType, id: string) =>
    filled(new puppet.DirtyPayloadRequest(), request => {
      request.setType(type)
      request.setId(id)
    }),
  roomAdd: (id: string, contact: string, inviteOnly = false) =>
    filled(new puppet.RoomAddRequest(), request => {
      request.setId(id)
      request.setContactId(contact)
      request.setInviteOnly(inviteOnly)
    }),
  roomAddV2: (id: string, contacts: string[]) =>
    filled(new puppet.RoomAddV2Request(), request => {
      request.setId(id)
      request.setContactIdsList(contacts)
    }),
  roomDel: (id: string, contacts: string[]) =>
    filled(new puppet.RoomDelRequest(), request => {
      request.setId(id)
      request.setContactIdsList(contacts)
    }),
  roomCreate: (contacts: string[], topic: string) =>
    filled(new puppet.RoomCreateRequest(), request => {
      request.setContactIdsList(contacts)
      request.setTopic(topic)
    }),
  roomQuit: (id: string) => filled(new puppet.RoomQuitRequest(), request => request.setId(id)),
  roomTopic: (id: string, topic?: string) =>
    filled(new puppet.RoomTopicRequest(), request => {
      request.setId(id)
      if (topic !== undefined) request.setTopic(topic)
    }),
  roomInvitation: (id: string) =>
    filled(new puppet.RoomInvitationPayloadRequest(), request => request.setId(id)),
  acceptInvitation: (id: string) =>
    filled(new puppet.RoomInvitationAcceptRequest(), request => request.setId(id)),
  messagePayload: (id: string) => filled(new puppet.MessagePayloadRequest(), request => request.setId(id)),
  friendshipPayload: (id: string) =>
    filled(new puppet.FriendshipPayloadRequest(), request => request.setId(id)),
  sendText: (conversation: string, text: string) =>
    filled(new puppet.MessageSendTextRequest(), request => {
      request.setConversationId(conversation)
      request.setText(text)
    }),
}

function filled<Request>(request: Request, fill: (request: Request) => void): Request {
  fill(request)
  return request
}
