export { AlertRobotKind } from './alert.ts'
export {
  type BotLoginRecord,
  type BotMoveRecord,
  type BotRecord,
  type BotSessionRecord,
  BotState,
} from './bot.ts'
export { botQrcode } from './bot-qrcode.ts'
export {
  type AddressRecord,
  type AttemptRecord,
  type CallbackRecord,
  type ReplayRecord,
  SIGNING_SECRETS_MAX,
  WEBHOOK_ID,
} from './callback.ts'
export type { ChatRecord } from './chat.ts'
export {
  CellProblem,
  CONTACTS_PER_IMPORT_MAX,
  ContactLine,
  type ContactRecord,
  ID_CHARACTERS_MAX,
  type LineOutcome,
} from './contact.ts'
export { type FieldForm, fieldForm, fieldWords } from './field-form.ts'
export {
  type ManagementVerbName,
  managementInput,
  managementVerbs,
} from './management.ts'
export { type Asker, mayUse } from './may-use.ts'
export type { NodeRecord } from './node.ts'
export { splitCredentials } from './receiver-header.ts'
export { OperatorReply } from './reply.ts'
export { Role } from './role.ts'
export type { TagRecord } from './tag.ts'
export type { TokenRealm, TokenRecord } from './token.ts'
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
