export { AlertRobotKind } from './alert.ts'
export type { AuditRecord } from './audit.ts'
export { botQrcode } from './bot-qrcode.ts'
export {
  type BotLoginRecord,
  type BotMoveRecord,
  type BotRecord,
  type BotSessionRecord,
  BotState,
} from './bot-record.ts'
export { type AttemptRecord, type CallbackRecord, WEBHOOK_ID } from './callback.ts'
export { type AddressRecord, SIGNING_SECRETS_MAX } from './callback-address.ts'
export type { ChatRecord } from './chat.ts'
export {
  CellProblem,
  CONTACTS_PER_IMPORT_MAX,
  ContactLine,
  type ContactRecord,
  ID_CHARACTERS_MAX,
  type LineOutcome,
} from './contact.ts'
export type { Counted } from './counted.ts'
export { type FieldForm, fieldForm, fieldWords } from './field-form.ts'
export type { FindingKind, FindingRecord } from './finding.ts'
export {
  type ManagementVerbName,
  managementInput,
  managementVerbs,
} from './management.ts'
export { type Asker, mayUse } from './may-use.ts'
export type { NodeRecord } from './node.ts'
export { OVERVIEW_BOTS } from './overview.ts'
export { PersonId, type PersonRecord } from './person-record.ts'
export { splitCredentials } from './receiver-header.ts'
export type { ReplayRecord } from './replay.ts'
export { OperatorReply } from './reply.ts'
export type { RequestRecord } from './request.ts'
export { Role } from './role.ts'
export {
  CONSOLE_API_PATH,
  CONSOLE_PATH,
  ConsoleSession,
  consoleEndpoints,
  consoleRefusals,
  consoleVerbPath,
  type SignedIn,
} from './session.ts'
export { type SimulatedFault, simulatedFaults } from './simulated-faults.ts'
export type { Moved, SimulatedRoom, SimulatedWorldView } from './simulator.ts'
export type { StepRecord } from './step-record.ts'
export type { TagRecord } from './tag.ts'
export type { TokenRealm, TokenRecord } from './token.ts'
export { CONSOLE_TOKEN_ID, TRIED_ANSWER_CHARACTERS_MAX } from './try-request.ts'
export type { Example, OperatorVerb } from './verb.ts'
export {
  commandGroups,
  operatorVerbs,
  type VerbAsk,
  type VerbInput,
  type VerbName,
  type VerbOutput,
  type VerbRefusal,
} from './verbs.ts'
export type { WorkspaceRecord } from './workspace.ts'
