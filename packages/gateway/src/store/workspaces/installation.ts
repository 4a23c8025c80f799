import { type Keyring, SealBroken } from '../../model/keyring.ts'
import type { Database, Queryable } from '../database/database.ts'
import { StoreError } from '../database/store-error.ts'

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
  const kept = (await keptCheck(db)) ?? (await leaveCheck(db, keyring, key_check))
  if (Buffer.compare(kept, key_check) === 0) return
  throw new MasterKeyDiffers(
    '主密钥与数据不符: 须使用当初的主密钥, 所有节点都用同一个, 请检查 QUNHUB_SECRET_KEY 或数据目录中的 secret.key / ' +
      'the store was begun with another master key: every node needs that one; check QUNHUB_SECRET_KEY, or secret.key in the data directory',
  )
}

const keptCheck = async (db: Queryable): Promise<Uint8Array | undefined> =>
  (await db.first(db.query.selectFrom('installation').select('key_check').compile()))?.key_check

/** Where several come at once, the first one's stays. */
function leaveCheck(db: Database, keyring: Keyring, key_check: Uint8Array): Promise<Uint8Array> {
  return db.write(async tx => {
    // A store from before there were traces takes none of a key that does not open what it keeps.
    if (!(await opensWhatIsKept(tx, keyring))) return new Uint8Array()
    await tx.run(
      tx.query
        .insertInto('installation')
        .values({ id: 1, key_check })
        .onConflict(conflict => conflict.doNothing())
        .compile(),
    )
    return (await keptCheck(tx))!
  })
}

async function opensWhatIsKept(tx: Queryable, keyring: Keyring): Promise<boolean> {
  const bot = await tx.first(tx.query.selectFrom('bot').select('token_sealed as sealed').limit(1).compile())
  const address = tx.query.selectFrom('callback_address').select('secrets_sealed as sealed').limit(1)
  const kept = bot ?? (await tx.first(address.compile()))
  if (!kept) return true
  try {
    keyring.open(kept.sealed)
    return true
  } catch (failure) {
    if (failure instanceof SealBroken) return false
    throw failure
  }
}
