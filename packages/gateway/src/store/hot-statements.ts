import type { Selectable } from 'kysely'
import type { Statement } from './database.ts'
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
} from './tables.ts'

export type ContactRow = ContactTable
export type ChatRow = Selectable<ChatTable>
export type BotViewRow = Pick<BotTable, 'wxid' | 'user_id' | 'nick_name'> &
  Pick<Selectable<WorkspaceTable>, 'show_wecom_chat_id'>
/** What the workspace wants to hear is read along with the bot, so that asking costs no trip of its own. */
export type CallbackSwitchRow = Pick<
  Selectable<WorkspaceTable>,
  'chatroom_joined' | 'chatroom_loaded' | 'joined_on_any_member' | 'room_joined' | 'room_left' | 'room_topic'
>
export type OwnedBotRow = BotViewRow &
  CallbackSwitchRow &
  Pick<Selectable<BotTable>, 'fence'> & {
    /** The store's own clock at this moment, in milliseconds; null where it has none. */
    readonly store_now: number | null
  }
/** A chat and what rows show of its bot and its workspace. */
export type ChatWithBotRow = ChatRow & BotViewRow
export type MemberWithContactRow = ContactRow & Pick<ChatMemberTable, 'chat_id' | 'room_alias'>
export type LabelRow = { readonly chat_id: string; readonly id: string; readonly name: string }
export type MemberRow = Pick<ChatMemberTable, 'wxid' | 'position' | 'room_alias'>
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
  readonly chat: SightedChat | null
  readonly counts: readonly ListCount[]
  /** Of one lane. */
  readonly owed: readonly OwedRow[]
}

/** A chat that is new, or looks different: it gets its next revision and is not left (again). */
export interface SightedChat {
  readonly row: Omit<ChatRow, 'revision' | 'left_at'>
  readonly put: readonly MemberRow[]
  readonly gone: readonly string[]
}

export interface OwedRow {
  readonly addressId: string
  readonly laneKey: string
  readonly kind: string
  readonly webhookId: string
  readonly body: Uint8Array
  readonly at: number
  /** Since when its lane counts as waiting. */
  readonly laneDueAt: number
}

export interface LaneClaim {
  readonly workspaceId: string
  readonly addressId: string
  readonly owner: string
  readonly now: number
  readonly leaseUntil: number
  readonly limit: number
  /** Of the address, over all nodes (CB-10). */
  readonly inFlightMax: number
}

/** A delivery and what may follow on it. Times in milliseconds. */
export interface DeliveredRow {
  readonly workspaceId: string
  readonly addressId: string
  readonly laneKey: string
  readonly token: number
  readonly callbackId: number
  /** Attempts before this one. */
  readonly attempt: number
  readonly settledAt: number
  readonly startedAt: number
  readonly ms: number
  readonly status: number | null
  readonly snippet: string | null
  readonly owner: string
  readonly now: number
  readonly leaseUntil: number
  /** Whether the lane may show its next callback, else it is given back. */
  readonly mayStay: boolean
  /** Whether another lane may take its place. */
  readonly mayPassOn: boolean
}

/** A lane in the hands of a courier. */
export interface HeldLane {
  readonly workspaceId: string
  readonly addressId: string
  readonly laneKey: string
  readonly token: number
}

/** What stands first in a lane, and where its callbacks go; `id` is null where nothing does. */
export interface HeadRow {
  readonly id: number | null
  readonly webhook_id: string
  readonly kind: string
  readonly attempt: number
  readonly due_at: number
  readonly replay_id: string | null
  readonly bytes: Uint8Array
  readonly base_url: string | null
  readonly secrets_sealed: Uint8Array
}

export type LookRow = HeadRow &
  Pick<Selectable<CallbackAddressTable>, 'state' | 'ramp'> & { readonly gen: number }

/** The lane that is worked on next (null: none), and what stands first in it (null: look into it). */
export type WorkRow = HeadRow & { readonly lane_key: string | null; readonly token: number | null }

/** As much of an address as says how many of its callbacks may be in flight. */
export type BreakerRow = Pick<
  Selectable<CallbackAddressTable>,
  'base_url' | 'state' | 'open_until' | 'ramp' | 'ramp_delivered' | 'concurrency'
>
export type WaitingAddressRow = BreakerRow & Pick<Selectable<CallbackAddressTable>, 'workspace_id' | 'id'>

/** An attempt as the history keeps it. Times in milliseconds. */
export interface AttemptRow {
  readonly workspaceId: string
  readonly callbackId: number
  readonly startedAt: number
  readonly ms: number
  readonly outcome: 'answered' | 'failed'
  readonly status: number | null
  readonly errorClass: string | null
  readonly snippet: string | null
  /** Why there was no answer, in words. */
  readonly reason: string | null
}

/**
 * The statements that every request or every event runs. Each dialect words them by hand, because here the plan
 * matters and building the text anew would cost more than running it. Where a dialect writes rows one by one the list
 * has a statement a row; where it has a bulk form, one.
 */
export interface HotStatements {
  findToken(hash: Uint8Array): Statement<{ id: string; workspace_id: string; realm: string }>

  /** Oldest chat first; the revision joins those of chat, bot and workspace. */
  chatsOfMember(
    workspaceId: string,
    wxid: string,
  ): Statement<{ chat_id: string; ordinal: number; revision: string }>
  /** The same for at most `limit` chats of a tag (null: of all) from that ordinal on, without the first `skip` of them. */
  chatsFrom(
    workspaceId: string,
    tagId: string | null,
    from: { readonly fromOrdinal: number; readonly skip: number; readonly limit: number },
  ): Statement<{ chat_id: string; revision: string }>

  /** The blocks of a list in which chats stand, ascending. */
  listBlocks(workspaceId: string, list: string): Statement<ListBlockRow>
  /** Each block at most once, and in the order in which the rows are to be locked. */
  countListed(workspaceId: string, counts: readonly ListCount[]): Statement

  /**
   * What rows show of a bot and of its workspace, which callbacks that wants, and under which fence the bot is run. For
   * writes: where several write at once, the bot's row is held until the write ends, so that what its owners write is
   * done one after another.
   */
  botView(workspaceId: string, botId: string): Statement<OwnedBotRow>
  /** For writes: where several write at once, it holds the row until the write ends, so that its lists stay as read. */
  chat(workspaceId: string, chatId: string): Statement<ChatRow>
  /** Those of the ids that the workspace knows, left or not, in no particular order. */
  chatsWithBots(workspaceId: string, chatIds: readonly string[]): Statement<ChatWithBotRow>
  /** Of each chat in the order of joining. */
  membersWithContacts(workspaceId: string, chatIds: readonly string[]): Statement<MemberWithContactRow>
  /** In the order of tagging. */
  labels(workspaceId: string, chatIds: readonly string[]): Statement<LabelRow>

  contacts(workspaceId: string, botId: string, wxids: readonly string[]): Statement<ContactRow>
  /** The bot's contacts that go by one of these other names. */
  contactsNamed(
    workspaceId: string,
    botId: string,
    by: 'handle' | 'union_id',
    names: readonly string[],
  ): Statement<ContactRow>
  /** The bot's coworkers whose userIds have one of these keys (`user-id-keys.ts`). */
  coworkersOfKeys(workspaceId: string, botId: string, keys: readonly string[]): Statement<ContactRow>
  /** Those of several bots, whoever goes by one of the ids there. */
  contactsOfBots(
    workspaceId: string,
    botIds: readonly string[],
    by: 'wxid' | 'handle' | 'union_id',
    ids: readonly string[],
  ): Statement<ContactRow>

  /** In no particular order. */
  members(workspaceId: string, chatId: string): Statement<MemberRow>

  /** Everything that was seen and is owed, in as few statements as the dialect can; none when there is nothing. */
  writeSighting(sighting: Sighting): Statement[]
  /** Callbacks of one lane, in their order. */
  owe(workspaceId: string, owed: readonly OwedRow[]): Statement[]
  /** Makes the lane due at `at`, or leaves it due earlier, and tells a release that something came. */
  stirLane(workspaceId: string, addressId: string, laneKey: string, at: number): Statement
  /** Takes up to `limit` due lanes of the address that nobody holds, those first that have waited longest. */
  claimLanes(claim: LaneClaim): Statement<{ lane_key: string; token: number }>
  /** The addresses with a due lane that nobody works on, by id. */
  waitingAddresses(now: number): Statement<WaitingAddressRow>
  /** When, after `now`, the next lane that nobody works on falls due. */
  nextLaneDueAt(now: number): Statement<{ due_at: number }>
  /** For writes: where several write at once, it holds the address's row until the write ends. */
  holdBreaker(workspaceId: string, addressId: string): Statement<BreakerRow>
  /** Nothing when the lane is somebody else's by now. New callbacks stand before those that are replayed. */
  lookIntoLane(lane: HeldLane): Statement<LookRow>
  /** Holds the lane for longer, if it is still ours. */
  keepLane(lane: HeldLane, leaseUntil: number): Statement
  /** Gives the lane back as it was seen at `gen`, if it is still ours and nothing came since. */
  releaseLane(lane: HeldLane, seen: { readonly gen: number; readonly dueAt: number | null }): Statement
  /** Ends a callback that is due and was tried `attempt` times before. */
  settleCallback(ended: {
    readonly workspaceId: string
    readonly callbackId: number
    readonly attempt: number
    readonly state: 'delivered' | 'parked'
    readonly at: number
  }): Statement
  keepAttempt(attempt: AttemptRow): Statement
  /**
   * Everything that follows on a delivery in the usual case, in one statement: the callback is delivered, its attempt kept,
   * the lane shows its next callback or is given back, and then another lane of the address takes its place and shows its
   * first. No row, and nothing is written, when anything is unusual. Null where the dialect has no such statement.
   */
  settleDelivered(delivered: DeliveredRow): Statement<WorkRow> | null

  /** Where callbacks of the workspace go; nothing while they go nowhere. */
  callbackAddress(workspaceId: string): Statement<{ id: string }>

  /** Every node, the longest there first. */
  nodes(): Statement<NodeStateRow>
  /** Every node but this one whose process is connected at this moment beats once more, for somebody saw it alive. */
  seeAlive(nodeId: string): Statement

  /** The next number of a kind of thing in a workspace: 1, 2, 3 …, never the same twice. */
  count(workspaceId: string, kind: Counted): Statement<{ last: number }>
}

/** What a workspace numbers: its chats and tags, in the order of first sight. */
export type Counted = 'chat' | 'tag'
