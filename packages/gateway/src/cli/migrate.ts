import type { Config } from '../config.ts'
import { readMasterKey } from '../master-key.ts'
import { migrate } from '../store/migrate.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { StoreLocked, StoreTooOld } from '../store/store-error.ts'
import { inUse } from './ask.ts'
import { hasStore } from './ask-store.ts'
import { readCliConfig } from './cli-config.ts'
import { namingDataDir, requireDataDir } from './data-dir.ts'
import { leaveHolderNote, removeHolderNote } from './holder-note.ts'
import type { Declare } from './run-cli.ts'
import { renderFacts } from './table.ts'
import { json } from './verb-command.ts'

type Outcome = 'created' | 'migrated' | 'current'

interface MigrateReport {
  readonly dataDir: string
  readonly outcome: Outcome
  readonly schema: number
}

export const migrateCommand: Declare = (program, shell) => {
  const command = program
    .command('migrate')
    .description(
      '新建数据或升级数据结构, 须先停止网关 / make the store or bring it up to date; the gateway must be stopped',
    )
  command.action(async () => {
    const { json: asJson, dataDir } = command.optsWithGlobals<{ json?: true; dataDir?: string }>()
    const report = await bringUpToDate(readCliConfig(shell.env, dataDir))
    shell.out(asJson ? json(report) : `${show(report)}\n`)
  })
}

/** Makes a new store with its master key, migrates an older one, or finds that there is nothing to do. */
async function bringUpToDate(config: Config): Promise<MigrateReport> {
  const { dataDir } = config
  await requireDataDir(dataDir, 'work')
  const isNew = !(await hasStore(dataDir))
  await readMasterKey(config)
  const { store, outcome } = await open(dataDir, isNew)
  try {
    await leaveHolderNote(dataDir, { pid: process.pid, command: 'migrate' })
    // Nothing is left to do: it only says which schema the store has.
    const { to: schema } = await migrate(store.db)
    return { dataDir, outcome, schema }
  } finally {
    await removeHolderNote(dataDir)
    await store.close()
  }
}

async function open(dataDir: string, isNew: boolean): Promise<{ store: Store; outcome: Outcome }> {
  try {
    if (isNew) return { store: await openStore({ dataDir }), outcome: 'created' }
    return { store: await openStore({ dataDir, migrate: false }), outcome: 'current' }
  } catch (failure) {
    if (failure instanceof StoreTooOld) return { store: await openStore({ dataDir }), outcome: 'migrated' }
    if (failure instanceof StoreLocked) return inUse(dataDir, failure)
    throw namingDataDir(dataDir, failure)
  }
}

const outcomeWords: Readonly<Record<Outcome, string>> = {
  created: '已新建 / created',
  migrated: '已升级 / migrated',
  current: '已是最新, 未作改动 / up to date, nothing was changed',
}

const show = ({ dataDir, outcome, schema }: MigrateReport): string =>
  renderFacts([
    ['结果 outcome', outcomeWords[outcome]],
    ['数据结构 schema', schema],
    ['数据目录 data directory', dataDir],
  ])
