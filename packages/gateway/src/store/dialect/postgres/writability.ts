import type { Queryable } from '../../database.ts'
import { StoreUnwritable } from '../../store-error.ts'
import type { Transactions } from './transactions.ts'

const MAY_WRITE = {
  sql: `select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as refused`,
  parameters: [],
}

/**
 * Rows enough to make a file longer, which is what fails first on a full disk; a small write would find room on a page that
 * is there. Nothing of them stays.
 */
const TRIAL = {
  sql: `create temporary table qunhub_trial on commit drop as select n, md5(n::text) from generate_series(1, 4000) as n`,
  parameters: [],
}

/**
 * Whether a write would be kept at this moment: one trip that writes nothing. Once a write was not kept, only a real one
 * says that the next would be. Rejects with StoreUnwritable, with StoreAway when the server is not there.
 */
export async function requireWritable(db: Queryable, transactions: Transactions): Promise<void> {
  const answer = await db.first<{ refused: boolean }>(MAY_WRITE)
  if (answer?.refused) throw new StoreUnwritable('the database takes no writes: it is read-only')
  if (!transactions.trouble) return
  await transactions.write(tx => tx.run(TRIAL))
  transactions.forgive()
}
