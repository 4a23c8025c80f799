import type { WorkspaceId } from '@qunhub/wire'

/** One 小组: owns bots, tokens, tags and one callback base. */
export interface Workspace extends WorkspaceSwitches {
  readonly id: WorkspaceId
  readonly name: string
  readonly createdAt: number
}

/** What a workspace may switch on and off. Until it does, everything is off but what the page promises to everybody. */
export interface WorkspaceSwitches extends CallbackSwitches {
  /** Rows carry `wecomChatId` (RW-4). */
  readonly showWecomChatId: boolean
  /** Additions beyond 50 a minute wait their turn instead of only being warned about (AM-23). */
  readonly paceAdditions: boolean
  /** addMember waits until a member who was pulled in is seen, as if every call said `Prefer: wait` (AM-25). */
  readonly verifyAdditions: boolean
}

/** What the customer wants to hear. */
export interface CallbackSwitches {
  /** The page's own callbacks, which are on until somebody switches them off (CB-13). */
  readonly chatroomJoined: boolean
  readonly chatroomLoaded: boolean
  /** `chatroom/joined` whoever joins, not only the bot (CB-3). */
  readonly joinedOnAnyMember: boolean
  /** The newer callbacks (NB-6). */
  readonly roomJoined: boolean
  readonly roomLeft: boolean
  readonly roomTopic: boolean
}
