import { big, byDefault, flag, index, orNull, small, table, text, unique } from './describe-table.ts'
import { bot } from './first-bots.ts'
import { workspace } from './first-workspaces.ts'

export const chat = table(
  'chat',
  {
    workspace_id: text(),
    chat_id: text(),
    bot_id: text(),
    room_wxid: text(),
    topic: text(),
    avatar_url: text(),
    owner_id: text(),
    external: flag(),
    wecom_chat_id: orNull(text()),
    /** Counts the chats of the workspace in the order of first sight: the order of every list (LT-4). */
    ordinal: big(),
    created_at: big(),
    left_at: orNull(big()),
    /** Grows when something changes that this row alone shows. */
    revision: byDefault(big(), 1),
    member_count: small(),
  },
  {
    key: ['workspace_id', 'chat_id'],
    references: [{ to: bot, columns: ['workspace_id', 'bot_id'] }],
    indexes: [
      // Two halves of one index: the lists read the first, and ask the second which chats of a tag were left. With left_at
      // in it SQLite need not look at the chat itself: a million are read in a sixth of the time.
      index('chat_listed', {
        sqlite: '(workspace_id, ordinal, left_at) where left_at is null',
        postgres: '(workspace_id, ordinal) where left_at is null',
      }),
      index('chat_left', {
        sqlite: '(workspace_id, ordinal, left_at) where left_at is not null',
        postgres: '(workspace_id, ordinal) where left_at is not null',
      }),
      // Unique among the chats that are not left: a bot that logs in as another account leaves the chats of the first
      // one behind, and may meet the same rooms again under new chat ids.
      unique('chat_bot', '(workspace_id, bot_id, room_wxid) where left_at is null'),
      index('chat_room', '(workspace_id, room_wxid)'),
    ],
  },
)

export const chatMember = table(
  'chat_member',
  {
    workspace_id: text(),
    chat_id: text(),
    wxid: text(),
    /** Ascends in the order of joining (RW-1), with gaps where members left. */
    position: small(),
    room_alias: orNull(text()),
  },
  {
    key: ['workspace_id', 'chat_id', 'wxid'],
    references: [{ to: chat, columns: ['workspace_id', 'chat_id'] }],
    indexes: [index('chat_member_wxid', '(workspace_id, wxid, chat_id)')],
  },
)

export const tag = table(
  'tag',
  { workspace_id: text(), id: text(), name: text(), ordinal: big() },
  { key: ['workspace_id', 'id'], references: [{ to: workspace, columns: ['workspace_id'] }] },
)

export const chatTag = table(
  'chat_tag',
  {
    workspace_id: text(),
    tag_id: text(),
    chat_id: text(),
    /** The order of tagging (RW-2). */
    ordinal: big(),
    /** The chat's own ordinal, which never changes, once more: so the chats of a tag are read in order without a sort. */
    chat_ordinal: big(),
  },
  {
    key: ['workspace_id', 'tag_id', 'chat_id'],
    references: [
      { to: tag, columns: ['workspace_id', 'tag_id'] },
      { to: chat, columns: ['workspace_id', 'chat_id'] },
    ],
    indexes: [
      unique('chat_tag_ordinal', '(workspace_id, chat_id, ordinal)'),
      unique('chat_tag_chats', '(workspace_id, tag_id, chat_ordinal)'),
    ],
  },
)

/** How long the lists are, a block at a time: so any page is found without reading what stands before it (LT-6). */
export const listBlock = table(
  'list_block',
  {
    workspace_id: text(),
    /** A tag's id; empty for the list of all chats; `contacts/` and a bot's id for its friends and coworkers. */
    list: text(),
    /** The ordinals of chats, or contacts, divided by ORDINALS_PER_BLOCK. */
    block: big(),
    /** How many chats of the block that are not left, or contacts, stand in the list. A block that emptied may stay, with 0. */
    chats: big(),
  },
  { key: ['workspace_id', 'list', 'block'], references: [{ to: workspace, columns: ['workspace_id'] }] },
)
