/** Which rooms somebody means, and whether one of a slice is such. */
import type { BotId, WorkspaceId } from '@qunhub/wire'
import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../database/database.ts'
import { ORDINALS_PER_BLOCK } from './list-blocks.ts'

export interface RoomFilter {
  readonly botId?: BotId | undefined
  readonly tagId?: string | undefined
  readonly external?: boolean | undefined
  /** Part of the topic. */
  readonly topic?: string | undefined
  /** These chats alone, whatever they are called. */
  readonly chatIds?: readonly string[] | undefined
  /** Those that one of these people is in, where they are too many to name. */
  readonly memberOf?: readonly string[] | undefined
  /** Or else, where no part of the topic fits, one of these. */
  readonly orChatIds?: readonly string[] | undefined
  /** Likewise. */
  readonly orMemberOf?: readonly string[] | undefined
}

/** Whether a chat of `slice` fits; of a block, or of chats that are named (null). */
export function fits(
  db: Queryable,
  workspaceId: WorkspaceId,
  { botId, tagId, external, topic, memberOf, orChatIds, orMemberOf }: RoomFilter,
  block: number | null,
): RawBuilder<unknown> {
  // As it is written, where LIKE would read signs into it.
  const called = topic === undefined ? undefined : sql`replace(topic, ${topic}, '') <> topic`
  const orElse = [
    ...(orChatIds?.length ? [sql`chat_id in ${db.oneOf(orChatIds)}`] : []),
    ...(orMemberOf?.length ? [hasMember(db, workspaceId, orMemberOf)] : []),
  ]
  const conditions = [
    ...(botId === undefined ? [] : [sql`bot_id = ${botId}`]),
    ...(external === undefined ? [] : [sql`external = ${sql.lit(external ? 1 : 0)}`]),
    ...(memberOf === undefined ? [] : [hasMember(db, workspaceId, memberOf)]),
    ...(called ? [sql`(${sql.join([called, ...orElse], sql` or `)})`] : []),
    ...(tagId === undefined ? [] : [hasTag(workspaceId, tagId, block)]),
  ]
  return sql.join([sql`1 = 1`, ...conditions], sql` and `)
}

/**
 * A plain EXISTS PostgreSQL would look up in a hash of all the chats that they are in, and with a list of people it reads all members of each
 * chat: so each of them is asked for by the whole key (decision 0049).
 */
const hasMember = (db: Queryable, workspaceId: WorkspaceId, wxids: readonly string[]) =>
  db.dialect === 'sqlite'
    ? sql`(select 1 from chat_member where chat_member.workspace_id = ${workspaceId}
        and chat_member.chat_id = slice.chat_id and chat_member.wxid in ${db.oneOf(wxids)} limit 1) is not null`
    : sql`(select 1 from unnest(${wxids}::text[]) as asked (wxid) cross join lateral (
        select 1 from chat_member where workspace_id = ${workspaceId} and chat_id = slice.chat_id
          and wxid between asked.wxid and asked.wxid order by wxid limit 1) as found
        limit 1) is not null`

// Bounded by the block once more, so that no plan reads all the chats of a tag.
const hasTag = (workspaceId: WorkspaceId, tagId: string, block: number | null) => sql`exists (
  select 1 from chat_tag where chat_tag.workspace_id = ${workspaceId} and chat_tag.tag_id = ${tagId}
    and ${
      block === null
        ? sql`chat_tag.chat_id = slice.chat_id`
        : sql`chat_tag.chat_ordinal = slice.ordinal and chat_tag.chat_ordinal >= ${block * ORDINALS_PER_BLOCK}
            and chat_tag.chat_ordinal < ${(block + 1) * ORDINALS_PER_BLOCK}`
    })`
