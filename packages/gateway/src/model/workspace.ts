import type { WorkspaceId } from '@qunhub/wire'

/** One 小组: owns bots, tokens, tags and one callback base. */
export interface Workspace {
  readonly id: WorkspaceId
  readonly name: string
  readonly createdAt: number
  /** Rows carry `wecomChatId` (RW-4). */
  readonly showWecomChatId: boolean
  /** Additions beyond 50 a minute wait their turn instead of only being warned about (AM-23). */
  readonly paceAdditions: boolean
}
