import type { WorkspaceId } from '@qunhub/wire'
import type { Keyring } from '../../model/keyring.ts'
import type { Receiver } from '../../model/receiver.ts'
import type { Queryable } from '../database/database.ts'
import { openSecrets, secretsAt } from './receiver-secrets.ts'

/**
 * Whom callbacks of the workspace go to, with what is shared with it and told to nobody: the secrets that sign at `now`, and the
 * value of its header. Undefined when there is no address. Rejects with SealBroken when the secrets cannot be opened.
 */
export async function findReceiver(
  db: Queryable,
  keyring: Keyring,
  workspaceId: WorkspaceId,
  now: number,
): Promise<Receiver | undefined> {
  const row = await db.first(
    db.query
      .selectFrom('callback_address')
      .select(['base_url', 'secrets_sealed'])
      .where('workspace_id', '=', workspaceId)
      .limit(1)
      .compile(),
  )
  if (!row || row.base_url === null) return undefined
  const { signing, header } = openSecrets(keyring, row.secrets_sealed)
  return { workspaceId, baseUrl: row.base_url, secrets: secretsAt(signing, now), header }
}
