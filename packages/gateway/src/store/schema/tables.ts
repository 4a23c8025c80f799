import type { NumberedContact } from './migrations/0002-contact-numbers.ts'
import type * as people from './migrations/0003-people.ts'
import type { auditEntry } from './migrations/0004-audit.ts'
import type * as tallies from './migrations/0005-tallies-and-requests.ts'
import type { RunAddress } from './migrations/0006-address-couriers.ts'
import type { NarrowedReplay } from './migrations/0007-finding-callbacks.ts'
import type { CountingNode } from './migrations/0009-counting-editions.ts'
import type { Flag, RowOf } from './migrations/describe-table.ts'
import type * as bots from './migrations/first-bots.ts'
import type * as outbox from './migrations/first-outbox.ts'
import type * as rooms from './migrations/first-rooms.ts'
import type * as workspaces from './migrations/first-workspaces.ts'

export type { Flag }

/**
 * The tables as the code sees them: what the first schema describes and, once there are later steps of `migrations/`, what
 * those add. Times in milliseconds.
 */
export interface Tables {
  workspace: WorkspaceTable
  counter: RowOf<typeof workspaces.counter>
  token: TokenTable
  token_permits: RowOf<typeof workspaces.tokenPermits>
  idempotency: RowOf<typeof workspaces.idempotency>
  node: NodeTable
  installation: RowOf<typeof workspaces.installation>
  bot: BotTable
  bot_move: BotMoveTable
  contact: ContactTable
  chat: ChatTable
  chat_member: ChatMemberTable
  tag: RowOf<typeof rooms.tag>
  chat_tag: RowOf<typeof rooms.chatTag>
  list_block: ListBlockTable
  callback_address: CallbackAddressTable
  accepted_kind: RowOf<typeof outbox.acceptedKind>
  callback: CallbackTable
  callback_body: RowOf<typeof outbox.callbackBody>
  attempt: RowOf<typeof outbox.attempt>
  replay: ReplayTable
  person: PersonTable
  person_session: RowOf<typeof people.personSession>
  setup_code: SetupCodeTable
  audit_entry: AuditEntryTable
  callback_minute: RowOf<typeof tallies.callbackMinute>
  request_entry: RowOf<typeof tallies.requestEntry>
  schema_version: SchemaVersionTable
}

export type WorkspaceTable = RowOf<typeof workspaces.workspace>
export type TokenTable = RowOf<typeof workspaces.token>
export type NodeTable = RowOf<typeof workspaces.node> & CountingNode
export type BotTable = RowOf<typeof bots.bot>
export type BotMoveTable = RowOf<typeof bots.botMove>
export type ContactTable = RowOf<typeof bots.contact> & NumberedContact
export type ChatTable = RowOf<typeof rooms.chat>
export type ChatMemberTable = RowOf<typeof rooms.chatMember>
export type ListBlockTable = RowOf<typeof rooms.listBlock>
export type CallbackAddressTable = RowOf<typeof outbox.callbackAddress> & RunAddress
export type CallbackTable = RowOf<typeof outbox.callback>
export type ReplayTable = RowOf<typeof outbox.replay> & NarrowedReplay
export type PersonTable = RowOf<typeof people.person>
export type AuditEntryTable = RowOf<typeof auditEntry>
export type SetupCodeTable = RowOf<typeof people.setupCode>

/** Which steps have been taken. It is made before the first one (`migrate.ts`). */
export interface SchemaVersionTable {
  version: number
  name: string
  applied_at: number
}
