import type { Generated } from 'kysely'
import type { CallbackState } from '../model/callback.ts'

/** The tables as the code sees them; `migrations/` is how they came to be. Times in milliseconds. */
export interface Tables {
  workspace: WorkspaceTable
  counter: CounterTable
  token: TokenTable
  bot: BotTable
  bot_move: BotMoveTable
  contact: ContactTable
  chat: ChatTable
  chat_member: ChatMemberTable
  tag: TagTable
  chat_tag: ChatTagTable
  list_block: ListBlockTable
  idempotency: IdempotencyTable
  callback_address: CallbackAddressTable
  accepted_kind: AcceptedKindTable
  callback: CallbackTable
  callback_body: CallbackBodyTable
  lane: LaneTable
  attempt: AttemptTable
  schema_version: SchemaVersionTable
  node: NodeTable
  installation: InstallationTable
  token_permits: TokenPermitsTable
  exhaustion: ExhaustionTable
  replay: ReplayTable
}

/** 0 and 1 in every dialect, so that a row reads the same everywhere. */
export type Flag = 0 | 1

export interface WorkspaceTable {
  id: string
  name: string
  created_at: number
  show_wecom_chat_id: Generated<Flag>
  pace_additions: Generated<Flag>
  verify_additions: Generated<Flag>
  /** The page's own callbacks (CB-13). */
  chatroom_joined: Generated<Flag>
  chatroom_loaded: Generated<Flag>
  /** `chatroom/joined` whoever joins, not only the bot (CB-3). */
  joined_on_any_member: Generated<Flag>
  /** The newer callbacks that the workspace wants (NB-6). */
  room_joined: Generated<Flag>
  room_left: Generated<Flag>
  room_topic: Generated<Flag>
  /** Grows when something changes that every row of the workspace shows. */
  revision: Generated<number>
}

export interface CounterTable {
  workspace_id: string
  name: string
  last: number
}

export interface TokenTable {
  workspace_id: string
  id: string
  hash: Uint8Array
  label: string
  realm: Generated<string>
  created_at: number
  revoked_at: number | null
}

export interface BotTable {
  workspace_id: string
  id: string
  /** Empty where `discovery` says it. */
  endpoint: string
  /** The authority that is asked for the endpoint. */
  discovery: string | null
  token_sealed: Uint8Array
  tls: Flag
  expected_user_id: string | null
  /** Null, like the four below, until the first login. */
  wxid: string | null
  user_id: string | null
  nick_name: string | null
  avatar_url: string | null
  kind: 'wecom' | 'wechat' | null
  /** Grows when something changes that every row of the bot shows. */
  revision: Generated<number>
  created_at: number
  state: Generated<string>
  state_reason: Generated<string>
  state_since: number
  /** Who runs it; null while nobody does. */
  node_id: Generated<string | null>
  /** Grows with every claim. */
  fence: Generated<number>
  /** Until its rooms are owed as `loaded` (CB-1). */
  starting: Generated<Flag>
  /** The beat after which nobody ran it; null while somebody does, or nobody ever did. */
  free_since: Generated<number | null>
  /** Its puppet has been heard to answer a ding. */
  answers_dings: Generated<Flag>
  /** Since when it is deaf, as its last move left it. */
  deaf_since: Generated<number | null>
}

export interface BotMoveTable {
  workspace_id: string
  bot_id: string
  /** Counts the moves of the bot. */
  ordinal: number
  at: number
  from_state: string
  to_state: string
  reason: string
  wxid: string | null
  attempt: number | null
  scan: string | null
  /** So many moves before it were given up. */
  missed: number
  /** Who told it, and in which place: so that a move that is told twice is kept once. */
  fence: number
  seq: number
}

export interface ContactTable {
  workspace_id: string
  bot_id: string
  wxid: string
  name: string
  alias: string | null
  avatar_url: string
  gender: 0 | 1 | 2
  type: 0 | 1 | 2 | 3
  is_friend: Flag
  coworker: Flag
  corporation: string | null
  handle: string | null
  union_id: string | null
}

export interface ChatTable {
  workspace_id: string
  chat_id: string
  bot_id: string
  room_wxid: string
  topic: string
  avatar_url: string
  owner_id: string
  external: Flag
  wecom_chat_id: string | null
  /** Counts the chats of the workspace in the order of first sight: the order of every list (LT-4). */
  ordinal: number
  created_at: number
  left_at: number | null
  /** Grows when something changes that this row alone shows. */
  revision: Generated<number>
  member_count: number
}

export interface ChatMemberTable {
  workspace_id: string
  chat_id: string
  wxid: string
  /** Ascends in the order of joining (RW-1), with gaps where members left. */
  position: number
  room_alias: string | null
}

export interface TagTable {
  workspace_id: string
  id: string
  name: string
  ordinal: number
}

export interface ChatTagTable {
  workspace_id: string
  tag_id: string
  chat_id: string
  /** The order of tagging (RW-2). */
  ordinal: number
  /** The chat's own ordinal, which never changes, once more: so the chats of a tag are read in order without a sort. */
  chat_ordinal: number
}

/** How long the lists are, a block at a time: so any page is found without reading what stands before it (LT-6). */
export interface ListBlockTable {
  workspace_id: string
  /** A tag's id; empty for the list of all chats. */
  list: string
  /** The chats' ordinals divided by ORDINALS_PER_BLOCK. */
  block: number
  /** How many chats of the block stand in the list. A block that emptied may stay, with 0. */
  chats: number
}

export interface IdempotencyTable {
  workspace_id: string
  key: string
  body_hash: string
  answer: string
  at: number
}

export interface CallbackAddressTable {
  workspace_id: string
  id: string
  /** Null once the operator took the address away; the row and its secret stay. */
  base_url: string | null
  /** The signing secrets, newest first, sealed by the keyring. */
  secrets_sealed: Uint8Array
  created_at: number
  /** How many callbacks may be in flight (CB-10). */
  concurrency: Generated<number>
  /** The breaker (CB-7). */
  state: Generated<'closed' | 'open' | 'half-open'>
  open_until: number | null
  /** How many may be in flight while it recovers; null once it has. */
  ramp: number | null
  /** How many were delivered since `ramp` last grew. */
  ramp_delivered: Generated<number>
}

/** A callback base has accepted this kind of callback once: it is known to serve it (CB-6). */
export interface AcceptedKindTable {
  workspace_id: string
  address_id: string
  /** Stands for the base; see accepted-kinds.ts. */
  place: string
  kind: string
  accepted_at: number
}

export interface CallbackTable {
  workspace_id: string
  /** Grows; inside a lane the order of ids is the order of commits (CB-8). */
  id: number
  webhook_id: string
  address_id: string
  lane_key: string
  kind: string
  state: Generated<CallbackState>
  /** Attempts made so far in this round; a replay starts again from 0. */
  attempt: Generated<number>
  due_at: number
  body_id: number
  owed_at: number
  settled_at: number | null
  /** Faults of ours; they never use up the customer's retries. */
  faults: Generated<number>
  /** The replay that made it due again; null in its first life. */
  replay_id: string | null
}

export interface CallbackBodyTable {
  workspace_id: string
  id: number
  bytes: Uint8Array
}

/** One row per (address, room) with work: the unit that a courier claims. */
export interface LaneTable {
  workspace_id: string
  address_id: string
  lane_key: string
  /** When its oldest callback is due; null when nothing is. */
  due_at: number | null
  /** Grows with every callback that is enqueued, so that a release notices what came meanwhile. */
  gen: Generated<number>
  /** Grows with every claim: the fence. */
  token: Generated<number>
  owner: string | null
  lease_until: number | null
}

/** A callback that used up its retries, as long as the breaker counts it (CB-7). */
export interface ExhaustionTable {
  workspace_id: string
  address_id: string
  at: number
  callback_id: number
}

/** Many callbacks that are made due again, a few at a time and oldest first. */
export interface ReplayTable {
  workspace_id: string
  id: string
  state: 'running' | 'paused' | 'done' | 'cancelled'
  /** Which callbacks it is for; null does not matter. */
  only_state: string | null
  only_kind: string | null
  only_room: string | null
  owed_from: number | null
  owed_until: number | null
  /** It has looked at every callback up to this one … */
  last_id: number
  /** … and ends with this one: what is owed later is not for it. */
  until_id: number
  replayed: Generated<number>
  created_at: number
  ended_at: number | null
}

export interface AttemptTable {
  workspace_id: string
  callback_id: number
  n: number
  started_at: number
  ms: number
  outcome: string
  status: number | null
  error_class: string | null
  snippet: string | null
  /** Why there was no answer, in words, where more than the class is known. */
  reason: string | null
}

export interface SchemaVersionTable {
  version: number
  name: string
  applied_at: number
}

/** A gateway process. */
export interface NodeTable {
  id: string
  address: string | null
  entered: number
  beat: number
}

export interface InstallationTable {
  id: 1
  /** What the keyring makes of a text that everybody knows: another master key makes something else. */
  key_check: Uint8Array
}

/** Only where several nodes count the requests of a token together. */
export interface TokenPermitsTable {
  workspace_id: string
  token_id: string
  /** Pairs: until when so many requests count. */
  grants: number[]
}
