import type { Queryable } from '../../database/database.ts'
import { StoreUnwritable } from '../../database/store-error.ts'
import type { Transactions } from './transactions.ts'

const MAY_WRITE = {
  sql: `select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as refused`,
  parameters: [],
}

/**
 * A row so long that a file must grow for it, which is what fails first on a full disk; a small write would find room on a
 * page that is there. Into a table that this role writes anyway, for it may be allowed nothing else; the long value lies
 * apart from the rows, so that reading them costs what it did. It goes in the same write, so nobody sees it.
 */
const TRIAL_ID = `'trial ' || pg_backend_pid()`
const TRIAL = [
  `insert into node (id, address, entered, beat)
   select ${TRIAL_ID}, string_agg(md5(random()::text), ''), 0, 0 from generate_series(1, 8000)`,
  `delete from node where id = ${TRIAL_ID}`,
]

/**
 * Whether a write would be kept at this moment: one trip that writes nothing. Once a write was not kept, only a real one
 * says that the next would be. Rejects with StoreUnwritable, with StoreAway when the server is not there.
 */
export async function requireWritable(db: Queryable, transactions: Transactions): Promise<void> {
  const answer = await db.first<{ refused: boolean }>(MAY_WRITE)
  if (answer?.refused) throw new StoreUnwritable('the database takes no writes: it is read-only')
  if (!transactions.trouble) return
  await transactions.write(async tx => {
    for (const sql of TRIAL) await tx.run({ sql, parameters: [] })
  })
  transactions.forgive()
}
