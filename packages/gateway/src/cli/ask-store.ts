import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { OperatorReply, VerbName } from '@qunhub/wire'
import type { Config } from '../config.ts'
import { DATABASE_FILE, readMasterKey } from '../master-key.ts'
import { systemClock } from '../model/clock.ts'
import { systemRandom } from '../model/random.ts'
import { runVerb } from '../operator/run-verb.ts'
import { openStore } from '../store/open-store.ts'
import { requireDataDir } from './data-dir.ts'
import { leaveHolderNote, removeHolderNote } from './holder-note.ts'

/** There is no store in the data directory, and what was asked would not make one. */
export class StoreAbsent extends Error {
  override name = 'StoreAbsent'
}

/**
 * Opens the store for one verb, under the same lock that a gateway takes. Only a first workspace makes a new store: a
 * mistyped data directory should not look like an empty one. An older store is not migrated on the way.
 * Throws {@link StoreAbsent} and what readMasterKey and openStore throw; StoreLocked when another process is at work.
 */
export async function askStore(config: Config, name: VerbName, input: unknown): Promise<OperatorReply> {
  const { dataDir } = config
  const isNew = !(await hasStore(dataDir))
  if (isNew && name !== 'add-workspace') {
    throw new StoreAbsent(
      `${dataDir} 中没有数据, 请检查 --data-dir, 或先运行 qunhub serve 或 qunhub workspace add <名称> / ` +
        `there is no store in ${dataDir}: check --data-dir, or first run qunhub serve or qunhub workspace add <name>`,
    )
  }
  await requireDataDir(dataDir, 'work')
  const keyring = await readMasterKey(config)
  const store = await openStore({ dataDir, migrate: isNew })
  try {
    await leaveHolderNote(dataDir, { pid: process.pid, command: name })
    return await runVerb(name, input, {
      db: store.db,
      keyring,
      clock: systemClock,
      random: systemRandom,
      live: null,
    })
  } finally {
    await removeHolderNote(dataDir)
    await store.close()
  }
}

export const hasStore = (dataDir: string): Promise<boolean> =>
  access(join(dataDir, DATABASE_FILE)).then(
    () => true,
    () => false,
  )
