import type { Selectable } from 'kysely'
import type {
  BotTable,
  CallbackAddressTable,
  ChatMemberTable,
  ChatTable,
  ContactTable,
  Flag,
  ListBlockTable,
  NodeTable,
  WorkspaceTable,
} from '../schema/tables.ts'

export type ContactRow = ContactTable
export type ChatRow = Selectable<ChatTable>
export type BotViewRow = Pick<BotTable, 'wxid' | 'user_id' | 'nick_name'> &
  Pick<Selectable<WorkspaceTable>, 'show_wecom_chat_id'>
/** What the workspace wants to hear is read along with the bot, so that asking costs no trip of its own. */
export type CallbackSwitchRow = Pick<
  Selectable<WorkspaceTable>,
  'chatroom_joined' | 'chatroom_loaded' | 'joined_on_any_member' | 'room_joined' | 'room_left' | 'room_topic'
>
export type FencedBotRow = BotViewRow &
  CallbackSwitchRow &
  Pick<Selectable<BotTable>, 'fence'> & {
    /** Whether its workspace has an address to which something may be owed. */
    readonly has_address: Flag
    /** The store's own clock at this moment, in milliseconds; null where it has none. */
    readonly store_now: number | null
  }
/** A chat and what rows show of its bot and its workspace. */
export type ChatWithBotRow = ChatRow & BotViewRow
export type MemberWithContactRow = ContactRow & Pick<ChatMemberTable, 'chat_id' | 'room_alias'>
export type LabelRow = { readonly chat_id: string; readonly id: string; readonly name: string }
export type MemberRow = Pick<ChatMemberTable, 'chat_id' | 'wxid' | 'position' | 'room_alias'>
export type NodeStateRow = NodeTable & { readonly attending: Flag }
export type ListBlockRow = Pick<ListBlockTable, 'block' | 'chats'>
/** So many chats more (or fewer) stand in this block of this list. */
export type ListCount = Pick<ListBlockTable, 'list' | 'block'> & { readonly by: number }

/** What a bot saw, as far as it is different from what is kept, and what is owed for it. */
export interface Sighting {
  readonly workspaceId: string
  readonly botId: string
  /** New or different ones. */
  readonly contacts: readonly ContactRow[]
  /** The wxids of contacts that chats show differently from now on: each chat that has one gets a new revision. */
  readonly shown: readonly string[]
  readonly chats: readonly SightedChat[]
  readonly counts: readonly ListCount[]
  /** In their order within each lane. */
  readonly owed: readonly OwedRow[]
}

/** A chat that is new, or looks different: it gets its next revision and is not left (again). */
export interface SightedChat {
  readonly row: Omit<ChatRow, 'revision' | 'left_at'>
  readonly put: readonly MemberRow[]
  readonly gone: readonly string[]
}

export interface OwedRow {
  readonly laneKey: string
  readonly kind: string
  readonly webhookId: string
  readonly body: Uint8Array
  readonly at: number
}

/** The breaker of an address, and how many may be in flight when all is well. */
export type BreakerRow = Pick<
  Selectable<CallbackAddressTable>,
  'state' | 'open_until' | 'ramp' | 'ramp_delivered' | 'exhaustions' | 'concurrency'
>
export type AddressRow = BreakerRow &
  Pick<Selectable<CallbackAddressTable>, 'workspace_id' | 'id' | 'fence' | 'base_url' | 'secrets_sealed'>

/** In which room something is owed. */
export interface NewsRow {
  readonly addressId: string
  readonly laneKey: string
  readonly id: number
  readonly replayed: Flag
}

/** A callback that is owed. Times in milliseconds. Of one that used up its retries (EXHAUSTED_ATTEMPT) it is said that it waits (CB-8). */
export interface Held {
  readonly id: number
  readonly webhookId: string
  readonly laneKey: string
  readonly kind: string
  /** Attempts made so far in this round. */
  readonly attempt: number
  readonly dueAt: number
  /** Faults of ours; they never use up the customer's retries. */
  readonly faults: number
  /** The replay that made it due again; null in its first life. */
  readonly replayId: string | null
  readonly bodyId: number
  readonly bodyBytes: number
}

/** With its body. */
export interface Owed extends Held {
  readonly bytes: Uint8Array
}

/** A room of an address. */
export interface RoomKey {
  readonly workspaceId: string
  readonly addressId: string
  readonly laneKey: string
}

/** With its body, unless that is long. */
export interface FirstOfRoom extends Held {
  readonly addressId: string
  readonly bytes: Uint8Array | null
}

/** An attempt as the history keeps it. Times in milliseconds. */
export interface AttemptMade {
  readonly startedAt: number
  readonly ms: number
  readonly outcome: 'answered' | 'failed'
  readonly status: number | null
  readonly errorClass: string | null
  readonly snippet: string | null
  /** Why there was no answer, in words. */
  readonly reason: string | null
}

/** What a workspace numbers: its chats and tags, in the order of first sight. */
export type Counted = 'chat' | 'tag'
