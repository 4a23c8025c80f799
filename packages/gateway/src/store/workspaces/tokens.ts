import type { TokenRealm, WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import type { Keyring } from '../../model/keyring.ts'
import { hex24, type Random } from '../../system/random.ts'
import type { Database } from '../database/database.ts'
import { TokenTaken } from '../database/store-error.ts'
import type { TokenTable } from '../schema/tables.ts'

/** 256 bits, so that guessing is hopeless. */
const TOKEN_BYTES = 32

export interface TokenRecord {
  readonly id: string
  readonly label: string
  readonly realm: TokenRealm
  readonly createdAt: number
  readonly revokedAt: number | null
}

/**
 * Issues a new token, or takes over an old one that customers use already. The token itself is returned here and never
 * again: the store keeps its HMAC only. Rejects with TokenTaken when the given token was ever issued before.
 */
export async function issueToken(
  db: Database,
  keyring: Keyring,
  random: Random,
  workspaceId: WorkspaceId,
  {
    label,
    at,
    realm = 'api',
    token = random.bytes(TOKEN_BYTES).toString('base64url'),
  }: { label: string; at: number; realm?: TokenRealm; token?: string },
): Promise<{ id: string; token: string }> {
  const id = hex24(random)
  const hash = keyring.hashToken(token)
  await db.write(async tx => {
    const taken = await tx.first(tx.query.selectFrom('token').select('id').where('hash', '=', hash).compile())
    if (taken) throw new TokenTaken('this token was issued before')
    await tx.run(
      tx.query
        .insertInto('token')
        .values({ workspace_id: workspaceId, id, hash, label, realm, created_at: at })
        .compile(),
    )
  })
  return { id, token }
}

/** Whose token this is; undefined when it was never issued, is revoked (G-4), or opens another realm. */
export async function findToken(
  db: Database,
  keyring: Keyring,
  token: string,
  realm: TokenRealm = 'api',
): Promise<{ tokenId: string; workspaceId: WorkspaceId; label: string } | undefined> {
  const row = await db.first(db.hot.findToken(keyring.hashToken(token)))
  if (row?.realm !== realm) return undefined
  return { tokenId: row.id, workspaceId: row.workspace_id as WorkspaceId, label: row.label }
}

export interface FoundCaller {
  readonly token: string
  readonly tokenId: string
  readonly workspaceId: WorkspaceId
  /**
   * Another one as soon as a list of the workspace may show something else than it did when the token was found. Undefined while an
   * older node shares the store, which does not count it.
   */
  readonly edition?: number | string
}

/** Who shows these tokens of the API, by token; of those that are not good, nobody. */
export async function findCallers(
  db: Database,
  keyring: Pick<Keyring, 'hashToken'>,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, FoundCaller>> {
  // Taken before anything is read: what changes meanwhile makes it another one.
  const editionHere = db.edition()
  const hashes = tokens.map(token => keyring.hashToken(token))
  const rows = await db.all(db.hot.callersOf(hashes))
  const byHash = new Map(rows.map(row => [hexOf(row.hash), row]))
  const found = new Map<string, FoundCaller>()
  for (const [at, token] of tokens.entries()) {
    const row = byHash.get(hexOf(hashes[at]!))
    if (row?.realm !== 'api') continue
    const edition = editionHere ?? (row.edition === null ? undefined : `${db.timeline()} ${row.edition}`)
    const caller = { token, tokenId: row.id, workspaceId: row.workspace_id as WorkspaceId }
    found.set(token, edition === undefined ? caller : { ...caller, edition })
  }
  return found
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Oldest first, the revoked ones too. */
export async function listTokens(db: Database, workspaceId: WorkspaceId): Promise<TokenRecord[]> {
  const rows = await db.all(
    db.query
      .selectFrom('token')
      .select(['id', 'label', 'realm', 'created_at', 'revoked_at'])
      .where('workspace_id', '=', workspaceId)
      .orderBy('created_at')
      .orderBy('id')
      .compile(),
  )
  return rows.map(toTokenRecord)
}

/** From the commit on the token is refused. False when there is no such token, or it was revoked before. */
export async function revokeToken(
  db: Database,
  workspaceId: WorkspaceId,
  tokenId: string,
  at: number,
): Promise<boolean> {
  const revoked = await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('token')
        .set({ revoked_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', tokenId)
        .where('revoked_at', 'is', null)
        .compile(),
    ),
  )
  return revoked === 1
}

const toTokenRecord = (row: Omit<Selectable<TokenTable>, 'workspace_id' | 'hash'>): TokenRecord => ({
  id: row.id,
  label: row.label,
  realm: row.realm as TokenRealm,
  createdAt: row.created_at,
  revokedAt: row.revoked_at,
})
