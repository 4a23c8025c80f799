export { AlertRobotKind } from './alert-robot-kind.ts'
export { botQrcode } from './bots/bot-qrcode.ts'
export type {
  BotLoginRecord,
  BotMoveRecord,
  BotRecord,
  BotSessionRecord,
} from './bots/bot-record.ts'
export { BotState } from './bots/bot-state.ts'
export { type AttemptRecord, type CallbackRecord, WEBHOOK_ID } from './callbacks/callback.ts'
export { type AddressRecord, SIGNING_SECRETS_MAX } from './callbacks/callback-address.ts'
export { splitCredentials } from './callbacks/receiver-header.ts'
export type { ReplayRecord } from './callbacks/replay.ts'
export type { Counted } from './counted.ts'
export { type FieldForm, fieldForm, fieldWords } from './door/field-form.ts'
export {
  type ManagementVerbName,
  managementInput,
  managementVerbs,
} from './door/management.ts'
export { OperatorReply } from './door/reply.ts'
export type { Example, OperatorVerb } from './door/verb.ts'
export {
  commandGroups,
  operatorVerbs,
  type VerbAsk,
  type VerbInput,
  type VerbName,
  type VerbOutput,
  type VerbRefusal,
} from './door/verbs.ts'
export type { MatchKind, MatchRecord } from './match.ts'
export type { NodeRecord } from './node.ts'
export { OVERVIEW_BOTS } from './overview.ts'
export type { AuditRecord } from './people/audit.ts'
export { CONSOLE_API_PATH, CONSOLE_PATH } from './people/console-path.ts'
export { type Asker, mayUse } from './people/may-use.ts'
export { PersonId, type PersonRecord } from './people/person-record.ts'
export { Role } from './people/role.ts'
export {
  ConsoleSession,
  consoleEndpoints,
  consoleRefusals,
  consoleVerbPath,
  type SignedIn,
} from './people/session.ts'
export { CONSOLE_TOKEN_ID, TRIED_ANSWER_CHARACTERS_MAX } from './requests/console-tries.ts'
export type { RequestRecord } from './requests/request.ts'
export type { ChatRecord } from './rooms/chat.ts'
export {
  CellProblem,
  CONTACTS_PER_IMPORT_MAX,
  ContactLine,
  type ContactRecord,
  ID_CHARACTERS_MAX,
  type LineOutcome,
} from './rooms/contact.ts'
export type { TagRecord } from './rooms/tag-record.ts'
export { type SimulatedFault, simulatedFaults } from './simulator/simulated-faults.ts'
export type { Moved, SimulatedRoom, SimulatedWorldView } from './simulator/simulator.ts'
export type { StepRecord } from './step-record.ts'
export type { TokenRealm, TokenRecord } from './token.ts'
export type { WorkspaceRecord } from './workspace.ts'
