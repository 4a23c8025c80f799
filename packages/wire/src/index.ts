export { Alert, AlertCause, AlertMessage } from './alert.ts'
export { BotRow, botList } from './bot/list.ts'
export { TestBody, testCallback } from './callback/test.ts'
export { type CallbackDeclaration, ChatroomBody } from './chatroom/body.ts'
export { joined } from './chatroom/joined.ts'
export { loaded } from './chatroom/loaded.ts'
export { type CodeSample, codeSamples, curl } from './code-samples.ts'
export {
  asTyped,
  type BothLanguages,
  complain,
  inBoth,
  kindOf,
  type Telling,
  whatIsExpected,
} from './complaint.ts'
export * from './console/index.ts'
export { consoleOpenApi, SESSION_COOKIE } from './console-openapi.ts'
export { ContactRow, contactList } from './contact/list.ts'
export { type CallbackKind, callbacks, endpoints, neighbours, pageEndpoints } from './contract.ts'
export { type DescribedField, describeFields } from './describe-fields.ts'
export { type GeneralAnswer, generalAnswer, generalAnswers } from './general-help.ts'
export { managementOpenApi } from './management-openapi.ts'
export { BotInfo } from './model/bot-info.ts'
export {
  type Endpoint,
  type Envelope,
  endpoint,
  type Header,
  type RefusalOf,
  type ReplyOf,
  type RequestOf,
} from './model/endpoint.ts'
export * from './model/ids.ts'
export { CallbackMember, ContactType, Member } from './model/member.ts'
export { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Page } from './model/page.ts'
export {
  CodeReply,
  HTTP_BAD_REQUEST,
  type RefusalCode,
  type RefusalTable,
  tokenInvalid,
} from './model/refusal.ts'
export { Label, RoomRow, SimpleRoomRow } from './model/room.ts'
export { cleanString, cleanText, isCleanText } from './model/text.ts'
export { type ExampleRequests, type OpenApiSettings, openApi } from './openapi.ts'
export { type RefusalHelp, type RefusalWord, refusalHelp } from './refusal-help.ts'
export { addMember } from './room/add-member.ts'
export { create, IDEMPOTENCY_KEY } from './room/create.ts'
export { exit } from './room/exit.ts'
export { roomList } from './room/list.ts'
export { listByMember } from './room/list-by-member.ts'
export { listByMHTag } from './room/list-by-mh-tag.ts'
export { simpleList } from './room/simple-list.ts'
export { RoomEventBot, RoomEventMember } from './room-events/facts.ts'
export { RoomJoinedBody, roomJoined } from './room-events/joined.ts'
export { RoomLeftBody, roomLeft } from './room-events/left.ts'
export { RoomTopicBody, roomTopic } from './room-events/topic.ts'
export { tagList } from './tag/list.ts'
