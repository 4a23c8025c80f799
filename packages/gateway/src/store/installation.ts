import type { Keyring } from '../model/keyring.ts'
import type { Database } from './database.ts'
import { StoreError } from './store-error.ts'

/** The store was sealed with another master key: no token would be known, and no secret open. */
export class MasterKeyDiffers extends StoreError {
  override name = 'MasterKeyDiffers'
}

const KNOWN_TEXT = 'qunhub master key'

/**
 * Makes sure that every node has the master key with which the store was begun; the first one leaves a trace of it that
 * tells nothing about it. Rejects with MasterKeyDiffers.
 */
export async function requireSameKey(db: Database, keyring: Keyring): Promise<void> {
  const key_check = keyring.hashToken(KNOWN_TEXT)
  const kept = await db.write(async tx => {
    await tx.run(
      tx.query
        .insertInto('installation')
        .values({ id: 1, key_check })
        .onConflict(conflict => conflict.doNothing())
        .compile(),
    )
    return tx.first(tx.query.selectFrom('installation').select('key_check').compile())
  })
  if (Buffer.compare(kept!.key_check, key_check) === 0) return
  throw new MasterKeyDiffers(
    '主密钥与数据库不符: 所有节点须使用同一个 QUNHUB_SECRET_KEY / the store was begun with another master key: every node needs the same QUNHUB_SECRET_KEY',
  )
}
