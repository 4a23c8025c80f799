import {
  big,
  byDefault,
  bytes,
  column,
  flag,
  index,
  orNull,
  small,
  table,
  text,
  unique,
} from './describe-table.ts'

export const workspace = table(
  'workspace',
  {
    id: text(),
    name: text(),
    created_at: big(),
    show_wecom_chat_id: byDefault(flag(), 0),
    pace_additions: byDefault(flag(), 0),
    /** Additions are verified before they are answered (AM-25). */
    verify_additions: byDefault(flag(), 0),
    /** The page's own callbacks (CB-13). */
    chatroom_joined: byDefault(flag(), 1),
    chatroom_loaded: byDefault(flag(), 1),
    /** `chatroom/joined` whoever joins, not only the bot (CB-3). */
    joined_on_any_member: byDefault(flag(), 0),
    /** The newer callbacks that the workspace wants (NB-6). */
    room_joined: byDefault(flag(), 0),
    room_left: byDefault(flag(), 0),
    room_topic: byDefault(flag(), 0),
    /** Grows when something changes that every row of the workspace shows. */
    revision: byDefault(big(), 1),
  },
  { key: ['id'] },
)

/** The last number given, per kind of thing that is counted: chats, tags and, on SQLite, callbacks (that are gone: `0012-fewer-pages.ts`). */
export const counter = table(
  'counter',
  { workspace_id: text(), name: text(), last: big() },
  { key: ['workspace_id', 'name'], references: [{ to: workspace, columns: ['workspace_id'] }] },
)

export const token = table(
  'token',
  {
    workspace_id: text(),
    id: text(),
    hash: bytes(),
    label: text(),
    /** What it opens: the group-chat page, or the management of its workspace. */
    realm: byDefault(text(), 'api'),
    created_at: big(),
    revoked_at: orNull(big()),
  },
  {
    key: ['workspace_id', 'id'],
    references: [{ to: workspace, columns: ['workspace_id'] }],
    // Whoever shows a token has not said yet whose it is.
    indexes: [unique('token_hash', '(hash)')],
  },
)

/**
 * The permits of G-6 that were granted of late, where several nodes count the requests of a token together; whoever loses
 * them with a crash of the database grants them anew.
 */
export const tokenPermits = table(
  'token_permits',
  {
    workspace_id: text(),
    token_id: text(),
    /** Pairs: until when so many requests count. */
    grants: column<number[]>('', 'bigint[]'),
  },
  { key: ['workspace_id', 'token_id'], only: 'postgres', unlogged: true },
)

export const idempotency = table(
  'idempotency',
  { workspace_id: text(), key: text(), body_hash: text(), answer: text(), at: big() },
  {
    key: ['workspace_id', 'key'],
    references: [{ to: workspace, columns: ['workspace_id'] }],
    // Retention sweeps over all workspaces.
    indexes: [index('idempotency_at', '(at)')],
  },
)

/** A gateway process. */
export const node = table(
  'node',
  {
    id: text(),
    address: orNull(text()),
    /** Numbers of beats order everything that nodes do: whoever entered before a bot became free was there all the time. */
    entered: big(),
    beat: big(),
  },
  { key: ['id'], sequences: ['beat'] },
)

export const installation = table(
  'installation',
  {
    id: small<1>(),
    /** What the keyring makes of a text that everybody knows: another master key makes something else. */
    key_check: bytes(),
  },
  { key: ['id'], check: 'id = 1', rowid: true },
)
