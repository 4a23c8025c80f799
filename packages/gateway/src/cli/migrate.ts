import type { Config } from '../config/config.ts'
import { readMasterKey } from '../master-key.ts'
import { openStore, type Store } from '../store/database/open-store.ts'
import { StoreLocked } from '../store/database/store-error.ts'
import { requireSameKey } from '../store/workspaces/installation.ts'
import { inUse } from './ask.ts'
import { hasStore } from './ask-store.ts'
import { readCliConfig } from './cli-config.ts'
import { requireDataDir } from './data-dir.ts'
import { addExamples } from './examples.ts'
import { leaveHolderNote, removeHolderNote } from './holder-note.ts'
import { nameOfDatabase, namingStore } from './naming-store.ts'
import type { Declare } from './shell.ts'
import { openLongWork } from './show/long-work.ts'
import { renderFacts } from './show/table.ts'
import { json } from './tell.ts'
import { unmakingKey } from './unmake-key.ts'

type Outcome = 'created' | 'migrated' | 'current'

interface MigrateReport {
  readonly dataDir: string
  /** `host:port/name`, where the store is PostgreSQL. */
  readonly database?: string
  readonly outcome: Outcome
  readonly schema: number
  /** What was done now, in order. */
  readonly steps: readonly string[]
}

export const migrateCommand: Declare = (program, shell) => {
  const command = program
    .command('migrate')
    .description(
      '新建数据或升级数据结构: 设有 DATABASE_URL 时为该 PostgreSQL, 否则为数据目录中的内嵌数据库 (须先停止网关); 同时运行几次时由一个完成, 其余等待 / ' +
        'make the store or bring it up to date: PostgreSQL where DATABASE_URL is set, else the embedded store in the data directory (stop the gateway first); of several at once one does it and the others wait',
    )
  addExamples(command, [
    ['升级数据目录里的数据 / bring the data directory up to date', 'qunhub migrate --data-dir ./data'],
  ])
  command.action(async () => {
    const { json: asJson, dataDir } = command.optsWithGlobals<{ json?: true; dataDir?: string }>()
    const config = readCliConfig(shell.env, dataDir)
    const work = openLongWork(asJson ? { err: shell.err } : shell, '升级 migrating', shell.clock)
    const report = await unmakingKey(config, () => bringUpToDate(config)).finally(() => work.end())
    shell.out(asJson ? json(report) : `${show(report, shell.columns)}\n`)
  })
}

/** Makes a new store with its master key, migrates an older one, or finds that there is nothing to do. */
async function bringUpToDate(config: Config): Promise<MigrateReport> {
  const { dataDir, databaseUrl } = config
  await requireDataDir(dataDir, 'work')
  // A file without a schema is what a crash leaves of the very first moment.
  const isThere = !databaseUrl && (await hasStore(dataDir))
  const keyring = await readMasterKey(config)
  const store = await open(config)
  try {
    if (!databaseUrl) await leaveHolderNote(dataDir, { pid: process.pid, command: 'migrate' })
    await requireSameKey(store.db, keyring)
    const { from, to: schema, steps } = store.migrated!
    const outcome = from === schema ? 'current' : from === 0 && !isThere ? 'created' : 'migrated'
    const where = { dataDir, ...(databaseUrl ? { database: nameOfDatabase(databaseUrl) } : {}) }
    return { ...where, outcome, schema, steps }
  } finally {
    if (!databaseUrl) await removeHolderNote(dataDir)
    await store.close()
  }
}

async function open(config: Config): Promise<Store> {
  try {
    return await openStore(config)
  } catch (failure) {
    if (failure instanceof StoreLocked) return inUse(config.dataDir, failure)
    throw namingStore(config, failure)
  }
}

const outcomeWords: Readonly<Record<Outcome, string>> = {
  created: '已新建 / created',
  migrated: '已升级 / migrated',
  current: '已是最新, 未作改动 / up to date, nothing was changed',
}

const show = ({ dataDir, database, outcome, schema, steps }: MigrateReport, width?: number): string =>
  renderFacts(
    [
      ['结果 outcome', outcomeWords[outcome]],
      ['数据结构 schema', steps.length > 0 ? `${schema} (${steps.join(', ')})` : schema],
      database ? ['数据库 database', database] : ['数据目录 data directory', dataDir],
    ],
    width,
  )
