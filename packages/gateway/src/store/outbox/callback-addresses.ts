import { SIGNING_SECRETS_MAX, type WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import { inFlightMaxOf } from '../../model/breaker.ts'
import type { Keyring } from '../../model/keyring.ts'
import { hex24, type Random } from '../../system/random.ts'
import type { Database, Queryable } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import type { CallbackAddressTable } from '../schema/tables.ts'
import { forgetBreaker, toBreaker } from './breaker-row.ts'
import { weighWaiting } from './measure-outbox.ts'
import {
  openSecrets,
  type ReceiverHeader,
  type ReceiverSecrets,
  type SigningSecret,
  sealSecrets,
  secretsAt,
} from './receiver-secrets.ts'

/** Where a workspace's callbacks go, and what they are signed with. */
export interface CallbackAddress {
  readonly addressId: string
  readonly baseUrl: string
  /** `whsec_…`, newest first; a callback is signed with each. */
  readonly secrets: readonly string[]
  /** The name of the header that the receiver is sent (CB-13). */
  readonly header: string | null
}

/** What became of it. Headers by their names: their values are never told. */
export interface AddressSet {
  readonly addressId: string
  readonly secret: string
  readonly header: string | null
  readonly formerHeader: string | null
}

/** Whoever sets an address checks it at the door and explains; this one only keeps a bad one out of the store. */
export class CallbackUrlUnusable extends Error {
  override name = 'CallbackUrlUnusable'
}

/** Standard Webhooks asks for 24 to 64 random bytes. */
const SECRET_BYTES = 32

/**
 * Where the workspace's callbacks go from now on, those included that are owed already. The signing secret is made the
 * first time and stays. A header for the receiver is for its origin: another one is never shown it, so it is forgotten unless
 * `header` gives one anew; `header: null` in the answer says that there is none, `formerHeader` names the one that was forgotten. `at` in milliseconds.
 * Rejects with CallbackUrlUnusable unless it is an http or https URL without credentials and fragment.
 */
export async function setCallbackUrl(
  db: Database,
  keyring: Keyring,
  random: Random,
  workspaceId: WorkspaceId,
  baseUrl: string,
  at: number,
  header?: ReceiverHeader,
): Promise<AddressSet> {
  requireUsable(baseUrl)
  return db.write(async tx => {
    const known = await findRow(tx, workspaceId, 'locked')
    if (known) {
      await setBaseUrl(tx, workspaceId, baseUrl)
      if (known.base_url !== baseUrl) await forgetBreaker(tx, { workspaceId, addressId: known.id })
      const secrets = openSecrets(keyring, known.secrets_sealed)
      const kept = header ?? (isSameOrigin(known.base_url, baseUrl) ? secrets.header : null)
      if (kept !== secrets.header) await setSecrets(tx, keyring, known, { ...secrets, header: kept })
      return {
        addressId: known.id,
        secret: secrets.signing[0]!.secret,
        header: kept?.name ?? null,
        formerHeader: kept === null ? (secrets.header?.name ?? null) : null,
      }
    }

    const addressId = hex24(random)
    const secret = newSecret(random)
    const row = { workspace_id: workspaceId, id: addressId, base_url: baseUrl, created_at: at }
    const sealed = sealSecrets(keyring, { signing: [{ secret, until: null }], header: header ?? null })
    await tx.run(
      tx.query
        .insertInto('callback_address')
        .values({ ...row, secrets_sealed: sealed })
        .compile(),
    )
    return { addressId, secret, header: header?.name ?? null, formerHeader: null }
  })
}

/**
 * Undefined when the workspace has none. Secrets that were replaced are among the others until their overlap is over at
 * `now`. Rejects with SealBroken when the secrets cannot be opened.
 */
export async function findCallbackAddress(
  db: Queryable,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  now: number,
): Promise<CallbackAddress | undefined> {
  const row = await findRow(db, workspaceId)
  if (!row || row.base_url === null) return undefined
  const { signing, header } = openSecrets(keyring, row.secrets_sealed)
  const secrets = secretsAt(signing, now)
  return { addressId: row.id, baseUrl: row.base_url, secrets, header: header?.name ?? null }
}

/** How an address is doing. Times in milliseconds. */
export interface AddressState {
  readonly url: string
  readonly breaker: 'closed' | 'open' | 'half-open'
  readonly openUntil: number | null
  readonly inFlightMax: number
  readonly waiting: number
  readonly waitingBytes: number
  readonly oldestOwedAt: number | null
}

/** Undefined when the workspace has no address. Reads every callback that waits, so it is for people, not for loops. */
export async function describeAddress(
  db: Queryable,
  workspaceId: WorkspaceId,
): Promise<AddressState | undefined> {
  const row = await findRow(db, workspaceId)
  if (!row || row.base_url === null) return undefined
  const waiting = await weighWaiting(db, { workspaceId, addressId: row.id })
  return {
    url: row.base_url,
    breaker: row.state,
    openUntil: row.open_until,
    inFlightMax: inFlightMaxOf(toBreaker(row), row.concurrency),
    waiting: waiting.callbacks,
    waitingBytes: waiting.bytes,
    oldestOwedAt: waiting.oldestOwedAt,
  }
}

/**
 * Makes a new signing secret. For `overlapMs` more, callbacks are signed with the former ones as well, so that the
 * receivers may change when it suits them. `endedEarly` are those that had to go sooner, because there were too many; their
 * `until` is what was promised. Undefined when there is no address. `at` in milliseconds.
 */
export function rotateCallbackSecret(
  db: Database,
  keyring: Keyring,
  random: Random,
  workspaceId: WorkspaceId,
  { at, overlapMs }: { at: number; overlapMs: number },
): Promise<{ secret: string; formerUntil: number; endedEarly: SigningSecret[] } | undefined> {
  const secret = newSecret(random)
  const formerUntil = at + overlapMs
  return db.write(async tx => {
    const known = await findRow(tx, workspaceId, 'locked')
    if (!known) return undefined
    const endOf = ({ until }: SigningSecret) => Math.min(until ?? formerUntil, formerUntil)
    const secrets = openSecrets(keyring, known.secrets_sealed)
    const former = secrets.signing.filter(old => endOf(old) > at)
    const kept = former
      .slice(0, SIGNING_SECRETS_MAX - 1)
      .map(old => ({ secret: old.secret, until: endOf(old) }))
    await setSecrets(tx, keyring, known, { ...secrets, signing: [{ secret, until: null }, ...kept] })
    return { secret, formerUntil, endedEarly: former.slice(SIGNING_SECRETS_MAX - 1) }
  })
}

/**
 * The header that the workspace's receiver is sent with each callback from now on (CB-13), those included that are owed
 * already; null: none. Answers what there was before, by name; undefined when there is no address.
 */
export function setReceiverHeader(
  db: Database,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  header: ReceiverHeader | null,
): Promise<{ former: string | null } | undefined> {
  return db.write(async tx => {
    const known = await findRow(tx, workspaceId, 'locked')
    if (!known || known.base_url === null) return undefined
    const secrets = openSecrets(keyring, known.secrets_sealed)
    await setSecrets(tx, keyring, known, { ...secrets, header })
    return { former: secrets.header?.name ?? null }
  })
}

/**
 * The workspace hears nothing from now on, and nothing new is owed to it. What is owed already is held until there is
 * an address again; the secret stays. False when there was no address.
 */
export async function clearCallbackUrl(db: Database, workspaceId: WorkspaceId): Promise<boolean> {
  return db.write(async tx => {
    const known = await findRow(tx, workspaceId)
    if (!known || known.base_url === null) return false
    await setBaseUrl(tx, workspaceId, null)
    return true
  })
}

const requireUsable = (baseUrl: string): void => {
  const url = URL.parse(baseUrl)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new CallbackUrlUnusable('a callback base is an http or https URL')
  if (url.username || url.password || url.hash)
    throw new CallbackUrlUnusable('a callback base has no credentials and no fragment')
}

const isSameOrigin = (one: string | null, other: string): boolean =>
  one !== null && new URL(one).origin === new URL(other).origin

const setSecrets = (
  tx: Queryable,
  keyring: Keyring,
  { workspace_id, id }: Pick<Selectable<CallbackAddressTable>, 'workspace_id' | 'id'>,
  secrets: ReceiverSecrets,
): Promise<number> =>
  tx.run(
    tx.query
      .updateTable('callback_address')
      .set({ secrets_sealed: sealSecrets(keyring, secrets) })
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      .compile(),
  )

const findRow = (
  db: Queryable,
  workspaceId: WorkspaceId,
  lock: 'locked' | 'as-it-is' = 'as-it-is',
): Promise<Selectable<CallbackAddressTable> | undefined> => {
  const read = db.query
    .selectFrom('callback_address')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .limit(1)
  return db.first((lock === 'locked' ? locked(db, read, 'changes') : read).compile())
}

const setBaseUrl = (tx: Queryable, workspaceId: WorkspaceId, baseUrl: string | null): Promise<number> =>
  tx.run(
    tx.query
      .updateTable('callback_address')
      .set({ base_url: baseUrl })
      .where('workspace_id', '=', workspaceId)
      .compile(),
  )

const newSecret = (random: Random): string => `whsec_${random.bytes(SECRET_BYTES).toString('base64')}`
