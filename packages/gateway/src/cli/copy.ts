import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { Config } from '../config.ts'
import { ConfigError } from '../config.ts'
import { DATABASE_FILE, readMasterKey } from '../master-key.ts'
import { copyStore, type Progress, proveStore, type TableProof } from '../store/copy-store.ts'
import { requireSameKey } from '../store/installation.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { StoreError, StoreLocked } from '../store/store-error.ts'
import { inUse } from './ask.ts'
import { hasStore, StoreAbsent } from './ask-store.ts'
import { readCliConfig } from './cli-config.ts'
import { requireDataDir } from './data-dir.ts'
import { EXIT_FAILED } from './exit-codes.ts'
import { nameOfDatabase, namingStore } from './naming-store.ts'
import { progressBar } from './progress-bar.ts'
import type { Declare } from './run-cli.ts'
import { renderTable } from './table.ts'
import { json } from './verb-command.ts'

type Kind = 'sqlite' | 'postgres'

/** A copy that is not the same as what it was made of. */
class CopyDiffers extends StoreError {
  override name = 'CopyDiffers'
}

interface CopyReport {
  readonly from: string
  readonly to: string
  readonly tables: readonly (TableProof & { readonly equal: boolean })[]
}

export const copyCommand: Declare = (program, shell, exitWith) => {
  const kind = (flags: string, words: string) =>
    new Option(flags, words).choices(['sqlite', 'postgres']).makeOptionMandatory()
  const command: Command = program
    .command('copy')
    .description(
      '把全部数据搬到另一种数据库并证明两边相等; 须先停止网关. sqlite 指数据目录, postgres 指 DATABASE_URL / ' +
        'move all data to the other kind of store and prove both equal; the gateways must be stopped. sqlite is the data directory, postgres is DATABASE_URL',
    )
    .addOption(kind('--from <store>', '来源 / the source'))
    .addOption(kind('--to <store>', '去处, 须为空 / the target, which must be empty'))
  command.action(async () => {
    const given = command.optsWithGlobals<{ from: Kind; to: Kind; json?: true; dataDir?: string }>()
    const config = readCliConfig(shell.env, given.dataDir)
    const bar = progressBar(process.stderr)
    const report = await copy(config, given, bar.show).finally(() => bar.end())
    shell.out(given.json ? json(report) : `${render(report)}\n`)
    if (report.tables.some(({ equal }) => !equal)) exitWith(EXIT_FAILED)
  })
}

async function copy(
  config: Config,
  { from, to }: { from: Kind; to: Kind },
  onProgress: (progress: Progress) => void,
): Promise<CopyReport> {
  if (from === to)
    throw new ConfigError([`--from, --to: 须是两种 (expected two different stores, not ${from} twice)`])
  if (!config.databaseUrl)
    throw new ConfigError(['DATABASE_URL: 必须设置 (expected postgres://user:password@host:5432/database)'])
  await requireDataDir(config.dataDir, 'work')
  await requireStores(config, from)

  const keyring = await readMasterKey(config)
  const source = await open(config, from, { isTarget: false })
  try {
    await requireSameKey(source.db, keyring)
    const target = await open(config, to, { isTarget: true })
    try {
      return await copyAndProve(config, { source, target, from, to }, onProgress)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function copyAndProve(
  config: Config,
  { source, target, from, to }: { source: Store; target: Store; from: Kind; to: Kind },
  onProgress: (progress: Progress) => void,
): Promise<CopyReport> {
  try {
    await copyStore(source.db, target.db, onProgress)
  } catch (failure) {
    // PostgreSQL undoes it all; what was begun in a file goes with the file.
    if (to === 'sqlite') {
      await target.close()
      for (const end of ['', '-wal', '-shm'])
        await rm(join(config.dataDir, DATABASE_FILE + end), { force: true })
    }
    throw failure
  }
  const [wanted, found] = [await proveStore(source.db), await proveStore(target.db)]
  const tables = wanted.map((proof, at) => {
    const { rows, hash } = found[at]!
    return { ...proof, equal: proof.rows === rows && proof.hash === hash }
  })
  return { from: nameOf(config, from), to: nameOf(config, to), tables }
}

/** The file of the one side must be there, or must not. */
async function requireStores({ dataDir }: Config, from: Kind): Promise<void> {
  const isThere = await hasStore(dataDir)
  if (from === 'sqlite' && !isThere) {
    throw new StoreAbsent(
      `${dataDir} 中没有数据, 请检查 --data-dir / there is no store in ${dataDir}: check --data-dir`,
    )
  }
  if (from === 'postgres' && isThere) {
    throw new CopyDiffers(
      `${dataDir} 中已有数据, 请换一个空的 --data-dir / there is a store in ${dataDir} already: choose an empty --data-dir`,
    )
  }
}

async function open(config: Config, kind: Kind, { isTarget }: { isTarget: boolean }): Promise<Store> {
  const { databaseUrl, databasePool, dataDir } = config
  const where = kind === 'postgres' ? { databaseUrl, connectionsMax: databasePool } : {}
  try {
    return await openStore({ dataDir, ...where, migrate: isTarget })
  } catch (failure) {
    if (failure instanceof StoreLocked) return inUse(dataDir, failure)
    throw namingStore(kind === 'postgres' ? config : { ...config, databaseUrl: undefined }, failure)
  }
}

const nameOf = ({ dataDir, databaseUrl }: Config, kind: Kind): string =>
  kind === 'sqlite' ? dataDir : nameOfDatabase(databaseUrl!)

const render = ({ from, to, tables }: CopyReport): string => {
  const isEqual = tables.every(({ equal }) => equal)
  const table = renderTable(tables, [
    { title: '表 table', cell: proof => proof.table },
    { title: '行数 rows', cell: proof => proof.rows },
    { title: 'sha256', cell: proof => proof.hash.slice(0, 16) },
    { title: '相等 equal', cell: proof => (proof.equal ? '✓' : '✗') },
  ])
  const words = isEqual
    ? `${from} → ${to}: 已复制, 两边相等 / copied, and both are equal`
    : `${from} → ${to}: 两边不相等, 请勿使用这份副本 / the two differ: do not use this copy`
  return `${table}\n\n${words}`
}
