import { MINUTE_MS, SECOND_MS, sleep, systemClock } from '../../system/clock.ts'
import type { Database, Queryable } from '../database/database.ts'
import { StoreBusy, StoreOutgrown, StoreTooNew, StoreTooOld } from '../database/store-error.ts'
import { migrations as released } from './migrations/all.ts'
import type { Migration } from './migrations/migration.ts'

export interface Migrated {
  /** 0 is an empty store. */
  readonly from: number
  readonly to: number
  /** The names of the steps that were taken now, in order. */
  readonly steps: readonly string[]
}

/**
 * How long a step waits for a table that somebody reads. Whoever wants the same table after it waits behind it, so it must
 * be less than a statement of a running gateway may take.
 */
const TABLE_WAIT_MAX_MS = 1500
/** Meanwhile whoever waited behind it gets on. */
const TABLE_WAIT_AGAIN_MS = 3 * SECOND_MS
const MIGRATE_MAX_MS = 30 * MINUTE_MS

/**
 * Brings the schema up to date, all steps in one transaction, and says what was done; nothing when it already was.
 * When several nodes start at once, one does it and the others wait. Nodes that still run meanwhile go on: a table that is
 * in use for long is let go and tried again, for half an hour.
 * Rejects with StoreTooNew or StoreOutgrown, having changed nothing, when a newer Qunhub wrote the store, or one from before
 * the first release; with StoreBusy after that half hour.
 */
export async function migrate(
  db: Database,
  { migrations = released, at = systemClock.now() }: { migrations?: readonly Migration[]; at?: number } = {},
): Promise<Migrated> {
  const giveUpAt = systemClock.now() + MIGRATE_MAX_MS
  for (;;) {
    try {
      return await migrateOnce(db, migrations, at)
    } catch (failure) {
      if (!(failure instanceof StoreBusy) || systemClock.now() >= giveUpAt) throw failure
    }
    await sleep(systemClock, TABLE_WAIT_AGAIN_MS)
  }
}

function migrateOnce(db: Database, migrations: readonly Migration[], at: number): Promise<Migrated> {
  return db.exclusively(async tx => {
    if (tx.dialect === 'postgres')
      await tx.run({ sql: `set local lock_timeout = ${TABLE_WAIT_MAX_MS}`, parameters: [] })
    await makeVersionTable(tx)
    const from = await schemaVersion(tx, migrations)
    const to = newest(migrations)
    refuseNewer(from, to)
    const missing = migrations.filter(({ version }) => version > from)
    for (const { version, name, [tx.dialect]: statements } of missing) {
      for (const sql of statements) await tx.run({ sql, parameters: [] })
      await tx.run(tx.query.insertInto('schema_version').values({ version, name, applied_at: at }).compile())
    }
    return { from, to, steps: missing.map(({ name }) => name) }
  })
}

/**
 * Rejects with StoreTooNew, StoreTooOld or StoreOutgrown unless the schema is the one that this code was written for. Changes nothing,
 * not even in an empty database.
 */
export async function requireNewestSchema(
  db: Database,
  migrations: readonly Migration[] = released,
): Promise<void> {
  // Not before somebody else has ended who is just changing it.
  const found = await db.exclusively(async tx =>
    (await hasVersionTable(tx)) ? schemaVersion(tx, migrations) : 0,
  )
  const known = newest(migrations)
  refuseNewer(found, known)
  if (found === known) return
  throw new StoreTooOld(
    `数据结构版本 ${found} 需要升级到 ${known}, 请先运行 qunhub migrate / the store has schema ${found}, this Qunhub needs ${known}: run qunhub migrate`,
    found,
  )
}

const makeVersionTable = (tx: Queryable): Promise<number> =>
  tx.run({
    sql: `create table if not exists schema_version (
      version integer not null primary key, name text not null, applied_at bigint not null)`,
    parameters: [],
  })

// The catalogue of tables is the one thing that every dialect words in its own way.
async function hasVersionTable(tx: Queryable): Promise<boolean> {
  const sql =
    tx.dialect === 'postgres'
      ? `select 1 where to_regclass('schema_version') is not null`
      : `select 1 from sqlite_master where type = 'table' and name = 'schema_version'`
  return (await tx.first({ sql, parameters: [] })) !== undefined
}

async function schemaVersion(tx: Queryable, migrations: readonly Migration[]): Promise<number> {
  const taken = await tx.all(
    tx.query.selectFrom('schema_version').select(['version', 'name']).orderBy('version').compile(),
  )
  const found = taken.at(-1)?.version ?? 0
  refuseOutgrown(found, taken[0]?.name, migrations[0]?.name)
  return found
}

/** Who still has data of the twelve steps that stood here before the first release finds its way out with this one. */
const LAST_COMMIT_OF_THE_TWELVE_STEPS = '4d81cca'

// They were numbered from 1 as well; but the first one had another name.
const refuseOutgrown = (found: number, first: string | undefined, known: string | undefined): void => {
  if (found === 0 || first === known) return
  throw new StoreOutgrown(
    `数据由首个发布版之前的 Qunhub 写入 (数据结构版本 ${found}), 当前程序不能读取或升级, 数据未作改动; 最后一个能复制它的提交是 ${LAST_COMMIT_OF_THE_TWELVE_STEPS}, 见 docs/release-notes.md / ` +
      `the store was written before the first release (schema ${found}) and is neither read nor migrated; nothing was changed. The last commit able to copy it is ${LAST_COMMIT_OF_THE_TWELVE_STEPS}: see docs/release-notes.md`,
  )
}

const refuseNewer = (found: number, known: number): void => {
  if (found <= known) return
  throw new StoreTooNew(
    `数据由更新版本的 Qunhub 写入: 数据结构版本 ${found}, 当前程序只认识 ${known}, 请升级程序 / the store has schema ${found}, this Qunhub knows ${known}: use a newer Qunhub`,
  )
}

const newest = (migrations: readonly Migration[]): number => migrations.at(-1)?.version ?? 0
