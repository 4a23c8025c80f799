import type { ChatId, TagId, VerbInput, WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../model/result.ts'
import type { Database } from '../store/database.ts'
import { findTags, unknownChats } from '../store/tags.ts'
import { chooseWorkspace } from './choose-workspace.ts'

export interface Tagged {
  readonly workspaceId: WorkspaceId
  readonly tagId: TagId
  readonly chatIds: readonly ChatId[]
}

/**
 * The tag, by its id or its name, and the chats that it is to be put on or taken off: all of them known, or none is
 * touched. A chat that is named twice is meant once.
 */
export async function chooseTagged(db: Database, { workspace, tag, chats }: VerbInput<'assign-tag'>) {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const workspaceId = chosen.value.id
  const tagChosen = await chooseTag(db, workspaceId, tag)
  if (!tagChosen.ok) return tagChosen

  const chatIds = [...new Set(chats)] as ChatId[]
  const [unknown] = await unknownChats(db, workspaceId, chatIds)
  if (unknown !== undefined) return refuse('chat-unknown', unknown)
  return done<Tagged>({ workspaceId, tagId: tagChosen.value, chatIds })
}

async function chooseTag(
  db: Database,
  workspaceId: WorkspaceId,
  named: string,
): Promise<Result<TagId, 'tag-unknown' | 'tag-ambiguous'>> {
  const tags = await findTags(db, workspaceId, named)
  if (tags.some(tag => tag.id === named)) return done(named as TagId)

  const [only, ...others] = tags.filter(tag => tag.name === named)
  if (!only) return refuse('tag-unknown', named)
  return others.length === 0 ? done(only.id) : refuse('tag-ambiguous', named)
}
