import { userIdKeyIn } from '../../bots/user-id-keys.ts'
import { big, byDefault, bytes, flag, index, orNull, small, table, text } from './describe-table.ts'
import { node, workspace } from './first-workspaces.ts'

const GOES_BY = 'coalesce(user_id, expected_user_id)'

export const bot = table(
  'bot',
  {
    workspace_id: text(),
    id: text(),
    /** Empty where `discovery` says it. */
    endpoint: text(),
    /** The authority that sold its token and is asked for the endpoint. */
    discovery: orNull(text()),
    token_sealed: bytes(),
    tls: flag(),
    expected_user_id: orNull(text()),
    /** Null, like the four below, until the first login. */
    wxid: orNull(text()),
    user_id: orNull(text()),
    nick_name: orNull(text()),
    avatar_url: orNull(text()),
    kind: orNull(text<'wecom' | 'wechat'>()),
    /** Grows when something changes that every row of the bot shows. */
    revision: byDefault(big(), 1),
    created_at: big(),
    state: byDefault(text(), 'new'),
    state_reason: byDefault(text(), ''),
    state_since: big(),
    /** Who runs it; null while nobody does. */
    node_id: orNull(text()),
    /** Grows with every claim. */
    fence: byDefault(big(), 0),
    /** Until its rooms are owed as `loaded` (CB-1). */
    starting: byDefault(flag(), 1),
    /** The beat after which nobody ran it; null while somebody does, or nobody ever did. */
    free_since: orNull(big()),
    /** Its puppet has been heard to answer a ding. */
    answers_dings: byDefault(flag(), 0),
    /** Since when it is deaf, as its last move left it. */
    deaf_since: orNull(big()),
  },
  {
    key: ['workspace_id', 'id'],
    references: [
      { to: workspace, columns: ['workspace_id'] },
      { to: node, columns: ['node_id'] },
    ],
    indexes: [
      index('bot_node', '(node_id)'),
      // By userId in any case of letters, which each dialect folds with other functions.
      index('bot_goes_by', {
        sqlite: `(workspace_id, ${userIdKeyIn('sqlite', GOES_BY)})`,
        postgres: `(workspace_id, (${userIdKeyIn('postgres', GOES_BY)}))`,
      }),
    ],
  },
)

/** The moves of each bot, for whoever wants to know later what became of it. */
export const botMove = table(
  'bot_move',
  {
    workspace_id: text(),
    bot_id: text(),
    /** Counts the moves of the bot. */
    ordinal: big(),
    at: big(),
    from_state: text(),
    to_state: text(),
    reason: text(),
    wxid: orNull(text()),
    attempt: orNull(big()),
    scan: orNull(text()),
    /** So many moves before it were given up. */
    missed: big(),
    /** Who told it, and in which place: so that a move that is told twice is kept once. */
    fence: big(),
    seq: big(),
  },
  {
    key: ['workspace_id', 'bot_id', 'ordinal'],
    references: [{ to: bot, columns: ['workspace_id', 'bot_id'] }],
    // Retention sweeps over all workspaces.
    indexes: [index('bot_move_at', '(at)')],
  },
)

export const contact = table(
  'contact',
  {
    workspace_id: text(),
    bot_id: text(),
    wxid: text(),
    name: text(),
    alias: orNull(text()),
    avatar_url: text(),
    gender: small<0 | 1 | 2>(),
    type: small<0 | 1 | 2 | 3>(),
    is_friend: flag(),
    coworker: flag(),
    corporation: orNull(text()),
    handle: orNull(text()),
    union_id: orNull(text()),
  },
  {
    key: ['workspace_id', 'bot_id', 'wxid'],
    references: [{ to: bot, columns: ['workspace_id', 'bot_id'] }],
    indexes: [
      index('contact_handle', '(workspace_id, bot_id, handle) where handle is not null'),
      index('contact_union_id', '(workspace_id, bot_id, union_id) where union_id is not null'),
      // Like `bot_goes_by`. Of coworkers only: they alone are asked for by userId.
      index('contact_user_id', {
        sqlite: `(workspace_id, bot_id, ${userIdKeyIn('sqlite', 'handle')}) where coworker = 1`,
        postgres: `(workspace_id, bot_id, (${userIdKeyIn('postgres', 'handle')})) where coworker = 1`,
      }),
    ],
  },
)
