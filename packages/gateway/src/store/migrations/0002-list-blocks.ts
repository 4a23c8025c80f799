import type { Migration } from './migration.ts'

// How many chats that are not left stand in each block of a list. `list` is a tag's id, or '' for all chats. The 1000 is
// ORDINALS_PER_BLOCK of list-blocks.ts, as it was when this step was released.
const fill = [
  `insert into list_block (workspace_id, list, block, chats)
    select workspace_id, '', ordinal / 1000, count(*) from chat
    where left_at is null group by workspace_id, ordinal / 1000`,
  `insert into list_block (workspace_id, list, block, chats)
    select chat_tag.workspace_id, chat_tag.tag_id, chat_tag.chat_ordinal / 1000, count(*)
    from chat_tag
    join chat on chat.workspace_id = chat_tag.workspace_id and chat.chat_id = chat_tag.chat_id
    where chat.left_at is null
    group by chat_tag.workspace_id, chat_tag.tag_id, chat_tag.chat_ordinal / 1000`,
]

/** Lists are counted in blocks, and the chats that are there already with them. */
export const listBlocks: Migration = {
  version: 2,
  name: 'list-blocks',
  sqlite: [
    `create table list_block (
      workspace_id text not null references workspace (id),
      list text not null,
      block integer not null,
      chats integer not null,
      primary key (workspace_id, list, block)
    ) strict, without rowid`,
    ...fill,
  ],
  postgres: [
    `create table list_block (
      workspace_id text collate "C" not null references workspace (id),
      list text collate "C" not null,
      block bigint not null,
      chats bigint not null,
      primary key (workspace_id, list, block)
    )`,
    ...fill,
  ],
}
