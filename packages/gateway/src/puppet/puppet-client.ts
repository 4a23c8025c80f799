import { grpc, puppet } from '@juzi/wechaty-grpc'
import type { FoundPuppet } from '../model/bot.ts'
import { SECOND_MS } from '../system/clock.ts'
import { readAnswer } from './bounded-batches.ts'
import { openChannel } from './puppet-channel.ts'
import { PuppetExcess, PuppetRefused, PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'
import { shownText } from './puppet-text.ts'

export const CALL_DEADLINE_MS = 8 * SECOND_MS
/** What is kept of a puppet's error text, for the log. */
const ERROR_TEXT_CODE_POINTS_MAX = 200

type PayloadType = puppet.PayloadTypeMap[keyof puppet.PayloadTypeMap]

/**
 * One connection to one puppet: the calls that Qunhub makes. Each has a deadline and throws PuppetTimeout,
 * PuppetRefused, PuppetExcess or PuppetUnavailable.
 */
export interface PuppetClient {
  /** The event stream. `cancel()` frees the puppet's single slot; `destroy()` would keep it taken for ever. */
  events(since: {
    readonly seq: number
    readonly accountId: string
  }): grpc.ClientReadableStream<puppet.EventResponse>
  start(): Promise<void>
  /** Wants another code in the place of the one that is shown. Stock servers do so and answer that they failed. */
  refreshQrcode(): Promise<void>
  /** Types in the code that a verification asked for. */
  enterVerifyCode(id: string, code: string): Promise<void>
  /** Logs the account out; only a phone brings it back. */
  logout(): Promise<void>
  ding(): Promise<void>
  /** The wxid of the account that is logged in. */
  currentUser(): Promise<string>
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
  /** Told whenever a call got no answer in time; dings are not meant, whose answer is an event. One listener at most. */
  onTimeout(listener: () => void): void
  /** Calls under way, and those to come, end as if their time were over: whoever waits needs an answer now. */
  waitNoLonger(): void
  /** Calls under way may still be answered, or end as unavailable now when they are `abandoned`. */
  close(options?: { readonly abandoned?: boolean }): void
}

export interface PuppetClientSettings {
  /** Of each call. */
  readonly deadlineMs: number
  /** See {@link openChannel}. */
  readonly ca?: string | undefined
}

export function openPuppetClient(
  address: FoundPuppet,
  { deadlineMs, ca }: PuppetClientSettings,
): PuppetClient {
  const stub = openChannel(address, ca)
  let isClosed = false
  let tellTimeout = () => {}
  let waitsNoLonger = false
  const underWay = new Set<grpc.ClientUnaryCall>()
  const call = <Ask, Answer>(
    method: UnaryCall<Ask, Answer>,
    ask: Ask,
    fill?: (ask: Ask) => void,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      // The library would throw an error of its own.
      if (isClosed) return reject(new PuppetUnavailable('the connection is closed'))
      if (waitsNoLonger) return reject(new PuppetTimeout('nobody waits for the puppet any longer'))
      fill?.(ask)
      // gRPC keeps its own time: a deadline is an instant of the real clock, whatever clock the tests move.
      const deadline = Date.now() + deadlineMs
      const asked = method.call(stub, ask, new grpc.Metadata(), { deadline }, (error, answer) => {
        underWay.delete(asked)
        if (error?.code === grpc.status.DEADLINE_EXCEEDED && (method as unknown) !== stub.ding) tellTimeout()
        if (error?.code === grpc.status.CANCELLED && waitsNoLonger)
          reject(new PuppetTimeout('the puppet was not waited for any longer', { cause: error }))
        else if (error) reject(toFailure(error, address.token))
        else resolve(answer)
      })
      underWay.add(asked)
    })

  return {
    onTimeout(listener) {
      tellTimeout = listener
    },
    events({ seq, accountId }) {
      const ask = new puppet.EventRequest()
      if (seq > 0) ask.setSeq(seq)
      if (accountId) ask.setAccountId(accountId)
      return stub.event(ask)
    },
    async start() {
      await call(stub.start, new puppet.StartRequest())
    },
    async refreshQrcode() {
      await call(stub.refreshQRCode, new puppet.RefreshQRCodeRequest())
    },
    async enterVerifyCode(id, code) {
      await call(stub.enterVerifyCode, new puppet.EnterVerifyCodeRequest(), ask => {
        ask.setId(id)
        ask.setCode(code)
      })
    },
    async logout() {
      await call(stub.logout, new puppet.LogoutRequest())
    },
    async ding() {
      await call(stub.ding, new puppet.DingRequest(), ask => ask.setData('qunhub'))
    },
    async currentUser() {
      const answer: puppet.CurrentUserResponse = await call(stub.currentUser, new puppet.CurrentUserRequest())
      return answer.getUserId()
    },
    async dirtyPayload(type, id) {
      await call(stub.dirtyPayload, new puppet.DirtyPayloadRequest(), ask => {
        ask.setType(type)
        ask.setId(id)
      })
    },
    async contactList() {
      const answer: puppet.ContactListResponse = readAnswer(
        await call(stub.contactList, new puppet.ContactListRequest()),
      )
      return answer.getIdsList()
    },
    contactPayload: wxid =>
      call(stub.contactPayload, new puppet.ContactPayloadRequest(), ask => ask.setId(wxid)),
    async batchContactPayload(wxids) {
      const request = new puppet.BatchContactPayloadRequest()
      request.setIdsList([...wxids])
      const answer: puppet.BatchContactPayloadResponse = readAnswer(
        await call(stub.batchContactPayload, request),
      )
      return answer.getContactPayloadsList()
    },
    async roomList() {
      const answer: puppet.RoomListResponse = readAnswer(
        await call(stub.roomList, new puppet.RoomListRequest()),
      )
      return answer.getIdsList()
    },
    roomPayload: room => call(stub.roomPayload, new puppet.RoomPayloadRequest(), ask => ask.setId(room)),
    async roomMemberList(room) {
      const request = new puppet.RoomMemberListRequest()
      request.setId(room)
      const answer: puppet.RoomMemberListResponse = readAnswer(await call(stub.roomMemberList, request))
      return answer.getMemberIdsList()
    },
    roomMemberPayload: (room, wxid) =>
      call(stub.roomMemberPayload, new puppet.RoomMemberPayloadRequest(), ask => {
        ask.setId(room)
        ask.setMemberId(wxid)
      }),
    async batchRoomMemberPayload(room, wxids) {
      const request = new puppet.BatchRoomMemberPayloadRequest()
      request.setId(room)
      request.setMemberIdsList([...wxids])
      const answer: puppet.BatchRoomMemberPayloadResponse = readAnswer(
        await call(stub.batchRoomMemberPayload, request),
      )
      return answer.getMemberPayloadsList()
    },
    async roomAdd(room, contact, inviteOnly) {
      await call(stub.roomAdd, new puppet.RoomAddRequest(), ask => {
        ask.setId(room)
        ask.setContactId(contact)
        ask.setInviteOnly(inviteOnly)
      })
    },
    async roomCreate(contacts, topic) {
      const request = new puppet.RoomCreateRequest()
      request.setContactIdsList([...contacts])
      request.setTopic(topic)
      const answer: puppet.RoomCreateResponse = await call(stub.roomCreate, request)
      return answer.getId()
    },
    async roomQuit(room) {
      await call(stub.roomQuit, new puppet.RoomQuitRequest(), ask => ask.setId(room))
    },
    async messageSendText(conversation, text) {
      await call(stub.messageSendText, new puppet.MessageSendTextRequest(), ask => {
        ask.setConversationId(conversation)
        ask.setText(text)
      })
    },
    waitNoLonger() {
      waitsNoLonger = true
      for (const asked of underWay) asked.cancel()
    },
    close({ abandoned = false } = {}) {
      isClosed = true
      if (abandoned) for (const asked of underWay) asked.cancel()
      stub.close()
    },
  }
}

type UnaryCall<Ask, Answer> = (
  ask: Ask,
  metadata: grpc.Metadata,
  options: Partial<grpc.CallOptions>,
  answered: (error: grpc.ServiceError | null, answer: Answer) => void,
) => grpc.ClientUnaryCall

function toFailure(error: grpc.ServiceError, token: string): Error {
  const cause = new Error(readable(error.details, token))
  if (isTooLarge(error))
    return new PuppetExcess('the puppet sent a message that is too large to be read', { cause })
  switch (error.code) {
    case grpc.status.DEADLINE_EXCEEDED:
      return new PuppetTimeout('the puppet did not answer in time', { cause })
    case grpc.status.UNAVAILABLE:
    case grpc.status.CANCELLED:
      return new PuppetUnavailable('the puppet cannot be reached', { cause })
    default:
      return new PuppetRefused(`the puppet refused (${grpc.status[error.code] ?? error.code})`, { cause })
  }
}

/** Said by this side, before it reads what came; a puppet that is short of something itself has the same code. */
export const isTooLarge = ({ code, details }: grpc.ServiceError): boolean =>
  code === grpc.status.RESOURCE_EXHAUSTED && /^Received message .*larger than/.test(details)

/** Stock servers answer with their whole stack, and repeat a token that they do not know (G-9). */
const readable = (details: string, token: string): string =>
  shownText(details.replaceAll(token, '…').split('\n', 1)[0]!, ERROR_TEXT_CODE_POINTS_MAX)
