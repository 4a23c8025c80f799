import { type Command, Option } from 'commander'
import { type Config, ConfigError } from '../config/config.ts'
import { readMasterKey } from '../master-key.ts'
import type { Keyring } from '../model/keyring.ts'
import { openDraftStore } from '../store/copy/copy-draft.ts'
import type { TableComparison } from '../store/copy/copy-proof.ts'
import { CopyDiffers, copyStore, type Watching } from '../store/copy/copy-store.ts'
import type { Database } from '../store/database/database.ts'
import { openStore, type Store } from '../store/database/open-store.ts'
import { StoreLocked, StoreTooOld } from '../store/database/store-error.ts'
import { requireSameKey } from '../store/workspaces/installation.ts'
import { inUse } from './ask.ts'
import { hasStore, StoreAbsent } from './ask-store.ts'
import { readCliConfig } from './cli-config.ts'
import { requireDataDir } from './data-dir.ts'
import { addExamples } from './examples.ts'
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts'
import { leaveHolderNote, removeHolderNote } from './holder-note.ts'
import { nameOfDatabase, namingStore } from './naming-store.ts'
import type { Declare, Shell } from './shell.ts'
import { openProgressBar } from './show/progress-bar.ts'
import { renderTable } from './show/table.ts'
import { json } from './tell.ts'
import { unmakingKey } from './unmake-key.ts'

type Kind = 'sqlite' | 'postgres'

interface CopyReport {
  readonly from: string
  readonly to: string
  /** Whether the copy was kept. */
  readonly equal: boolean
  readonly tables: readonly TableComparison[]
}

interface CopyOptions {
  readonly from: Kind
  readonly to: Kind
  readonly json?: true
  readonly dataDir?: string
}

export const copyCommand: Declare = (program, shell, exitWith) => {
  const kind = (flags: string, words: string) =>
    new Option(flags, words).choices(['sqlite', 'postgres']).makeOptionMandatory()
  const command: Command = program
    .command('copy')
    .description(
      '把全部数据复制到另一种数据库, 证明两边相等后才保留; 须先停止所有网关, 主密钥须相同. sqlite 指数据目录, postgres 指 DATABASE_URL; 来源不作改动 / ' +
        'copy all data to the other kind of store and keep the copy only when both are proved equal; every gateway must be stopped, the master key the same. sqlite is the data directory, postgres is DATABASE_URL; the source stays as it is',
    )
    .addOption(kind('--from <store>', '来源 / the source'))
    .addOption(kind('--to <store>', '目标, 须为空 / the target, which must be empty'))
  addExamples(command, [
    ['从 SQLite 搬到 PostgreSQL / move from SQLite to PostgreSQL', 'qunhub copy --from sqlite --to postgres'],
  ])
  command.action(async () => {
    const options = command.optsWithGlobals<CopyOptions>()
    const report = await watch(shell, options, watching =>
      copy(readCliConfig(shell.env, options.dataDir), options, watching),
    )
    shell.out(options.json ? json(report) : `${render(report, shell.columns)}\n`)
    if (!report.equal && !options.json) shell.err(`${new CopyDiffers(report.tables).message}\n`)
    exitWith(report.equal ? EXIT_DONE : EXIT_FAILED)
  })
}

/** Programs that asked for JSON are shown no progress: on stderr they expect nothing but a refusal. */
async function watch<T>(
  shell: Shell,
  { json: asJson }: CopyOptions,
  work: (watching: Watching) => Promise<T>,
): Promise<T> {
  if (asJson) return work({ onCopied() {}, onCompared() {} })
  const bar = openProgressBar(shell)
  try {
    return await work({
      onCopied: progress => bar.show('复制 copy', progress),
      onCompared: progress => bar.show('核对 compare', progress),
    })
  } finally {
    bar.end()
  }
}

async function copy(
  config: Config,
  { from, to }: Pick<CopyOptions, 'from' | 'to'>,
  watching: Watching,
): Promise<CopyReport> {
  if (from === to)
    throw new ConfigError([
      `--from, --to: 须是两种, 给出的都是 ${from} (expected two different stores; given: ${from} twice)`,
    ])
  if (!config.databaseUrl)
    throw new ConfigError([
      'DATABASE_URL: 必须设置, 没有给出 (expected postgres://user:password@host:5432/database; nothing was given)',
    ])
  await requireDataDir(config.dataDir, 'work')
  const names = { from: nameOf(config, from), to: nameOf(config, to) }
  try {
    return { ...names, equal: true, tables: await carryOut(config, from, watching) }
  } catch (failure) {
    if (failure instanceof CopyDiffers) return { ...names, equal: false, tables: failure.tables }
    if (failure instanceof StoreLocked) return inUse(config.dataDir, failure)
    // Whichever side it was: the database may go away and the disk fill up in the midst of it.
    throw namingStore(config, failure)
  }
}

const carryOut = (config: Config, from: Kind, watching: Watching): Promise<readonly TableComparison[]> =>
  from === 'sqlite' ? fromSqlite(config, watching) : unmakingKey(config, () => fromPostgres(config, watching))

async function fromSqlite(config: Config, watching: Watching): Promise<readonly TableComparison[]> {
  const { dataDir } = config
  if (!(await hasStore(dataDir))) {
    throw new StoreAbsent(
      `${dataDir} 中没有数据, 请检查 --data-dir / there is no store in ${dataDir}: check --data-dir`,
    )
  }
  const keyring = await readMasterKey(config)
  const source = await openSource({ ...config, databaseUrl: undefined })
  try {
    await leaveHolderNote(dataDir, { pid: process.pid, command: 'copy' })
    await requireSameKey(source.db, keyring)
    const target = await openTarget(config, keyring)
    try {
      return await copyStore(source.db, target.db, watching)
    } finally {
      await target.close()
    }
  } finally {
    await removeHolderNote(dataDir)
    await source.close()
  }
}

async function fromPostgres(config: Config, watching: Watching): Promise<readonly TableComparison[]> {
  const draft = await openDraftStore(config.dataDir)
  try {
    await leaveHolderNote(config.dataDir, { pid: process.pid, command: 'copy' })
    const source = await openSource(config)
    try {
      const keyring = await readMasterKey(config)
      for (const db of [source.db, draft.db]) await requireSameKey(db, keyring)
      const tables = await copyStore(source.db, draft.db, watching)
      await draft.keep()
      return tables
    } finally {
      await source.close()
    }
  } finally {
    await removeHolderNote(config.dataDir)
    await draft.close()
  }
}

/** As it is: whoever copies does not want the source changed. */
async function openSource(config: Config): Promise<Store> {
  try {
    return await openStore({ ...config, connectionsMax: config.databasePool, migrate: false })
  } catch (failure) {
    throw failure instanceof StoreTooOld ? sourceTooOld(config, failure) : namingStore(config, failure)
  }
}

function sourceTooOld({ dataDir, databaseUrl }: Config, tooOld: StoreTooOld): Error {
  if (tooOld.found === 0 && databaseUrl) {
    const name = nameOfDatabase(databaseUrl)
    return new StoreAbsent(
      `数据库 ${name} 中没有数据, 请检查 DATABASE_URL / there is no store in ${name}: check DATABASE_URL`,
      { cause: tooOld },
    )
  }
  // With DATABASE_URL set, migrate would look after the other side.
  if (databaseUrl) return tooOld
  return new StoreTooOld(
    `${dataDir} 的数据结构版本 ${tooOld.found} 过旧, 请先在不设 DATABASE_URL 时运行 qunhub migrate / ` +
      `the store in ${dataDir} has the older schema ${tooOld.found}: first run qunhub migrate without DATABASE_URL`,
    tooOld.found,
  )
}

/** An empty database becomes a store; one with an older schema is somebody's, and is left alone. */
async function openTarget(
  config: Config,
  keyring: Keyring,
): Promise<{ db: Database; close(): Promise<void> }> {
  const settings = { ...config, connectionsMax: config.databasePool }
  try {
    const store = await openStore({ ...settings, migrate: false }).catch(failure => {
      if (failure instanceof StoreTooOld && failure.found === 0) return openStore(settings)
      throw failure
    })
    await requireSameKey(store.db, keyring).catch(async failure => {
      await store.close()
      throw failure
    })
    return store
  } catch (failure) {
    throw namingStore(config, failure)
  }
}

const nameOf = ({ dataDir, databaseUrl }: Config, kind: Kind): string =>
  kind === 'sqlite' ? dataDir : nameOfDatabase(databaseUrl!)

const render = ({ from, to, equal, tables }: CopyReport, width?: number): string => {
  const table = renderTable(
    tables,
    [
      { title: '表 table', cell: ({ table }) => table },
      { title: '行数 rows', cell: ({ from, to, equal }) => (equal ? to.rows : `${from.rows} ≠ ${to.rows}`) },
      { title: 'sha256', cell: ({ to }) => to.hash.slice(0, 16) },
      { title: '相等 equal', cell: ({ equal }) => (equal ? '✓' : '✗') },
    ],
    width,
  )
  return equal ? `${table}\n\n${from} → ${to}: 已复制, 两边相等 / copied, and both are equal` : table
}
