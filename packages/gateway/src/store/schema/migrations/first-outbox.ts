import type { CallbackState } from '../../../model/callback.ts'
import { big, byDefault, bytes, index, orNull, small, table, text, unique } from './describe-table.ts'
import { workspace } from './first-workspaces.ts'

export const callbackAddress = table(
  'callback_address',
  {
    workspace_id: text(),
    id: text(),
    /** Null once the operator took the address away; the row and its secret stay. */
    base_url: orNull(text()),
    /** The signing secrets, newest first, sealed by the keyring. */
    secrets_sealed: bytes(),
    created_at: big(),
    /** How many callbacks may be in flight (CB-10). */
    concurrency: byDefault(small(), 4),
    /** The breaker (CB-7). */
    state: byDefault(text<'closed' | 'open' | 'half-open'>(), 'closed'),
    open_until: orNull(big()),
    /** How many may be in flight while it recovers; null once it has. */
    ramp: orNull(small()),
    /** How many were delivered since `ramp` last grew. */
    ramp_delivered: byDefault(small(), 0),
  },
  { key: ['workspace_id', 'id'], references: [{ to: workspace, columns: ['workspace_id'] }] },
)

/** A callback base has accepted this kind of callback once: it is known to serve it (CB-6). */
export const acceptedKind = table(
  'accepted_kind',
  {
    workspace_id: text(),
    address_id: text(),
    /** Stands for the base; see accepted-kinds.ts. */
    place: text(),
    kind: text(),
    accepted_at: big(),
  },
  {
    key: ['workspace_id', 'address_id', 'place', 'kind'],
    references: [{ to: callbackAddress, columns: ['workspace_id', 'address_id'] }],
  },
)

/** One row per (address, room) with work: the unit that a courier claims. */
export const lane = table(
  'lane',
  {
    workspace_id: text(),
    address_id: text(),
    lane_key: text(),
    /** When its oldest callback is due; null when nothing is. */
    due_at: orNull(big()),
    /** Grows with every callback that is enqueued, so that a release notices what came meanwhile. */
    gen: byDefault(big(), 0),
    /** Grows with every claim: the fence. */
    token: byDefault(big(), 0),
    owner: orNull(text()),
    lease_until: orNull(big()),
  },
  {
    key: ['workspace_id', 'address_id', 'lane_key'],
    references: [{ to: callbackAddress, columns: ['workspace_id', 'address_id'] }],
    // Of what nobody works on the first tells when to look again, the second what one address may be given next.
    //
    // In PostgreSQL the first one serves only who says `due_at >= 0`, so that nobody is led through the lanes of others.
    // And the second, like `callback_lane`, is without the workspace, of which an address is known to be. Asked by address
    // alone PostgreSQL has no other index to choose; with the workspace in front it took whichever was lower at that moment,
    // among them those through everything that is due, or everything there is, in a workspace, as long as its statistics came
    // from a moment when little was. SQLite is told which index to take.
    indexes: [
      index('lane_due', {
        sqlite: '(due_at) where due_at is not null and owner is null',
        postgres: '(due_at) where due_at >= 0 and owner is null',
      }),
      index('lane_due_of_address', {
        sqlite: '(workspace_id, address_id, due_at) where due_at is not null and owner is null',
        postgres: '(address_id, due_at) where due_at is not null and owner is null',
      }),
      index('lane_owned', '(owner) where owner is not null'),
    ],
  },
)

export const callback = table(
  'callback',
  {
    workspace_id: text(),
    /** Grows; inside a lane the order of ids is the order of commits (CB-8). */
    id: big(),
    webhook_id: text(),
    address_id: text(),
    lane_key: text(),
    kind: text(),
    state: byDefault(text<CallbackState>(), 'due'),
    /** Attempts made so far in this round; a replay starts again from 0. */
    attempt: byDefault(small(), 0),
    due_at: big(),
    body_id: big(),
    owed_at: big(),
    settled_at: orNull(big()),
    /** Faults of ours; they never use up the customer's retries. */
    faults: byDefault(small(), 0),
    /** The replay that made it due again; null in its first life. */
    replay_id: orNull(text()),
  },
  {
    key: ['workspace_id', 'id'],
    references: [{ to: callbackAddress, columns: ['workspace_id', 'address_id'] }],
    // A counter's row would let one write of a workspace wait for the other; on SQLite there is one write at a time.
    sequences: ['callback_id'],
    indexes: [
      unique('callback_webhook_id', { sqlite: '(webhook_id)', postgres: '(workspace_id, webhook_id)' }),
      // Only what is due, so it is short.
      index('callback_lane', {
        sqlite: `(workspace_id, address_id, lane_key, id) where state = 'due'`,
        postgres: `(address_id, lane_key, id) where state = 'due'`,
      }),
      index('callback_state', '(workspace_id, state, id)'),
      // Retention sweeps over all workspaces.
      index('callback_settled_at', '(settled_at) where settled_at is not null'),
      index('callback_replayed', `(workspace_id, replay_id) where replay_id is not null and state = 'due'`),
    ],
  },
)

/** Apart from the callback, so that retention is cheap. Rows of 154 KB make a poor B-tree. */
export const callbackBody = table(
  'callback_body',
  { workspace_id: text(), id: big(), bytes: bytes() },
  { key: ['workspace_id', 'id'], references: [{ to: workspace, columns: ['workspace_id'] }], rowid: true },
)

export const attempt = table(
  'attempt',
  {
    workspace_id: text(),
    callback_id: big(),
    n: small(),
    started_at: big(),
    ms: small(),
    outcome: text(),
    status: orNull(small()),
    error_class: orNull(text()),
    snippet: orNull(text()),
    /** Why there was no answer, in words, where more than the class is known (CB-6). */
    reason: orNull(text()),
  },
  {
    key: ['workspace_id', 'callback_id', 'n'],
    references: [{ to: workspace, columns: ['workspace_id'] }],
  },
)

/** A callback that used up its retries, as long as the breaker counts it (CB-7). */
export const exhaustion = table(
  'exhaustion',
  { workspace_id: text(), address_id: text(), at: big(), callback_id: big() },
  {
    key: ['workspace_id', 'address_id', 'at', 'callback_id'],
    references: [{ to: callbackAddress, columns: ['workspace_id', 'address_id'] }],
  },
)

/** Many callbacks that are made due again, a few at a time and oldest first. */
export const replay = table(
  'replay',
  {
    workspace_id: text(),
    id: text(),
    state: text<'running' | 'paused' | 'done' | 'cancelled'>(),
    /** Which callbacks it is for; null does not matter. */
    only_state: orNull(text()),
    only_kind: orNull(text()),
    only_room: orNull(text()),
    owed_from: orNull(big()),
    owed_until: orNull(big()),
    /** It has looked at every callback up to this one … */
    last_id: big(),
    /** … and ends with this one: what is owed later is not for it. */
    until_id: big(),
    replayed: byDefault(big(), 0),
    created_at: big(),
    ended_at: orNull(big()),
  },
  {
    key: ['workspace_id', 'id'],
    references: [{ to: workspace, columns: ['workspace_id'] }],
    indexes: [index('replay_running', `(workspace_id, id) where state = 'running'`)],
  },
)
