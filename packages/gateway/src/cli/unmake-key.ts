import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { MASTER_KEY_FILE, MasterKeyMissing } from '../master-key.ts'
import { MasterKeyDiffers } from '../store/workspaces/installation.ts'
import { nameOfDatabase } from './naming-store.ts'

/**
 * Whether a database is new shows only once it is open, and by then a data directory without a master key has been given
 * a fresh one. If the database turns out to be sealed with another, the fresh one goes again: left there, it would look
 * as if data belonged to it. Rejects with {@link MasterKeyMissing} then, and with what `work` rejects with.
 */
export async function unmakingKey<T>(config: Config, work: () => Promise<T>): Promise<T> {
  const { dataDir, databaseUrl, secretKey } = config
  const file = join(dataDir, MASTER_KEY_FILE)
  if (!databaseUrl || secretKey || (await isThere(file))) return work()
  try {
    return await work()
  } catch (failure) {
    if (!(failure instanceof MasterKeyDiffers)) throw failure
    await rm(file, { force: true })
    const name = nameOfDatabase(databaseUrl)
    throw new MasterKeyMissing(
      `没有主密钥: 数据库 ${name} 中已有数据, 请设置当初的 QUNHUB_SECRET_KEY, 或把当初的 ${MASTER_KEY_FILE} 放入 ${dataDir} / ` +
        `the master key is missing: there is data in ${name}; set the QUNHUB_SECRET_KEY that it was made with, or put its ${MASTER_KEY_FILE} into ${dataDir}`,
      { cause: failure },
    )
  }
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )
