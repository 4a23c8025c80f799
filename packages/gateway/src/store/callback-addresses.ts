import type { WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import type { Keyring } from '../model/keyring.ts'
import { hex24, type Random } from '../model/random.ts'
import type { Database, Queryable } from './database.ts'
import type { CallbackAddressTable } from './tables.ts'

/** Where a workspace's callbacks go, and what they are signed with. */
export interface CallbackAddress {
  readonly addressId: string
  readonly baseUrl: string
  /** `whsec_…`, newest first; a callback is signed with each. */
  readonly secrets: readonly string[]
}

/** Whoever sets an address checks it at the door and explains; this one only keeps a bad one out of the store. */
export class CallbackUrlUnusable extends Error {
  override name = 'CallbackUrlUnusable'
}

/** Standard Webhooks asks for 24 to 64 random bytes. */
const SECRET_BYTES = 32

/**
 * Where the workspace's callbacks go from now on, those included that are owed already. The signing secret is made the
 * first time and stays. `at` in milliseconds.
 * Rejects with CallbackUrlUnusable unless it is an http or https URL without credentials and fragment.
 */
export async function setCallbackUrl(
  db: Database,
  keyring: Keyring,
  random: Random,
  workspaceId: WorkspaceId,
  baseUrl: string,
  at: number,
): Promise<{ addressId: string; secret: string }> {
  requireUsable(baseUrl)
  return db.write(async tx => {
    const known = await findRow(tx, workspaceId)
    if (known) {
      await setBaseUrl(tx, workspaceId, baseUrl)
      return { addressId: known.id, secret: openSecrets(keyring, known)[0]! }
    }

    const addressId = hex24(random)
    const secret = `whsec_${random.bytes(SECRET_BYTES).toString('base64')}`
    const row = { workspace_id: workspaceId, id: addressId, base_url: baseUrl, created_at: at }
    const sealed = keyring.seal(secret)
    await tx.run(
      tx.query
        .insertInto('callback_address')
        .values({ ...row, secrets_sealed: sealed })
        .compile(),
    )
    return { addressId, secret }
  })
}

/** Undefined when the workspace has none. Rejects with SealBroken when its secrets cannot be opened. */
export async function findCallbackAddress(
  db: Queryable,
  keyring: Keyring,
  workspaceId: WorkspaceId,
): Promise<CallbackAddress | undefined> {
  const row = await findRow(db, workspaceId)
  if (!row || row.base_url === null) return undefined
  return { addressId: row.id, baseUrl: row.base_url, secrets: openSecrets(keyring, row) }
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

const findRow = (
  db: Queryable,
  workspaceId: WorkspaceId,
): Promise<Selectable<CallbackAddressTable> | undefined> =>
  db.first(
    db.query
      .selectFrom('callback_address')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .limit(1)
      .compile(),
  )

const setBaseUrl = (tx: Queryable, workspaceId: WorkspaceId, baseUrl: string | null): Promise<number> =>
  tx.run(
    tx.query
      .updateTable('callback_address')
      .set({ base_url: baseUrl })
      .where('workspace_id', '=', workspaceId)
      .compile(),
  )

// Sealed as one text, so that the store does not even show how many there are.
const openSecrets = (keyring: Keyring, row: Pick<CallbackAddressTable, 'secrets_sealed'>): string[] =>
  keyring.open(row.secrets_sealed).split(' ')
